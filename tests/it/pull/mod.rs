//! Lists pulled from a vendor that is really asked over HTTP.

mod again;
mod failing;
mod journey;
mod killed;
mod money;
mod scheduled;
mod stopped;

use anyhow::Result;
use sandbox::{Sandbox, Settings};
use tests::{Team, TestApp, a_team};

/// The records of the sandbox's list, before any is published.
const LIST: i64 = 137;
/// What one costs, in micro-dollars.
const PRICE: u64 = 10_000;

/// The system with a list, a worker, and a team.
async fn scene(settings: Settings) -> Result<(TestApp, Team, Sandbox)> {
    let (mut app, sandbox) = TestApp::with_list(settings).await?;
    app.start_worker()?;
    let team = a_team().create(&app.admin).await?;
    Ok((app, team, sandbox))
}

/// How many leads the team has from the vendor, each under an id of its own.
async fn leads(app: &TestApp, team: &Team) -> Result<i64> {
    let sql = "SELECT count(DISTINCT vendor_record_id) FROM leads l JOIN properties p ON p.lead_id = l.id
                WHERE l.team_id = $1 AND l.source = 'batchdata' AND l.kind = 'property'";
    let distinct = app.count(team, sql).await?;
    let all = app.count(team, "SELECT count(*) FROM leads WHERE team_id = $1").await?;
    assert_eq!(all, distinct, "nobody is there twice");
    Ok(all)
}

/// The bookmark of the one question of the tests.
async fn bookmark(app: &TestApp, team: &Team) -> Result<i64> {
    app.count(team, "SELECT last_page_fetched::bigint FROM source_bookmarks WHERE team_id = $1").await
}

/// Asserts that what the ledger and the budget of the team say was spent is what the vendor says it is owed.
async fn assert_bill(app: &TestApp, team: &Team, sandbox: &Sandbox) -> Result<()> {
    let owed = sandbox.ledger().micro_dollars;
    let spent = "SELECT coalesce(sum(settled_micros), 0)::bigint FROM provider_calls WHERE team_id = $1";
    assert_eq!(app.count(team, spent).await?.cast_unsigned(), owed);
    let budget = "SELECT spent_micros + reserved_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(app.count(team, budget).await?.cast_unsigned(), owed);
    Ok(())
}
