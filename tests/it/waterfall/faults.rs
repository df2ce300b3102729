//! Vendors that are busy, broke or silent.

use std::time::{Duration, Instant};

use anyhow::Result;
use sandbox::{Fault, Script, Settings, StopReason, Vendor};
use tests::a_team;

use super::{introduce, scene};

const NAMES: [(&str, &str); 3] = [("Ann", "Quimby"), ("Robert", "Zelnik"), ("Maria", "Trudor")];

#[tokio::test]
async fn a_vendor_that_says_wait_is_waited_for() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    introduce(&sandbox, 0, NAMES[0], &[Vendor::BatchData]);
    sandbox
        .script(Script::new(Fault::RateLimited { retry_after_s: Some(2) }).at(Vendor::BatchData).times(1))?;
    let leads = app.owners(&team, &NAMES[..1]).await?;
    let start = Instant::now();
    let run = app.enrich_through(&team, &leads).await?;
    assert_eq!((run.state.as_str(), run.on_hold), ("completed", 0), "{run:?}");
    assert!(start.elapsed() >= Duration::from_secs(2), "asked again after {:?}", start.elapsed());
    let ledger = sandbox.ledger();
    assert_eq!(ledger.vendor(Vendor::BatchData).requests, 2, "and not before");
    assert_eq!(ledger.vendor(Vendor::BatchData).answers.get(&429), Some(&1));
    Ok(())
}

#[tokio::test]
async fn an_account_that_is_stopped_stops_everybody_once() -> Result<()> {
    let (app, ours, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    let theirs = a_team().create(&app.admin).await?;
    sandbox
        .script(Script::new(Fault::AccountStop { reason: StopReason::default() }).at(Vendor::BatchData))?;
    for team in [&ours, &theirs] {
        let leads = app.owners(team, &NAMES).await?;
        let run = app.enrich_through(team, &leads).await?;
        assert_eq!((run.state.as_str(), run.on_hold), ("completed", 3), "{run:?}");
        let held =
            "SELECT count(*) FROM enrichment_leads WHERE team_id = $1 AND reason = 'enrich.account_stopped'";
        assert_eq!(app.count(team, held).await?, 3);
    }
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 1, "nobody tries again");
    let alerts = "SELECT count(*) FROM alerts WHERE kind = 'provider.paused' AND $1::uuid IS NOT NULL";
    assert_eq!(app.count(&ours, alerts).await?, 1, "one matter is one alert");
    let shown = app.get(&ours, "/v1/providers").await?;
    assert_eq!(shown["items"][0]["state"], "paused", "{shown}");
    let spent =
        "SELECT coalesce(sum(reserved_micros + spent_micros), 0)::bigint FROM budgets WHERE team_id = $1";
    assert_eq!(app.count(&ours, spent).await?, 0, "what was put aside came back");
    Ok(())
}

#[tokio::test]
async fn what_nobody_knows_the_outcome_of_is_paid_for_and_not_repeated() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    introduce(&sandbox, 0, NAMES[0], &[Vendor::BatchData]);
    sandbox.script(Script::new(Fault::Cut { processed: true }).at(Vendor::BatchData).times(1))?;
    let leads = app.owners(&team, &NAMES[..1]).await?;
    for _ in 0..2 {
        let run = app.enrich_through(&team, &leads).await?;
        assert_eq!((run.state.as_str(), run.on_hold), ("completed", 1), "{run:?}");
    }
    let ledger = sandbox.ledger();
    assert_eq!(ledger.vendor(Vendor::BatchData).requests, 1);
    let spent = "SELECT coalesce(sum(settled_micros), 0)::bigint FROM provider_calls WHERE team_id = $1";
    assert_eq!(app.count(&team, spent).await?.cast_unsigned(), ledger.micro_dollars);
    let reason = "SELECT count(*) FROM enrichment_leads WHERE team_id = $1 AND reason = 'enrich.api_timeout'";
    assert_eq!(app.count(&team, reason).await?, 2);
    Ok(())
}

#[tokio::test]
async fn an_outage_passes() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    introduce(&sandbox, 0, NAMES[0], &[Vendor::BatchData]);
    // More than it takes to open the circuit.
    sandbox.script(Script::new(Fault::Outage { status: 503 }).at(Vendor::BatchData).times(4))?;
    let leads = app.owners(&team, &NAMES[..1]).await?;
    let run = app.enrich_through(&team, &leads).await?;
    assert_eq!((run.state.as_str(), run.on_hold), ("completed", 0), "{run:?}");
    assert!(sandbox.ledger().vendor(Vendor::BatchData).paid_again().is_empty());
    let closed =
        "SELECT count(*) FROM provider_accounts WHERE circuit = 'closed' AND consecutive_failures = 0
                    AND $1::uuid IS NOT NULL";
    assert_eq!(app.count(&team, closed).await?, 1);
    Ok(())
}
