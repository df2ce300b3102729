//! `Idempotency-Key`: what is sent twice under one key is done once, and answered alike.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use providers::object_store::KeyPrefix;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tests::{Services, Snapshot, Team, TestApp, a_team, lists};

/// What is posted.
struct Post {
    path: &'static str,
    kind: &'static str,
    body: Vec<u8>,
    /// The status of what was done.
    done: StatusCode,
    /// The table that has one row more then.
    table: &'static str,
}

impl Post {
    fn upload(list: impl Into<Vec<u8>>) -> Self {
        let (path, kind) = ("/v1/uploads?filename=list.csv", "text/csv");
        Self { path, kind, body: list.into(), done: StatusCode::ACCEPTED, table: "data_sources" }
    }

    fn lead(company: &str, phone: &str) -> Self {
        let lead = json!({ "company": company, "contact": "Rosa Lopez", "phone": phone });
        let (path, kind) = ("/v1/leads", "application/json");
        Self { path, kind, body: lead.to_string().into(), done: StatusCode::CREATED, table: "leads" }
    }

    fn block(name: &str) -> Self {
        let block = json!({ "name": name, "max_leads": 1 });
        let (path, kind) = ("/v1/blocks", "application/json");
        Self { path, kind, body: block.to_string().into(), done: StatusCode::CREATED, table: "blocks" }
    }

    async fn send(&self, app: &TestApp, team: &Team, key: &str) -> Result<Response> {
        let request = app.request(team, Method::POST, self.path).header("content-type", self.kind);
        Ok(request.header("idempotency-key", key).body(self.body.clone()).send().await?)
    }
}

/// An answer, by what a caller goes by.
#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    location: Option<String>,
    body: Value,
}

/// The answer, and whether it was one that was given before.
async fn answer(response: Response) -> Result<(Answer, bool)> {
    let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
    let (status, location) = (response.status(), header("location"));
    let replayed = header("idempotency-replayed").is_some();
    Ok((Answer { status, location, body: response.json().await? }, replayed))
}

/// How many rows the team has of what a post makes.
async fn made(app: &TestApp, team: &Team, post: &Post) -> Result<usize> {
    Ok(Snapshot::of(&app.admin, team).await?.count(post.table))
}

/// A team with some leads that no block holds.
async fn team_with_leads(app: &TestApp) -> Result<Team> {
    let team = a_team().create(&app.admin).await?;
    for (company, phone) in [("Bravo Roofing", "512-555-0177"), ("Cole Bakery", "512-555-0178")] {
        let lead = json!({ "company": company, "phone": phone });
        app.request(&team, Method::POST, "/v1/leads").json(&lead).send().await?.error_for_status()?;
    }
    Ok(team)
}

#[tokio::test]
async fn twice_is_once_with_the_same_answer_and_something_else_is_refused() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = team_with_leads(&app).await?;
    let list = String::from_utf8(lists::list(20, 91).0)?;
    // As long as the other one: only what is in it tells them apart.
    let corrected = list.replacen("LLC", "INC", 1);
    let cases = [
        (Post::upload(list), Post::upload(corrected)),
        (Post::lead("Acme Plumbing", "(512) 555-0142"), Post::lead("Acme Plumbing", "(512) 555-0143")),
        (Post::block("Tuesday"), Post::block("Friday")),
    ];
    for (post, other) in cases {
        let before = made(&app, &team, &post).await?;
        let (first, replayed) = answer(post.send(&app, &team, post.path).await?).await?;
        assert_eq!((first.status, replayed), (post.done, false), "{first:?}");
        let (second, replayed) = answer(post.send(&app, &team, post.path).await?).await?;
        assert!(replayed && second == first, "{first:?}\nthen {second:?}");
        assert!(first.location.is_some(), "{first:?}");
        assert_eq!(made(&app, &team, &post).await?, before + 1, "{}", post.path);

        let (refused, _) = answer(other.send(&app, &team, post.path).await?).await?;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        assert_eq!(refused.body["code"], "http.idempotency_mismatch", "{refused:?}");
        assert_eq!(made(&app, &team, &post).await?, before + 1, "{}", post.path);

        // Under a key of its own it is another request.
        let (done, _) = answer(other.send(&app, &team, &format!("{} 2", post.path)).await?).await?;
        assert_eq!(done.status, post.done, "{done:?}");
        assert_eq!(made(&app, &team, &post).await?, before + 2, "{}", post.path);
    }
    Ok(())
}

