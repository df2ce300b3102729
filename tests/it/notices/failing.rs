//! Endpoints that do not take what they are told.

use anyhow::Result;
use domain::id::TypedId as _;
use serde_json::Value;
use tests::campaigns::PATIENCE;
use tests::{Services, Team, TestApp, a_team, wait_until};

use super::ear::Ear;
use super::{endpoint, happens, scene, try_out};

async fn notices(app: &TestApp, team: &Team, path: &str) -> Result<Vec<Value>> {
    let page = app.get(team, &format!("{path}/notices")).await?;
    Ok(page["items"].as_array().cloned().unwrap_or_default())
}

async fn state(app: &TestApp, team: &Team, path: &str) -> Option<String> {
    let shown = app.get(team, path).await.ok()?;
    shown["state"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn what_was_not_taken_is_told_again_under_the_same_id() -> Result<()> {
    let (app, team) = scene().await?;
    let ear = Ear::that_answers(&[503]).await?;
    let (path, secret) = endpoint(&app, &team, &ear.url, &[]).await?;
    happens(&app, &team, "campaign.paused", "c1").await?;
    wait_until("it is told twice", PATIENCE, || async { ear.heard().len() == 2 }).await;
    let heard = ear.heard();
    assert_eq!(heard[0].id, heard[1].id);
    heard[1].is_signed_by(&secret)?;
    wait_until("it is in order again", PATIENCE, || async {
        state(&app, &team, &path).await.as_deref() == Some("active")
    })
    .await;
    let told = notices(&app, &team, &path).await?;
    assert_eq!((told.len(), told[0]["attempts"].as_i64()), (1, Some(2)), "{told:?}");
    assert_eq!(counted(&app).await?, ["failed 1", "given_up 0", "told 1"]);
    Ok(())
}

/// What `/metrics` says of endpoints.
async fn counted(app: &TestApp) -> Result<Vec<String>> {
    let text = app.anonymous(reqwest::Method::GET, "/metrics").send().await?.text().await?;
    let lines =
        text.lines().filter_map(|line| line.strip_prefix("refinery_endpoint_notices_total{outcome=\""));
    Ok(lines.map(|line| line.replace("\"}", "")).collect())
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_told_nothing_until_it_takes_a_test() -> Result<()> {
    let (app, team) = scene().await?;
    let ear = Ear::that_answers(&[410]).await?;
    let (path, _) = endpoint(&app, &team, &ear.url, &[]).await?;
    happens(&app, &team, "campaign.paused", "c1").await?;
    wait_until("it is disabled", PATIENCE, || async {
        state(&app, &team, &path).await.as_deref() == Some("disabled")
    })
    .await;
    let alerts = "SELECT count(*) FROM alerts WHERE team_id = $1 AND kind = 'webhook_endpoint.disabled'";
    assert_eq!(app.count(&team, alerts).await?, 1, "a person hears of it");
    happens(&app, &team, "campaign.running", "c2").await?;
    try_out(&app, &team, &path).await?;
    wait_until("it is in order again", PATIENCE, || async {
        state(&app, &team, &path).await.as_deref() == Some("active")
    })
    .await;
    happens(&app, &team, "campaign.completed", "c3").await?;
    wait_until("it is told again", PATIENCE, || async { ear.heard().len() >= 3 }).await;
    assert_eq!(ear.kinds(), ["campaign.paused", "webhook_endpoint.test", "campaign.completed"]);
    Ok(())
}

#[tokio::test]
async fn an_endpoint_that_fails_for_days_is_given_up_and_what_waits_with_it() -> Result<()> {
    let (app, team) = scene().await?;
    let ear = Ear::that_answers(&[500; 20]).await?;
    let (path, _) = endpoint(&app, &team, &ear.url, &[]).await?;
    happens(&app, &team, "campaign.paused", "c1").await?;
    wait_until("it fails", PATIENCE, || async {
        state(&app, &team, &path).await.as_deref() == Some("failing")
    })
    .await;
    sqlx::query("UPDATE webhook_endpoints SET failing_since = now() - interval '6 days' WHERE team_id = $1")
        .bind(team.id.uuid())
        .execute(app.admin.pool())
        .await?;
    happens(&app, &team, "campaign.running", "c2").await?;
    wait_until("it is disabled", PATIENCE, || async {
        state(&app, &team, &path).await.as_deref() == Some("disabled")
    })
    .await;
    let states: Vec<_> =
        notices(&app, &team, &path).await?.into_iter().map(|told| told["state"].clone()).collect();
    assert_eq!(states, ["given_up", "given_up"]);
    let counted = counted(&app).await?;
    assert!(
        counted.contains(&"given_up 2".to_owned()) && counted.contains(&"told 0".to_owned()),
        "{counted:?}"
    );
    let alerts = "SELECT count(*) FROM alerts WHERE team_id = $1 AND kind = 'webhook_endpoint.disabled'";
    assert_eq!(app.count(&team, alerts).await?, 1);
    Ok(())
}

#[tokio::test]
async fn machines_of_private_networks_are_told_nothing_unless_the_operator_allows_it() -> Result<()> {
    let mut app = TestApp::without_worker(Services::shared().await).await?;
    app.start_worker()?;
    let team = a_team().create(&app.admin).await?;
    let ear = Ear::that_answers(&[]).await?;
    for url in [ear.url.clone(), ear.url.replace("127.0.0.1", "localhost")] {
        let (path, _) = endpoint(&app, &team, &url, &[]).await?;
        try_out(&app, &team, &path).await?;
        wait_until("it is refused", PATIENCE, || async {
            let told = notices(&app, &team, &path).await.unwrap_or_default();
            told.iter().any(|told| told["failure"].as_str().is_some_and(|why| why.contains("private")))
        })
        .await;
    }
    assert!(ear.heard().is_empty());
    Ok(())
}
