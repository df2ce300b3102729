//! The inbox over HTTP: two people, one conversation; what is put right; what is looked at as it changes.

use anyhow::{Context, Result};
use chrono::Utc;
use entities::conversation::{self, Opened};
use entities::membership::Role;
use entities::message::{self, Received};
use entities::{admin, api_key};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Services, Team, TestApp, a_team};
use uuid::Uuid;

/// A message of somebody whom nobody has written to.
async fn a_reply(app: &TestApp, team: &Team, from: &str) -> Result<Opened> {
    let external_id = Uuid::new_v4().to_string();
    let received = Received {
        channel: "sms",
        provider: "signalhouse",
        external_id: &external_id,
        from,
        to: "+15125550100",
        body: "Who is this?",
        classification: None,
    };
    let mut tx = app.db.team_bulk(team.id).await?;
    let kept = message::receive(&mut tx, &received, Utc::now()).await?.context("it is new")?;
    let opened = conversation::of_message(&mut tx, &received, &kept, Utc::now()).await?;
    tx.commit().await?;
    Ok(opened)
}

async fn colleague(app: &TestApp, team: &Team, role: Role) -> Result<Team> {
    let word = Uuid::new_v4().simple().to_string();
    let user = admin::create_user(&app.admin, &format!("{word}@example.com"), "Colleague").await?;
    admin::add_member(&app.admin, team.id, user, role).await?;
    let scopes = [api_key::Scope::Read, api_key::Scope::Write];
    let (_, secret) = admin::create_key(&app.admin, team.id, user, "inbox", &scopes).await?;
    Ok(Team { id: team.id, user, key: secret.expose().to_owned() })
}

async fn post(app: &TestApp, team: &Team, path: &str, body: Value) -> Result<(StatusCode, Value)> {
    let response = app.request(team, Method::POST, path).json(&body).send().await?;
    Ok((response.status(), response.json().await?))
}

#[tokio::test]
async fn whoever_claims_second_is_told_who_has_it() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let ours = a_team().create(&app.admin).await?;
    let other = colleague(&app, &ours, Role::Operator).await?;
    let looks = colleague(&app, &ours, Role::Viewer).await?;
    let opened = a_reply(&app, &ours, "+15125560001").await?;
    let path = |verb: &str| format!("/v1/inbox/{}/{verb}", opened.item);

    let (status, item) = post(&app, &ours, &path("claim"), json!({})).await?;
    assert_eq!((status, item["claimed_by"].as_str()), (StatusCode::OK, Some(ours.user.to_string().as_str())));
    for (verb, body) in [
        ("claim", json!({})),
        ("assign", json!({ "user": other.user })),
        ("archive", json!({})),
        ("snooze", json!({ "until": "2099-01-01T00:00:00Z" })),
        ("move", json!({ "bucket": "objections", "why": "asks" })),
        ("reclassify", json!({ "intent": "question", "why": "asks" })),
    ] {
        let (status, problem) = post(&app, &other, &path(verb), body).await?;
        assert_eq!(status, StatusCode::CONFLICT, "{verb}: {problem}");
        let detail = problem["detail"].as_str().context("a detail")?;
        assert!(detail.contains(&ours.user.to_string()), "{verb} says who: {detail}");
    }
    let (status, _) = post(&app, &looks, &path("claim"), json!({})).await?;
    assert_eq!(status, StatusCode::FORBIDDEN, "a viewer looks");
    assert!(app.request(&looks, Method::GET, "/v1/inbox").send().await?.status().is_success());

    let (status, _) = post(&app, &ours, &path("release"), json!({})).await?;
    assert_eq!(status, StatusCode::OK);
    let (status, item) = post(&app, &other, &path("assign"), json!({ "user": other.user })).await?;
    assert_eq!(
        (status, item["assigned_to"].as_str()),
        (StatusCode::OK, Some(other.user.to_string().as_str()))
    );
    let mine = app.get(&other, "/v1/inbox?assigned=me").await?;
    assert_eq!(mine["items"].as_array().map(Vec::len), Some(1));
    let nobodys = app.get(&other, "/v1/inbox?assigned=nobody").await?;
    assert_eq!(nobodys["items"].as_array().map(Vec::len), Some(0));
    Ok(())
}

#[tokio::test]
async fn a_person_who_reads_an_opt_out_stops_everything() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let opened = a_reply(&app, &team, "+15125560002").await?;
    let path = format!("/v1/inbox/{}/reclassify", opened.item);
    let (status, problem) = post(&app, &team, &path, json!({ "intent": "opt_out" })).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "why is wanted: {problem}");
    let (status, problem) = post(&app, &team, &path, json!({ "intent": "whatever", "why": "x" })).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let said = json!({ "intent": "opt_out", "why": "wants to be left alone" });
    let (status, item) = post(&app, &team, &path, said).await?;
    assert_eq!(status, StatusCode::OK, "{item}");
    assert_eq!(
        (item["bucket"].as_str(), item["conversation_state"].as_str()),
        (Some("do_not_contact"), Some("held"))
    );
    let page = app.get(&team, "/v1/suppressions").await?;
    assert_eq!(page["items"][0]["reason"], "opt_out", "{page}");
    Ok(())
}

#[tokio::test]
async fn bad_questions_are_named() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    for query in ["status=open", "assigned=somebody", "cursor=x", "limit=0", "bucket=mine", "colour=red"] {
        let response = app.request(&team, Method::GET, &format!("/v1/inbox?{query}")).send().await?;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
    let counts = app.get(&team, "/v1/inbox/counts").await?;
    assert_eq!(counts["items"].as_array().map(Vec::len), Some(5), "every bucket, also those that are empty");
    Ok(())
}

