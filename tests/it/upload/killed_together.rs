//! Everything killed at once, as by a power cut: worker, database, Temporal and object storage.

use anyhow::{Context, Result};
use entities::data_source::SourceStatus;
use stack::Service;
use tests::upload::{BRISK, PATIENCE};
use tests::{Services, Snapshot, TestApp, WorkerProcess, a_team, lists, wait_until};
use workflows::upload::{Pace, UploadRef, UploadWorkflow, workflow_id};

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");
const SEED: u64 = 20_261_123;
const ROWS: u32 = 1_500;
/// Many small chunks, and an activity whose worker is gone is given to the next one after a second.
const PACE: Pace = Pace { chunk_rows: 60, heartbeat_timeout_ms: 1_000, ..BRISK };
const SERVICES: [Service; 3] = [Service::Temporal, Service::Postgres, Service::S3];

async fn rows_normalized(app: &TestApp, upload: UploadRef) -> Option<u64> {
    let handle = app.temporal.get_workflow_handle::<UploadWorkflow>(workflow_id(upload.source));
    let progress = handle.query(UploadWorkflow::progress, (), Default::default()).await.ok()?;
    Some(progress.rows_normalized)
}

/// Kills all of it at once and starts it again, the services in the order of `starts`.
async fn power_cut(services: &Services, worker: WorkerProcess, starts: [Service; 3]) -> Result<()> {
    let [one, other, third] = SERVICES;
    let kill_worker = async move { worker.kill() };
    tokio::try_join!(kill_worker, services.kill(one), services.kill(other), services.kill(third))?;
    for service in starts {
        services.restart(service).await.with_context(|| format!("{service:?} after the power cut"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_power_cut_changes_nothing() -> Result<()> {
    let list = lists::list(ROWS, SEED).0;
    let undisturbed = {
        let app = TestApp::start().await?;
        let team = a_team().create(&app.admin).await?;
        let upload = app.store_list(&team, "list.csv", &list).await?;
        app.refine(upload, PACE).await?;
        app.completed(upload, PATIENCE).await?;
        Snapshot::of(&app.admin, &team).await?
    };

    let services = Services::own().await?;
    let app = TestApp::without_worker(&services).await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.store_list(&team, "list.csv", &list).await?;
    app.refine(upload, PACE).await?;
    let worker = WorkerProcess::spawn(WORKER, &app)?;
    wait_until("some rows are normalized", PATIENCE, async || {
        rows_normalized(&app, upload).await.is_some_and(|done| done >= 400)
    })
    .await;
    // What everything else needs comes back last.
    power_cut(&services, worker, [Service::S3, Service::Temporal, Service::Postgres]).await?;
    wait_until("the database answers again", PATIENCE, async || app.source(upload).await.is_ok()).await;
    let status = app.source(upload).await?.status;
    assert!(SourceStatus::OPEN.contains(&status), "it was in the midst of it, not {status}");
    let worker = WorkerProcess::spawn(WORKER, &app)?;
    app.completed(upload, 3 * PATIENCE).await?;
    let disturbed = Snapshot::of(&app.admin, &team).await?;
    worker.kill()?;
    drop(app);
    services.stop().await?;
    disturbed.same_as(&undisturbed)
}
