//! What a team's own programs are told: by whom, how often, and whom nobody tells anything.

mod ear;
mod failing;
mod told;

use anyhow::{Context, Result, ensure};
use entities::outbox::{self, NewNotice};
use providers::notice::NoticeSettings;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Services, Team, TestApp, a_team};

/// The system with a worker that may tell machines of this computer.
async fn scene() -> Result<(TestApp, Team)> {
    let mut app = TestApp::without_worker(Services::shared().await).await?;
    app.worker_config.notices = NoticeSettings { private_addresses: true };
    app.start_worker()?;
    let team = a_team().create(&app.admin).await?;
    Ok((app, team))
}

/// Makes an endpoint; answers its path and its secret.
async fn endpoint(app: &TestApp, team: &Team, url: &str, kinds: &[&str]) -> Result<(String, String)> {
    let body = json!({ "url": url, "kinds": kinds });
    let response = app.request(team, Method::POST, "/v1/webhook-endpoints").json(&body).send().await?;
    let (status, made): (_, Value) = (response.status(), response.json().await?);
    ensure!(status == 201, "{status}: {made}");
    let id = made["id"].as_str().context("an id")?;
    Ok((format!("/v1/webhook-endpoints/{id}"), made["secret"].as_str().context("a secret")?.to_owned()))
}

/// Something happens in a team.
async fn happens(app: &TestApp, team: &Team, kind: &str, key: &str) -> Result<()> {
    let mut tx = app.db.team_bulk(team.id).await?;
    let payload = json!({ "campaign": "cmp_1" });
    outbox::put(&mut tx, NewNotice { kind, dedup_key: key, payload: &payload }).await?;
    tx.commit().await?;
    Ok(())
}

/// Has an endpoint tried.
async fn try_out(app: &TestApp, team: &Team, path: &str) -> Result<()> {
    let response = app.request(team, Method::POST, &format!("{path}/test")).send().await?;
    ensure!(response.status() == 202, "{}", response.status());
    Ok(())
}
