//! Stages that take longer than they may raise one alert each.

use anyhow::Result;
use domain::id::{DataSourceId, TeamId, TypedId as _};
use entities::{Database, fresh_id, service_level};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Services, Team, TestApp, a_team};

async fn raised(app: &TestApp, team: TeamId) -> Result<u64> {
    let mut tx = app.db.team_bulk(team).await?;
    let raised = service_level::raise_breaches(&mut tx).await?;
    tx.commit().await?;
    Ok(raised)
}

/// A file in this state, taken in so long ago.
async fn a_file(admin: &Database, team: TeamId, status: &str, minutes: i32) -> Result<DataSourceId> {
    let id: DataSourceId = fresh_id();
    sqlx::query(
        "INSERT INTO data_sources (team_id, id, status, original_name, object_key, metadata_key, size_bytes, sha256, created_at,
                started_at)
         VALUES ($1, $2, $3, 'list.csv', 'x', 'y', 1, 'z', now() - make_interval(mins => $4),
                CASE WHEN $3 = 'processing' THEN now() - make_interval(mins => $4) END)",
    )
    .bind(team.uuid())
    .bind(id.uuid())
    .bind(status)
    .bind(minutes)
    .execute(admin.pool())
    .await?;
    Ok(id)
}

/// A piece of a stage of a file, from one minute to another, both before now.
async fn a_piece(
    admin: &Database,
    team: TeamId,
    file: DataSourceId,
    stage: &str,
    rows: i64,
    minutes: (i32, i32),
) -> Result<()> {
    sqlx::query(
        "INSERT INTO stage_runs (team_id, data_source_id, stage, rows, started_at, ended_at)
         VALUES ($1, $2, $3, $4, now() - make_interval(mins => $5), now() - make_interval(mins => $6))",
    )
    .bind(team.uuid())
    .bind(file.uuid())
    .bind(stage)
    .bind(rows)
    .bind(minutes.0)
    .bind(minutes.1)
    .execute(admin.pool())
    .await?;
    Ok(())
}

/// What alerts there are of service levels: stage and subject.
async fn alerts(app: &TestApp, team: &Team) -> Result<Vec<(String, String)>> {
    let page = app.get(team, "/v1/alerts").await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = page["items"].as_array().cloned().unwrap_or_default();
    Ok(items.iter().map(|alert| (text(&alert["detail"]["stage"]), text(&alert["subject"]))).collect())
}

#[tokio::test]
async fn a_stage_that_takes_too_long_is_told_once() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (team, other) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    let waiting = a_file(&app.admin, team.id, "uploaded", 11).await?;
    a_file(&app.admin, team.id, "uploaded", 9).await?;
    // A thousand rows may take two minutes to be normalized, ten thousand twenty.
    let slow = a_file(&app.admin, team.id, "processing", 9).await?;
    a_piece(&app.admin, team.id, slow, "stream_chunk", 1_000, (9, 8)).await?;
    a_piece(&app.admin, team.id, slow, "normalize_chunk", 1_000, (8, 3)).await?;
    a_piece(&app.admin, team.id, slow, "resolve", 1_000, (3, 2)).await?;
    let large = a_file(&app.admin, team.id, "processing", 9).await?;
    a_piece(&app.admin, team.id, large, "stream_chunk", 10_000, (9, 8)).await?;
    a_piece(&app.admin, team.id, large, "normalize_chunk", 10_000, (8, 3)).await?;
    a_piece(&app.admin, team.id, large, "resolve", 10_000, (3, 2)).await?;

    assert_eq!(raised(&app, team.id).await?, 2);
    assert_eq!(raised(&app, team.id).await?, 0, "each matter once");
    assert_eq!(raised(&app, other.id).await?, 0, "nobody else's");
    let mut told = alerts(&app, &team).await?;
    told.sort();
    assert_eq!(
        told,
        [("ingest".to_owned(), waiting.to_string()), ("normalize".to_owned(), slow.to_string())]
    );
    // And whoever asked for it is told.
    let notices = "SELECT count(*) FROM outbox WHERE team_id = $1 AND kind = 'alert.raised'";
    assert_eq!(app.count(&team, notices).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_team_sets_its_own_ceilings() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    a_file(&app.admin, team.id, "uploaded", 4).await?;
    assert_eq!(raised(&app, team.id).await?, 0);
    let set = async |body: Value| -> Result<(u16, Value)> {
        let response = app.request(&team, Method::PUT, "/v1/service-levels").json(&body).send().await?;
        Ok((response.status().as_u16(), response.json().await?))
    };
    let (status, levels) = set(json!({ "stage": "ingest", "alert_seconds": 120 })).await?;
    assert_eq!(status, 200, "{levels}");
    assert_eq!(
        (&levels["items"][0]["alert_seconds"], &levels["items"][0]["default_seconds"]),
        (&json!(120), &json!(600))
    );
    assert_eq!(set(json!({ "stage": "lunch", "alert_seconds": 1 })).await?.0, 422);
    assert_eq!(set(json!({ "stage": "ingest", "alert_seconds": 0 })).await?.0, 422);
    assert_eq!(raised(&app, team.id).await?, 1);
    let (_, levels) = set(json!({ "stage": "ingest" })).await?;
    assert_eq!(levels["items"][0]["alert_seconds"], 600, "as where the team says nothing");

    let alert = app.get(&team, "/v1/alerts?open=true").await?;
    let path = format!("/v1/alerts/{}/acknowledge", alert["items"][0]["id"].as_str().unwrap_or_default());
    assert_eq!(app.request(&team, Method::POST, &path).send().await?.status(), 204);
    assert_eq!(app.get(&team, "/v1/alerts?open=true").await?["items"], json!([]));
    assert_eq!(app.get(&team, "/v1/alerts").await?["items"][0]["acknowledged_by"], team.user.to_string());
    Ok(())
}

