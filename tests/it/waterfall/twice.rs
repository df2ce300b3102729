//! One question is one call, whoever asks it and however many do at once.

use anyhow::Result;
use sandbox::{Settings, Vendor};
use std::time::Duration;

use super::{introduce, scene};

#[tokio::test]
async fn two_workers_and_two_runs_pay_once() -> Result<()> {
    let latency = Settings::default().with_latency(Duration::from_millis(150));
    let (app, team, sandbox) = scene(latency, &[Vendor::BatchData]).await?;
    let other = worker::Thread::start(app.worker_config.clone())?;
    let names: Vec<(String, String)> =
        (0..25).map(|number| ("Ann".to_owned(), format!("Quim{}by", char::from(b'a' + number)))).collect();
    let names: Vec<(&str, &str)> =
        names.iter().map(|(given, family)| (given.as_str(), family.as_str())).collect();
    for (number, name) in names.iter().enumerate() {
        introduce(&sandbox, number, *name, &[Vendor::BatchData]);
    }
    let leads = app.owners(&team, &names).await?;
    let (one, two) = (app.enrich(&team, &leads, None).await?, app.enrich(&team, &leads, None).await?);
    for id in [one, two] {
        let run = app.enriched(&team, id).await?;
        assert_eq!((run.state.as_str(), run.leads, run.on_hold), ("completed", 25, 0), "{run:?}");
    }
    let ledger = sandbox.ledger();
    let batchdata = ledger.vendor(Vendor::BatchData);
    assert_eq!(batchdata.paid_again(), Vec::<&str>::new());
    assert!(batchdata.subjects.values().all(|subject| subject.asked == 1), "{:?}", batchdata.subjects);
    assert_eq!(batchdata.subjects.len(), 25);
    let spent = "SELECT coalesce(sum(settled_micros), 0)::bigint FROM provider_calls WHERE team_id = $1";
    assert_eq!(app.count(&team, spent).await?.cast_unsigned(), ledger.micro_dollars);
    other.stop().await?;
    Ok(())
}
