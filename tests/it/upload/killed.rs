//! Killed without warning, wherever it is: the rows in the end are those of an undisturbed run, exactly.

use std::time::Duration;

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use stack::Service;
use tests::upload::{BRISK, PATIENCE};
use tests::{Services, Snapshot, Team, TestApp, WorkerProcess, a_team, lists};
use workflows::upload::{Pace, UploadRef};

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");
/// How often the worker is killed.
const KILLS: u32 = 20;
const SEED: u64 = 20_261_122;
/// Many small chunks, and an activity whose worker is gone is given to the next one after a second.
const PACE: Pace = Pace { chunk_rows: 120, heartbeat_timeout_ms: 1_000, ..BRISK };

async fn stored(app: &TestApp) -> Result<(Team, UploadRef)> {
    let team = a_team().create(&app.admin).await?;
    let upload = app.store_list(&team, "list.csv", &lists::list(3_000, SEED).0).await?;
    Ok((team, upload))
}

async fn undisturbed() -> Result<Snapshot> {
    let app = TestApp::start().await?;
    let (team, upload) = stored(&app).await?;
    app.refine(upload, PACE).await?;
    app.completed(upload, PATIENCE).await?;
    Snapshot::of(&app.admin, &team).await
}

#[tokio::test]
async fn the_worker_at_twenty_random_moments() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (team, upload) = stored(&app).await?;
    app.refine(upload, PACE).await?;
    let mut chance = StdRng::seed_from_u64(SEED);
    let mut killed = 0;
    for _ in 0..KILLS {
        let worker = WorkerProcess::spawn(WORKER, &app)?;
        // The kill is the event here, and its moment is chance: there is no condition to wait for.
        tokio::time::sleep(Duration::from_millis(chance.random_range(150..1_500))).await;
        let running = entities::data_source::SourceStatus::OPEN.contains(&app.source(upload).await?.status);
        worker.kill()?;
        killed += u32::from(running);
    }
    let _last = WorkerProcess::spawn(WORKER, &app)?;
    app.completed(upload, 3 * PATIENCE).await?;
    assert!(killed >= KILLS / 2, "only {killed} of {KILLS} kills came while the import was running");
    Snapshot::of(&app.admin, &team).await?.same_as(&undisturbed().await?)
}

#[tokio::test]
async fn temporal_postgresql_and_s3_in_turn() -> Result<()> {
    let services = Services::own().await?;
    let (team, app) = {
        let mut app = TestApp::without_worker(&services).await?;
        let (team, upload) = stored(&app).await?;
        app.refine(upload, PACE).await?;
        app.start_worker()?;
        let mut chance = StdRng::seed_from_u64(SEED);
        for service in [Service::Temporal, Service::Postgres, Service::S3] {
            tokio::time::sleep(Duration::from_millis(chance.random_range(300..900))).await;
            services.kill(service).await?;
            tokio::time::sleep(Duration::from_millis(chance.random_range(100..800))).await;
            services.restart(service).await?;
        }
        app.completed(upload, 3 * PATIENCE).await?;
        (team, app)
    };
    let disturbed = Snapshot::of(&app.admin, &team).await?;
    drop(app);
    services.stop().await?;
    disturbed.same_as(&undisturbed().await?)
}