#[tokio::test]
async fn at_the_same_time_is_once_too() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = team_with_leads(&app).await?;
    for post in [
        Post::upload(lists::list(20, 92).0),
        Post::lead("Acme Plumbing", "(512) 555-0142"),
        Post::block("Tuesday"),
    ] {
        let before = made(&app, &team, &post).await?;
        let sent = futures::future::try_join_all((0..6).map(|_| post.send(&app, &team, post.path))).await?;
        let mut answers = Vec::new();
        for response in sent {
            answers.push(answer(response).await?);
        }
        let done: Vec<&Answer> =
            answers.iter().map(|(answer, _)| answer).filter(|answer| answer.status == post.done).collect();
        let first = done.first().with_context(|| format!("{} was not done: {answers:?}", post.path))?;
        assert!(done.iter().all(|answer| answer == first), "{done:?}");
        let anew = answers.iter().filter(|(answer, replayed)| answer.status == post.done && !replayed);
        assert_eq!(anew.count(), 1, "{answers:?}");
        for (waiting, _) in answers.iter().filter(|(answer, _)| answer.status != post.done) {
            assert_eq!(waiting.status, StatusCode::CONFLICT, "{waiting:?}");
            assert_eq!(waiting.body["code"], "http.idempotency_in_flight", "{waiting:?}");
        }
        assert_eq!(made(&app, &team, &post).await?, before + 1, "{}", post.path);
    }
    let objects = app.store.list(&KeyPrefix::raw_uploads(team.id)).await?;
    assert_eq!(objects.len(), 2, "the list and what is said of it: {objects:?}");
    Ok(())
}

#[tokio::test]
async fn a_key_is_a_teams_own_and_free_again_after_a_refusal() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (ours, theirs) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    let mut ids = BTreeMap::new();
    for team in [&ours, &theirs] {
        let (done, replayed) =
            answer(Post::lead("Acme Plumbing", "(512) 555-0142").send(&app, team, "key").await?).await?;
        assert_eq!((done.status, replayed), (StatusCode::CREATED, false), "{done:?}");
        ids.insert(done.body["id"].to_string(), ());
    }
    assert_eq!(ids.len(), 2, "each has one of its own");

    // Nothing fits: nothing was done, and the same key may be used when something does.
    let post = Post { body: json!({ "name": "None", "min_leads": 2 }).to_string().into(), ..Post::block("") };
    let refused = post.send(&app, &ours, "block").await?;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let lead = json!({ "company": "Bravo Roofing", "phone": "512-555-0177" });
    app.request(&ours, Method::POST, "/v1/leads").json(&lead).send().await?.error_for_status()?;
    let (done, replayed) = answer(post.send(&app, &ours, "block").await?).await?;
    assert_eq!((done.status, replayed), (StatusCode::CREATED, false), "{done:?}");
    Ok(())
}

/// What is shown once is shown again to whoever repeats the request, and to nobody who reads the table.
#[tokio::test]
async fn an_answer_that_shows_a_secret_is_kept_encrypted() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    for (path, body, shown) in [
        ("/v1/webhook-endpoints", json!({ "url": "https://crm.example.com/x" }), "secret"),
        (
            "/v1/webhooks",
            json!({ "provider": "signalhouse", "public_url": "https://refinery.example.com" }),
            "url",
        ),
    ] {
        let post = || {
            let request = app.request(&team, Method::POST, path).header("idempotency-key", path);
            request.json(&body).send()
        };
        let first: Value = post().await?.error_for_status()?.json().await?;
        let again = post().await?.error_for_status()?;
        assert!(again.headers().contains_key("idempotency-replayed"), "{path}");
        assert_eq!(again.json::<Value>().await?, first, "{path}");
        let secret = first[shown].as_str().context("what is shown once")?;
        let stored: String =
            sqlx::query_scalar("SELECT response::text FROM idempotency_keys WHERE team_id = $1 AND key = $2")
                .bind(domain::id::TypedId::uuid(team.id))
                .bind(path)
                .fetch_one(app.admin.pool())
                .await?;
        assert!(!stored.contains(secret) && stored.contains("sealed"), "{path}: {stored}");
    }
    Ok(())
}
