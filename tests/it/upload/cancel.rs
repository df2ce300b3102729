//! A person stops an upload: nothing stays but the audit and the row that says so.

use std::time::Duration;

use anyhow::Result;
use entities::data_source::SourceStatus;
use providers::object_store::KeyPrefix;
use reqwest::Method;
use tests::upload::{BRISK, PATIENCE};
use tests::{Services, Snapshot, TestApp, a_team, lists, wait_until};
use workflows::upload::{Pace, workflow_id};

/// Tables that may still have rows of a file that was stopped: the file's own, and what was set aside of it.
const MAY_STAY: [&str; 2] = ["data_sources", "rejected_rows"];

fn assert_nothing_stays(snapshot: &Snapshot) {
    let counts = snapshot.counts();
    let stays: Vec<_> = counts.keys().filter(|table| !MAY_STAY.contains(table)).collect();
    assert!(stays.is_empty(), "{counts:?}");
}

#[tokio::test]
async fn cancelled_midway_it_leaves_nothing() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    // Chunks of 20 rows take long enough for the cancellation to come in between.
    let upload = app.store_list(&team, "list.csv", &lists::list(4_000, 21).0).await?;
    app.refine(upload, Pace { chunk_rows: 20, ..BRISK }).await?;
    wait_until("some rows are normalized", PATIENCE, async || {
        let handle =
            app.temporal.get_workflow_handle::<workflows::upload::UploadWorkflow>(workflow_id(upload.source));
        let progress =
            handle.query(workflows::upload::UploadWorkflow::progress, (), Default::default()).await;
        progress.is_ok_and(|progress| progress.rows_normalized >= 100)
    })
    .await;

    let path = format!("/v1/uploads/{}/cancel", upload.source);
    let response = app.request(&team, Method::POST, &path).send().await?;
    let (status, body) = (response.status(), response.text().await?);
    assert_eq!(status, 202, "{body}");
    let done = app.settled(&team, &upload.source.to_string()).await?;
    assert_eq!(done["status"], "cancelled", "{done}");
    assert_nothing_stays(&Snapshot::of(&app.admin, &team).await?);
    let audit = app.get(&team, "/v1/audit").await?.to_string();
    assert!(audit.contains("upload.cancel"), "{audit}");

    // Once more is the same, and a cancelled file can be tried again.
    assert_eq!(app.request(&team, Method::POST, &path).send().await?.status(), 202);
    Ok(())
}

#[tokio::test]
async fn cancelled_when_its_archive_is_written_it_leaves_nothing() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.store_list(&team, "list.csv", &lists::list(60, 24).0).await?;
    // Its rows have to wait for being mapped; the archive does not.
    let mut map = app.db.team_bulk(team.id).await?;
    map.lock(&format!("{}:resolve:0", upload.source)).await?;
    app.refine(upload, BRISK).await?;
    let archives = KeyPrefix::archives(team.id);
    wait_until("the archive is written", PATIENCE, async || {
        app.store.list(&archives).await.is_ok_and(|objects| objects.len() == 1)
    })
    .await;

    let path = format!("/v1/uploads/{}/cancel", upload.source);
    let response = app.request(&team, Method::POST, &path).send().await?;
    let (status, body) = (response.status(), response.text().await?);
    assert_eq!(status, 202, "{body}");
    let done = app.settled(&team, &upload.source.to_string()).await?;
    assert_eq!(done["status"], "cancelled", "{done}");
    map.rollback().await?;
    assert_nothing_stays(&Snapshot::of(&app.admin, &team).await?);
    assert_eq!(app.store.list(&archives).await?.len(), 0, "what people wrote in it is gone");
    Ok(())
}

#[tokio::test]
async fn cancelled_before_any_worker_is_there_it_never_begins() -> Result<()> {
    let mut app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let id = app.upload(&team, "list.csv", lists::list(50, 22).0).await?;
    let cancel = app.request(&team, Method::POST, &format!("/v1/uploads/{id}/cancel")).send();
    app.start_worker()?;
    let status = cancel.await?.status();
    assert_eq!(status, 202);
    let done = app.settled(&team, &id).await?;
    assert_eq!(done["status"], "cancelled", "{done}");
    assert_nothing_stays(&Snapshot::of(&app.admin, &team).await?);
    Ok(())
}

#[tokio::test]
async fn what_is_completed_cannot_be_cancelled() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.store_list(&team, "list.csv", &lists::list(40, 23).0).await?;
    app.refine(upload, BRISK).await?;
    app.completed(upload, PATIENCE).await?;
    let response =
        app.request(&team, Method::POST, &format!("/v1/uploads/{}/cancel", upload.source)).send().await?;
    assert_eq!(response.status(), 409);
    tokio::time::timeout(Duration::from_secs(5), app.source(upload)).await??;
    assert_eq!(app.source(upload).await?.status, SourceStatus::Completed);
    Ok(())
}
