//! Every route, without a key and with another team's.

use anyhow::{Context, Result, bail};
use entities::alert::{self, NewAlert};
use entities::enrichment::{self, NewEnrichment, Origin};
use entities::merge::{Kind, Merge, review};
use entities::provider_call::{self, Ask, CallSubject, Claim, PointKey};
use entities::pull::schedule::{self, NewSchedule};
use entities::pull::{self, NewPull};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tests::{TestApp, a_team, lists};

use super::{outreach, replies};

fn method(name: &str) -> Method {
    name.parse().unwrap_or(Method::GET)
}

#[tokio::test]
async fn without_a_key_no_route_answers() -> Result<()> {
    let app = TestApp::without_worker(tests::Services::shared().await).await?;
    let routes = api::routes();
    assert!(routes.len() >= 20, "{routes:?}");
    for (name, path) in &routes {
        let path = path.replace("{id}", "src_01J9ZW4Q0C3T5V7X9YABCDEFGH");
        for key in [None, Some("rk_wrong"), Some("")] {
            let mut request = app.anonymous(method(name), &path);
            if let Some(key) = key {
                request = request.bearer_auth(key);
            }
            let response = request.json(&json!({})).send().await?;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{name} {path} with {key:?}");
            let kind = response.headers()["content-type"].to_str()?.to_owned();
            assert!(kind.starts_with("application/problem+json"), "{name} {path}: {kind}");
        }
    }
    Ok(())
}

/// A pair of a team's people that waits for a decision.
async fn a_review(app: &TestApp, team: &tests::Team) -> Result<String> {
    let mut tx = app.db.team_bulk(team.id).await?;
    let people: Vec<(uuid::Uuid,)> =
        tx.all(sqlx::query_as("SELECT id FROM personas ORDER BY id LIMIT 2")).await?;
    let (Some((one,)), Some((other,))) = (people.first(), people.last()) else { bail!("nobody") };
    let pair = Merge {
        survivor: *one,
        merged: *other,
        score: 0.6,
        weight: Some(1.0),
        rule_set: "persons/1".to_owned(),
        evidence: json!([]),
    };
    review::propose(&mut tx, Kind::Persona, &[pair], entities::fresh_id()).await?;
    tx.commit().await?;
    let page = app.get(team, "/v1/merge-reviews").await?;
    Ok(page["items"][0]["id"].as_str().with_context(|| format!("a review: {page}"))?.to_owned())
}

/// A run of one of a team's leads that nobody has begun.
async fn an_enrichment(app: &TestApp, team: &tests::Team) -> Result<String> {
    let tx = app.db.team(team.id).await?;
    let new = NewEnrichment {
        what: json!({}),
        wanted: json!({}),
        origin: Origin::Request,
        campaign: None,
        budget: None,
        created_by: Some(team.user),
    };
    let run = enrichment::create(&tx, new).await?;
    tx.commit().await?;
    Ok(run.id.to_string())
}

/// A pull of a team that nobody has begun.
async fn a_pull(app: &TestApp, team: &tests::Team) -> Result<String> {
    let question = tests::pulls::question();
    let tx = app.db.team(team.id).await?;
    let new = NewPull {
        source: "batchdata".to_owned(),
        query_sig: question.signature(),
        pull_params: serde_json::to_value(&question)?,
        schedule: None,
        most_pages: None,
        created_by: Some(team.user),
    };
    let pull = pull::create(&tx, new).await?;
    tx.commit().await?;
    Ok(pull.id.to_string())
}

/// A list that a team pulls again and again.
async fn a_schedule(app: &TestApp, team: &tests::Team) -> Result<String> {
    let question = tests::pulls::question();
    let tx = app.db.team(team.id).await?;
    let new = NewSchedule {
        source: "batchdata".to_owned(),
        query_sig: question.signature(),
        pull_params: serde_json::to_value(&question)?,
        most_pages: None,
        every_hours: 24,
        created_by: Some(team.user),
    };
    let made = schedule::create(&tx, new).await?;
    tx.commit().await?;
    Ok(made.id.to_string())
}

/// Something a person of a team should see to.
async fn an_alert(app: &TestApp, team: &tests::Team) -> Result<String> {
    let mut tx = app.db.team_bulk(team.id).await?;
    let new = NewAlert { kind: "budget.threshold", subject: "team", detail: &json!({}), dedup_key: "b1" };
    alert::raise(&mut tx, new).await?;
    tx.commit().await?;
    let page = app.get(team, "/v1/alerts?open=true").await?;
    Ok(page["items"][0]["id"].as_str().with_context(|| format!("an alert: {page}"))?.to_owned())
}

/// A call that a team has claimed.
async fn a_call(app: &TestApp, team: &tests::Team) -> Result<String> {
    let ask = Ask {
        provider: "batchdata",
        product: "contact",
        request_hash: [1; 32],
        subject: CallSubject::Point(PointKey::of("somebody")),
        enrichment: None,
        claimed_by: "a test",
        lease: std::time::Duration::from_secs(600),
    };
    let mut tx = app.db.team_bulk(team.id).await?;
    let claimed = provider_call::claim(&mut tx, &ask).await?;
    tx.commit().await?;
    match claimed {
        Claim::Claimed { call, .. } => Ok(call.to_string()),
        other => bail!("nobody else claims it: {other:?}"),
    }
}

