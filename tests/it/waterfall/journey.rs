//! From rung to rung, and no further than it takes.

use anyhow::Result;
use sandbox::{Settings, Vendor};

use super::{introduce, scene};

const ANN: (&str, &str) = ("Ann", "Quimby");
const BOB: (&str, &str) = ("Robert", "Zelnik");

#[tokio::test]
async fn a_lead_stops_where_it_is_contactable() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::Melissa, Vendor::BatchData]).await?;
    introduce(&sandbox, 0, ANN, &[Vendor::Melissa, Vendor::BatchData]);
    let leads = app.owners(&team, &[ANN]).await?;
    let run = app.enrich_through(&team, &leads).await?;
    assert_eq!((run.state.as_str(), run.contactable), ("completed", 1), "{run:?}");
    let ledger = sandbox.ledger();
    assert_eq!(ledger.vendor(Vendor::Melissa).requests, 1);
    assert_eq!(ledger.vendor(Vendor::BatchData).requests, 0, "nobody asks about who is contactable");
    let known = app
        .count(
            &team,
            "SELECT count(*) FROM persona_emails WHERE team_id = $1 AND verified AND source = 'melissa'",
        )
        .await?;
    assert_eq!(known, 1);
    Ok(())
}

#[tokio::test]
async fn who_one_vendor_does_not_know_the_next_is_asked_about_and_a_miss_is_remembered() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::Melissa, Vendor::BatchData]).await?;
    introduce(&sandbox, 0, BOB, &[Vendor::BatchData]);
    let leads = app.owners(&team, &[BOB]).await?;
    let run = app.enrich_through(&team, &leads).await?;
    assert_eq!((run.state.as_str(), run.contactable + run.enriched), ("completed", 1), "{run:?}");
    let mobiles = app
        .count(
            &team,
            "SELECT count(*) FROM persona_phones WHERE team_id = $1 AND verified AND line_type = 'mobile'",
        )
        .await?;
    assert_eq!(mobiles, 1);
    let before = sandbox.ledger();
    assert_eq!(before.vendor(Vendor::Melissa).requests, 1);
    assert_eq!(before.vendor(Vendor::BatchData).requests, 1);

    let again = app.enrich_through(&team, &leads).await?;
    assert_eq!(again.state.as_str(), "completed");
    assert_eq!(sandbox.ledger().micro_dollars, before.micro_dollars);
    assert_eq!(sandbox.ledger().vendor(Vendor::Melissa).requests, 1, "a miss is good for 30 days, too");
    Ok(())
}

#[tokio::test]
async fn a_stranger_is_counted_and_left_alone() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    introduce(&sandbox, 0, ANN, &[Vendor::BatchData]);
    sandbox.script(sandbox::Script::new(sandbox::Fault::WrongPerson).at(Vendor::BatchData))?;
    let leads = app.owners(&team, &[ANN]).await?;
    app.enrich_through(&team, &leads).await?;
    assert_eq!(app.count(&team, "SELECT count(*) FROM persona_phones WHERE team_id = $1").await?, 0);
    assert_eq!(app.count(&team, "SELECT count(*) FROM persona_emails WHERE team_id = $1").await?, 0);
    let strangers = "SELECT coalesce(sum(strangers), 0)::bigint FROM skiptrace_results WHERE team_id = $1";
    assert!(app.count(&team, strangers).await? >= 1, "it is recorded");
    let clear =
        "SELECT count(*) FROM skiptrace_results WHERE team_id = $1 AND position('Quimby'::bytea in raw) > 0";
    assert_eq!(app.count(&team, clear).await?, 0, "answers are kept encrypted");
    Ok(())
}
