//! A worker that is killed midway: nobody is asked about twice, and what was spent is what is owed.

use std::time::Duration;

use anyhow::Result;
use sandbox::{Sandbox, Settings, Vendor};
use tests::reckoning::reckon;
use tests::{Services, TestApp, WorkerProcess, a_team, wait_until};

use super::introduce;

const WORKER: &str = env!("CARGO_BIN_EXE_test-worker");

#[tokio::test]
async fn spend_is_what_is_owed_although_workers_die() -> Result<()> {
    let settings = Settings::default().with_latency(Duration::from_millis(200));
    let sandbox = Sandbox::start(settings).await?;
    let access = tests::vendors::access(&sandbox, &[Vendor::BatchData]);
    let app = TestApp::with_vendors(Services::shared().await, access).await?;
    let team = a_team().create(&app.admin).await?;
    let names: Vec<(String, String)> = (0..60u8)
        .map(|number| {
            (
                "Ann".to_owned(),
                format!("Quim{}by{}", char::from(b'a' + number % 26), "x".repeat(usize::from(number / 26))),
            )
        })
        .collect();
    let names: Vec<(&str, &str)> =
        names.iter().map(|(given, family)| (given.as_str(), family.as_str())).collect();
    for (number, name) in names.iter().enumerate() {
        introduce(&sandbox, number, *name, &[Vendor::BatchData]);
    }
    let leads = app.owners(&team, &names).await?;
    let id = app.enrich(&team, &leads, None).await?;
    // Each is killed while one of its calls is at the vendor: billed, and not answered.
    for kill in 1..=2 {
        let worker = WorkerProcess::spawn(WORKER, &app)?;
        wait_until("a call is at the vendor", tests::vendors::PATIENCE, || async {
            let ledger = sandbox.ledger();
            let batchdata = ledger.vendor(Vendor::BatchData);
            batchdata.concurrent > 0 && batchdata.requests >= kill * 2
        })
        .await;
        worker.kill()?;
    }
    let _worker = WorkerProcess::spawn(WORKER, &app)?;
    let run = app.enriched(&team, id).await?;
    assert_eq!(run.state.as_str(), "completed", "{run:?}");
    let ended = run.contactable + run.enriched + run.do_not_contact + run.on_hold + run.failed;
    assert_eq!(ended, 60, "every lead ends in a defined state: {run:?}");
    assert!(run.on_hold > 0, "what was at the vendor is not asked again: {run:?}");

    let ledger = sandbox.ledger();
    let batchdata = ledger.vendor(Vendor::BatchData);
    assert!(batchdata.subjects.values().all(|subject| subject.asked == 1), "{:?}", batchdata.subjects);
    // A call that was noted and had not left when its worker died counts as paid; whoever has the bill says that it was not.
    let reckoning = reckon(&app, &team, &ledger).await?;
    assert!(reckoning.perhaps_charged > 0, "what was at the vendor was charged: {reckoning:?}");
    Ok(())
}
