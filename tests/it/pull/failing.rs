//! A vendor in trouble: what passes is waited for, what may have been charged is not repeated.

use anyhow::Result;
use sandbox::{Fault, Script, Settings, StopReason, Vendor};

use super::{LIST, assert_bill, leads, scene};

#[tokio::test]
async fn what_passes_is_waited_for() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    for fault in [
        Fault::RateLimited { retry_after_s: Some(1) },
        Fault::RateLimited { retry_after_s: None },
        Fault::Outage { status: 503 },
        Fault::ErrorInside,
    ] {
        sandbox.script(Script::new(fault).at(Vendor::BatchData).times(1))?;
    }
    let pull = app.pull_through(&team, None).await?;
    assert_eq!((pull.ended_by.as_deref(), i64::from(pull.leads_new)), (Some("end"), LIST), "{pull:?}");
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 7 + 4);
    assert!(sandbox.ledger().vendor(Vendor::BatchData).paid_again().is_empty());
    assert_bill(&app, &team, &sandbox).await
}

#[tokio::test]
async fn an_answer_that_is_lost_is_paid_for_and_not_asked_for_again() -> Result<()> {
    for fault in [Fault::Cut { processed: true }, Fault::Malformed] {
        let (app, team, sandbox) = scene(Settings::default()).await?;
        sandbox.script(Script::new(fault).at(Vendor::BatchData).times(1))?;
        let pull = app.pull_through(&team, None).await?;
        assert_eq!((pull.ended_by.as_deref(), pull.pages), (Some("failure"), 0), "{pull:?}");
        let failure = pull.failure.as_deref().unwrap_or_default();
        assert!(failure.starts_with("enrich.api_timeout: page 1 "), "{failure}");
        assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 1);
        assert_bill(&app, &team, &sandbox).await?;
        // Whoever wants it all the same says so.
        let pull = app.pull_through(&team, None).await?;
        assert_eq!((pull.ended_by.as_deref(), i64::from(pull.leads_new)), (Some("end"), LIST));
        assert_bill(&app, &team, &sandbox).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_account_stop_ends_it_and_stops_everybody() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    let stop = Fault::AccountStop { reason: StopReason::Balance };
    sandbox.script(Script::new(stop).at(Vendor::BatchData).times(1))?;
    let pull = app.pull_through(&team, None).await?;
    let failure = pull.failure.as_deref().unwrap_or_default();
    assert!(failure.starts_with("enrich.account_stopped: "), "{failure}");
    let paused = "SELECT count(*) FROM provider_accounts WHERE state = 'paused' AND $1::uuid IS NOT NULL";
    assert_eq!(app.count(&team, paused).await?, 1);
    let again = app.pull_through(&team, None).await?;
    assert!(again.failure.as_deref().unwrap_or_default().starts_with("enrich.account_stopped: "));
    assert_eq!(
        sandbox.ledger().vendor(Vendor::BatchData).requests,
        1,
        "nobody asks before a person has seen to it"
    );
    assert_bill(&app, &team, &sandbox).await
}

/// An address of `{}` and nulls between the records: what has an id is a lead, the rest is counted.
#[tokio::test]
async fn records_that_say_little_spoil_nothing() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    sandbox.script(Script::new(Fault::EmptyAddress).at(Vendor::BatchData).times(2))?;
    let pull = app.pull_through(&team, None).await?;
    assert_eq!((pull.ended_by.as_deref(), i64::from(pull.records)), (Some("end"), LIST));
    assert_eq!(leads(&app, &team).await?, LIST);
    let without = "SELECT count(*) FROM leads WHERE team_id = $1 AND addr_hash IS NULL";
    assert_eq!(app.count(&team, without).await?, 40);
    Ok(())
}