/// What belongs to one team does not exist for another: 404, not 403, which would say that it is there.
#[tokio::test]
async fn what_is_another_teams_does_not_exist() -> Result<()> {
    let app = TestApp::start().await?;
    let (ours, theirs) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    let upload = app.import(&ours, "list.csv", lists::list(60, 41).0).await?;
    let first = async |path: &str| -> Result<String> {
        let page = app.get(&ours, path).await?;
        Ok(page["items"][0]["id"].as_str().with_context(|| format!("{path}: {page}"))?.to_owned())
    };
    let (lead, block) = (first("/v1/leads").await?, first("/v1/blocks").await?);
    let bucket = first("/v1/buckets").await?;
    let shown = app.get(&ours, &format!("/v1/leads/{lead}")).await?;
    let id_of =
        |field: &str| shown[field].as_str().map(str::to_owned).with_context(|| format!("{field}: {shown}"));
    let (business, persona) = (id_of("business_id")?, id_of("persona_id")?);
    let review = a_review(&app, &ours).await?;
    let enrichment = an_enrichment(&app, &ours).await?;
    let pull = a_pull(&app, &ours).await?;
    let (schedule, call) = (a_schedule(&app, &ours).await?, a_call(&app, &ours).await?);
    let alert = an_alert(&app, &ours).await?;
    let outreach = outreach::things(&app, &ours).await?;
    let replies = replies::things(&app, &ours).await?;
    let nobody = "nobody".to_owned();
    let upload = upload["id"].as_str().context("an id")?.to_owned();

    let mut tried = 0;
    for (name, path) in api::routes() {
        if !path.contains('{') {
            continue;
        }
        let id = [
            ("/uploads/", &upload),
            ("/leads/", &lead),
            ("/blocks/", &block),
            ("/buckets/", &bucket),
            ("/businesses/", &business),
            ("/personas/", &persona),
            ("/merge-reviews/", &review),
            ("/enrichments/", &enrichment),
            ("/pulls/", &pull),
            ("/pull-schedules/", &schedule),
            ("/provider-calls/", &call),
            // Vendors are everybody's; this is none.
            ("/providers/", &nobody),
            ("/alerts/", &alert),
        ]
        .into_iter()
        .chain(outreach.iter().chain(&replies).map(|(part, id)| (*part, id)))
        .find_map(|(part, id)| path.contains(part).then_some(id))
        .with_context(|| format!("a thing of ours for {path}; add it here"))?;
        let (from, to) = (path.find('{').unwrap_or_default(), path.find('}').unwrap_or_default() + 1);
        let path = format!("{}{id}{}", &path[..from], &path[to..]);
        let response = app.request(&theirs, method(name), &path).json(&json!({})).send().await?;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name} {path} with another team's key");
        // A bucket's index is written by a sweep, in its own time.
        if name == "GET" && !path.contains("/buckets/") {
            let response = app.request(&ours, Method::GET, &path).send().await?;
            assert!(response.status().is_success(), "{path} with our key: {}", response.status());
        }
        tried += 1;
    }
    assert!(tried >= 10, "only {tried} routes with an id");
    // Lists are empty.
    for path in [
        "/v1/uploads",
        "/v1/leads",
        "/v1/blocks",
        "/v1/failures",
        "/v1/mapping-profiles",
        "/v1/buckets",
        "/v1/merge-reviews",
        "/v1/enrichments",
        "/v1/pulls",
        "/v1/campaigns",
        "/v1/templates",
        "/v1/senders",
        "/v1/number-orders",
        "/v1/sdr-profiles",
        "/v1/suppressions",
        "/v1/consents",
        "/v1/kill-switches",
        "/v1/webhooks",
        "/v1/webhook-endpoints",
        "/v1/alerts",
        "/v1/campaigns/calendar",
        "/v1/inbox",
        "/v1/call-queue",
        "/v1/call-workers",
        "/v1/tasks",
        "/v1/canned-replies",
        "/v1/deliverables",
        "/v1/follow-ups",
    ] {
        let page = app.get(&theirs, path).await?;
        assert_eq!(page["items"].as_array().map(Vec::len), Some(0), "{path}: {page}");
    }
    Ok(())
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_back() -> Result<()> {
    let app = TestApp::without_worker(tests::Services::shared().await).await?;
    let team = a_team().with(|settings| settings.requests_per_minute_user = 5).create(&app.admin).await?;
    let mut refused = None;
    for _ in 0..20 {
        let response = app.request(&team, Method::GET, "/v1/uploads").send().await?;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.context("the limit is never reached")?;
    let wait: u64 = refused.headers()["retry-after"].to_str()?.parse()?;
    assert!((1..=60).contains(&wait), "{wait}");
    // Another team is not kept waiting.
    let other = a_team().create(&app.admin).await?;
    assert!(app.request(&other, Method::GET, "/v1/uploads").send().await?.status().is_success());
    Ok(())
}