#[tokio::test]
async fn changes_come_by_themselves() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let mut response = app.request(&team, Method::GET, "/v1/inbox/events").send().await?;
    assert!(response.status().is_success());
    let opened = a_reply(&app, &team, "+15125560003").await?;
    let wanted = opened.item.to_string();
    let mut heard = String::new();
    let listening = async {
        while !heard.contains(&wanted) {
            let chunk = response.chunk().await?.context("the stream ended")?;
            heard.push_str(&String::from_utf8_lossy(&chunk));
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(std::time::Duration::from_secs(120), listening).await??;
    assert!(heard.contains("event: inbox"), "{heard}");
    Ok(())
}

#[tokio::test]
async fn canned_replies_tasks_and_calls_are_made_and_ended() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let canned =
        json!({ "name": "When", "body": "Hi {{first_name|there}}, when may I call?", "tags": ["call"] });
    let (status, made) = post(&app, &team, "/v1/canned-replies", canned.clone()).await?;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (status, _) = post(&app, &team, "/v1/canned-replies", canned).await?;
    assert_eq!(status, StatusCode::CONFLICT, "names differ");
    let (status, problem) =
        post(&app, &team, "/v1/canned-replies", json!({ "name": "x", "body": "Hi {{nobody}}" })).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let path = format!("/v1/canned-replies/{}", made["id"].as_str().context("an id")?);
    let text = json!({ "name": "When", "body": "When may I call?" });
    let written: Value = app.request(&team, Method::PUT, &path).json(&text).send().await?.json().await?;
    assert_eq!(written["version"], 2, "{written}");
    let away = app.request(&team, Method::DELETE, &path).send().await?.status();
    assert_eq!(away, StatusCode::NO_CONTENT);
    assert_eq!(app.get(&team, "/v1/canned-replies").await?["items"].as_array().map(Vec::len), Some(0));

    let (status, task) = post(
        &app,
        &team,
        "/v1/tasks",
        json!({ "title": "Call Ann", "priority": "high", "assigned_to": team.user }),
    )
    .await?;
    assert_eq!(status, StatusCode::CREATED, "{task}");
    let end = format!("/v1/tasks/{}/done", task["id"].as_str().context("an id")?);
    let (status, done) = post(&app, &team, &end, json!({ "notes": "reached" })).await?;
    assert_eq!((status, done["state"].as_str()), (StatusCode::OK, Some("done")));
    let (status, _) = post(&app, &team, &end, json!({})).await?;
    assert_eq!(status, StatusCode::CONFLICT);

    let worker = format!("/v1/call-workers/{}", team.user);
    let skills = json!({ "skills": ["Spanish"], "most": 3 });
    let shown: Value = app.request(&team, Method::PUT, &worker).json(&skills).send().await?.json().await?;
    assert_eq!((shown["skills"][0].as_str(), shown["load"].as_i64()), (Some("spanish"), Some(0)), "{shown}");
    let away = app.request(&team, Method::DELETE, &worker).send().await?.status();
    assert_eq!(away, StatusCode::NO_CONTENT);
    Ok(())
}

#[tokio::test]
async fn rules_are_made_tried_stopped_and_put_away() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let rules = app.get(&team, "/v1/follow-up-rules").await?;
    assert_eq!(rules["items"].as_array().map(Vec::len), Some(4), "{rules}");
    let rule = json!({
        "name": "ask again", "trigger": "question_unanswered", "after_minutes": 30,
        "actions": [{ "do": "create_task", "title": "Answer", "priority": "high" }],
    });
    let (status, run) =
        post(&app, &team, "/v1/follow-up-rules/dry-run", json!({ "rule": rule, "days": 7 })).await?;
    assert_eq!((status, run["occasions"].as_i64()), (StatusCode::OK, Some(0)), "{run}");
    let (status, made) = post(&app, &team, "/v1/follow-up-rules", rule.clone()).await?;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (status, _) = post(&app, &team, "/v1/follow-up-rules", rule.clone()).await?;
    assert_eq!(status, StatusCode::CONFLICT);
    let mut wrong = rule;
    wrong["actions"] = json!([]);
    let (status, problem) = post(&app, &team, "/v1/follow-up-rules", wrong).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");

    let id = made["id"].as_str().context("an id")?;
    let switch = async |body: Value| {
        let response = app.request(&team, Method::PUT, "/v1/follow-ups/switches").json(&body).send().await?;
        let (status, answer): (_, Value) = (response.status(), response.json().await?);
        anyhow::Ok((status, answer["items"].as_array().map(Vec::len)))
    };
    assert_eq!(switch(json!({ "rule": id, "stopped": true })).await?.0, StatusCode::UNPROCESSABLE_ENTITY);
    let stop = json!({ "rule": id, "stopped": true, "reason": "a drill" });
    assert_eq!(switch(stop).await?, (StatusCode::OK, Some(1)));
    assert_eq!(app.get(&team, &format!("/v1/follow-up-rules/{id}")).await?["stopped"], true);
    assert_eq!(switch(json!({ "stopped": true, "reason": "all of it" })).await?, (StatusCode::OK, Some(2)));
    assert_eq!(switch(json!({ "rule": id, "stopped": false })).await?, (StatusCode::OK, Some(1)));
    let away =
        app.request(&team, Method::DELETE, &format!("/v1/follow-up-rules/{id}")).send().await?.status();
    assert_eq!(away, StatusCode::NO_CONTENT);
    assert_eq!(app.get(&team, "/v1/follow-ups").await?["items"].as_array().map(Vec::len), Some(0));
    Ok(())
}
