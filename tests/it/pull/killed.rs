//! A worker that is killed midway: nothing is lost, and nothing is asked for twice by itself.

use std::time::Duration;

use anyhow::Result;
use sandbox::{Settings, Vendor};
use tests::pulls::{BRISK, PATIENCE};
use tests::{TestApp, WorkerProcess, a_team, wait_until};

use super::{LIST, assert_bill, leads};

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

/// Killed between two pages, another worker goes on with the next.
#[tokio::test]
async fn between_pages_another_worker_goes_on() -> Result<()> {
    let settings = Settings::default().with_latency(Duration::from_millis(300));
    let (app, sandbox) = TestApp::with_list(settings).await?;
    let team = a_team().create(&app.admin).await?;
    let id = app.pull(&team, None, BRISK).await?;
    for pages in [1, 3] {
        let worker = WorkerProcess::spawn(WORKER, &app)?;
        wait_until("a page is stored", PATIENCE, async || {
            app.pull_now(&team, id).await.is_ok_and(|pull| pull.pages >= pages)
        })
        .await;
        worker.kill()?;
    }
    let _worker = WorkerProcess::spawn(WORKER, &app)?;
    finish(&app, &team, &sandbox, id).await
}

/// Killed while the vendor works: the page is billed and its answer is nowhere. It is not asked for again blindly; a person
/// who makes another pull has the list whole, and the ledger says what it cost.
#[tokio::test]
async fn in_the_middle_of_a_page_a_person_decides() -> Result<()> {
    let settings = Settings::default().with_latency(Duration::from_millis(700));
    let (app, sandbox) = TestApp::with_list(settings).await?;
    let team = a_team().create(&app.admin).await?;
    let id = app.pull(&team, None, BRISK).await?;
    let worker = WorkerProcess::spawn(WORKER, &app)?;
    wait_until("the second page is at the vendor", PATIENCE, async || {
        let ledger = sandbox.ledger();
        let batchdata = ledger.vendor(Vendor::BatchData);
        batchdata.requests == 2 && batchdata.concurrent == 1
    })
    .await;
    worker.kill()?;
    let _worker = WorkerProcess::spawn(WORKER, &app)?;
    let pull = app.pulled(&team, id).await?;
    assert_eq!((pull.state.as_str(), pull.pages), ("failed", 1), "{pull:?}");
    let failure = pull.failure.as_deref().unwrap_or_default();
    assert!(failure.starts_with("enrich.api_timeout: page 2 was asked for"), "{failure}");
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 2, "nobody asked again");
    assert_bill(&app, &team, &sandbox).await?;
    finish(&app, &team, &sandbox, id).await
}

/// Makes pulls until the list is whole, and looks at the books.
async fn finish(
    app: &TestApp,
    team: &tests::Team,
    sandbox: &sandbox::Sandbox,
    id: domain::id::PullId,
) -> Result<()> {
    let mut pull = app.pulled(team, id).await?;
    let mut lost = 0;
    while pull.ended_by.as_deref() != Some("end") {
        assert_eq!(pull.ended_by.as_deref(), Some("failure"), "{pull:?}");
        lost += 1;
        assert!(lost <= 2, "each kill costs one page at the most: {pull:?}");
        pull = app.pull_through(team, None).await?;
    }
    assert_eq!(leads(app, team).await?, LIST);
    let unknown = "SELECT count(*) FROM provider_calls WHERE team_id = $1 AND state = 'unknown'";
    assert_eq!(app.count(team, unknown).await?, lost);
    let batchdata = sandbox.ledger().vendor(Vendor::BatchData).clone();
    assert_eq!(batchdata.requests, 7 + lost.cast_unsigned(), "each page once, but for what was lost");
    assert_eq!(batchdata.paid_again().len(), usize::try_from(lost)? * 20);
    assert_bill(app, team, sandbox).await
}
