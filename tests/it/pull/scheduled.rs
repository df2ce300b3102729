//! Lists that are pulled again and again.

use anyhow::{Context, Result};
use domain::id::TypedId as _;
use reqwest::Method;
use sandbox::Settings;
use serde_json::{Value, json};
use tests::vendors::PATIENCE;
use tests::wait_until;

use super::scene;

const COUNT: &str = "SELECT count(*) FROM pulls WHERE team_id = $1 AND state = 'completed'";

#[tokio::test]
async fn a_list_is_pulled_again_when_it_is_due_until_the_schedule_ends() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    let body = json!({ "source": "batchdata", "zip_codes": ["46601"], "schedule": { "every_hours": 24 } });
    let ask = || app.request(&team, Method::POST, "/v1/pulls").json(&body).send();
    let response = ask().await?;
    assert_eq!(response.status(), 202, "{}", response.text().await?);
    wait_until("the first pull is through", PATIENCE, || async {
        app.count(&team, COUNT).await.is_ok_and(|pulls| pulls == 1)
    })
    .await;
    let response = ask().await?;
    let (status, problem) = (response.status(), response.text().await?);
    assert_eq!(status, 409, "{problem}");
    assert!(problem.contains("scheduled"), "{problem}");

    let shown = app.get(&team, "/v1/pull-schedules").await?;
    let schedule = &shown["items"][0];
    let id = schedule["id"].as_str().with_context(|| format!("a schedule: {shown}"))?;
    assert!(schedule["next_at"].is_string() && schedule["last_pull"].is_string(), "{shown}");

    // Three days pass without anybody looking.
    sandbox.publish(5);
    let due = "UPDATE pull_schedules SET next_at = next_at - interval '3 days' WHERE team_id = $1";
    sqlx::query(due).bind(team.id.uuid()).execute(app.admin.pool()).await?;
    wait_until("it is pulled again", PATIENCE, || async {
        app.count(&team, COUNT).await.is_ok_and(|pulls| pulls == 2)
    })
    .await;
    let pulls = app.get(&team, "/v1/pulls").await?;
    let second = &pulls["items"][0];
    assert_eq!((&second["schedule"], &second["leads_new"]), (&json!(id), &json!(5)), "{pulls}");
    let ahead = "SELECT count(*) FROM pull_schedules WHERE team_id = $1 AND next_at > now() AND next_at < now() + interval '1 day'";
    assert_eq!(app.count(&team, ahead).await?, 1, "what was missed is not made up for");

    let path = format!("/v1/pull-schedules/{id}");
    for _ in 0..2 {
        let response = app.request(&team, Method::DELETE, &path).send().await?;
        assert_eq!(response.status(), 200);
        let ended: Value = response.json().await?;
        assert!(ended["ended_at"].is_string() && ended["next_at"].is_null(), "{ended}");
    }
    assert_eq!(ask().await?.status(), 202, "the question may be scheduled anew");
    Ok(())
}

#[tokio::test]
async fn hours_that_are_none_are_refused() -> Result<()> {
    let (app, team, _sandbox) = scene(Settings::default()).await?;
    for hours in [0, 10_000] {
        let body =
            json!({ "source": "batchdata", "zip_codes": ["46601"], "schedule": { "every_hours": hours } });
        let response = app.request(&team, Method::POST, "/v1/pulls").json(&body).send().await?;
        assert_eq!(response.status(), 422, "{hours}");
    }
    assert_eq!(app.count(&team, "SELECT count(*) FROM pulls WHERE team_id = $1").await?, 0);
    Ok(())
}