/// A campaign that runs, with one message due and the last one gone so many minutes ago.
async fn a_campaign(app: &TestApp, team: &Team, last: i32) -> Result<String> {
    let id: domain::id::CampaignId = fresh_id();
    sqlx::query(
        "INSERT INTO campaigns (team_id, id, name, channel, what, consent_basis, state, preview_hash, approved_hash, approved_by,
                started_at)
         VALUES ($1, $2, 'spring', 'sms', '{}', 'none', 'running', 'h', 'h', $3, now() - interval '1 hour')",
    )
    .bind(team.id.uuid())
    .bind(id.uuid())
    .bind(team.user.uuid())
    .execute(app.admin.pool())
    .await?;
    sqlx::query(
        "INSERT INTO send_intents (team_id, campaign_id, lead_id, step, state, due_at, called_at, external_id, ended_at)
         VALUES ($1, $2, fresh_uuid(), 1, 'planned', now() - interval '1 hour', NULL, NULL, NULL),
                ($1, $2, fresh_uuid(), 1, 'accepted', now() - interval '1 hour', now() - make_interval(mins => $3),
                 'm' || $2, now())",
    )
    .bind(team.id.uuid())
    .bind(id.uuid())
    .bind(last)
    .execute(app.admin.pool())
    .await?;
    Ok(id.to_string())
}

#[tokio::test]
async fn messages_that_stay_behind_and_replies_that_nobody_looks_at_are_told() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    a_campaign(&app, &team, 1).await?;
    assert_eq!(raised(&app, team.id).await?, 0, "it goes on");
    let stuck = a_campaign(&app, &team, 20).await?;
    assert_eq!(raised(&app, team.id).await?, 1);
    assert_eq!(alerts(&app, &team).await?, [("send".to_owned(), stuck)]);
    // One that has nothing due waits for its reports or its next step.
    let patient = a_team().create(&app.admin).await?;
    a_campaign(&app, &patient, 20).await?;
    sqlx::query("DELETE FROM send_intents WHERE team_id = $1 AND state = 'planned'")
        .bind(patient.id.uuid())
        .execute(app.admin.pool())
        .await?;
    assert_eq!(raised(&app, patient.id).await?, 0);
    // What a switch stops is not late.
    let stopped = a_team().create(&app.admin).await?;
    a_campaign(&app, &stopped, 20).await?;
    let mut tx = app.db.team_bulk(stopped.id).await?;
    entities::kill_switch::set(&mut tx, entities::kill_switch::Target::Team, "a test", None).await?;
    tx.commit().await?;
    assert_eq!(raised(&app, stopped.id).await?, 0);

    sqlx::query(
        "INSERT INTO outbox (team_id, kind, dedup_key, created_at)
         SELECT $1, 'conversation.reply_received', 'r' || n, now() - interval '1 minute' FROM generate_series(1, 3) n",
    )
    .bind(team.id.uuid())
    .execute(app.admin.pool())
    .await?;
    assert_eq!(raised(&app, team.id).await?, 1, "one for all that wait");
    assert!(alerts(&app, &team).await?.contains(&("inbound".to_owned(), "replies".to_owned())));
    Ok(())
}
