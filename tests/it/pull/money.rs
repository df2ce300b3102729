//! A pull costs what is allowed and no more.

use anyhow::Result;
use domain::money::MicroDollars;
use entities::budget::{self, Limit, Scope};
use sandbox::{Settings, Vendor};
use tests::{Team, TestApp};

use super::{LIST, assert_bill, leads, scene};

async fn allow(app: &TestApp, team: &Team, micros: Option<i64>) -> Result<()> {
    let mut tx = app.db.team_bulk(team.id).await?;
    let limit = Limit { money: micros.map(MicroDollars::new), calls: None };
    budget::set_limit(&mut tx, &Scope::Day, limit).await?;
    tx.commit().await?;
    Ok(())
}

#[tokio::test]
async fn it_ends_where_the_money_does_and_goes_on_with_more() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    // Two pages of twenty records, and some change.
    allow(&app, &team, Some(500_000)).await?;
    let pull = app.pull_through(&team, None).await?;
    assert_eq!((pull.state.as_str(), pull.ended_by.as_deref(), pull.pages), ("failed", Some("budget"), 2));
    let failure = pull.failure.as_deref().unwrap_or_default();
    assert!(failure.starts_with("enrich.budget_exhausted: page 3 may cost $0.20"), "{failure}");
    assert_eq!(leads(&app, &team).await?, 40);
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 2);
    assert_bill(&app, &team, &sandbox).await?;

    allow(&app, &team, None).await?;
    let rest = app.pull_through(&team, None).await?;
    assert_eq!((rest.ended_by.as_deref(), i64::from(rest.leads_new)), (Some("end"), LIST - 40));
    assert!(sandbox.ledger().vendor(Vendor::BatchData).paid_again().is_empty());
    assert_bill(&app, &team, &sandbox).await
}
