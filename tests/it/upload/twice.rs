//! Every activity may run twice, and may end anywhere: the rows are the same.

use anyhow::Result;
use tests::faults::Mischief;
use tests::upload::{BRISK, PATIENCE};
use tests::{Snapshot, Team, TestApp, a_team, lists};
use workflows::upload::Pace;

/// Small chunks, so that each kind of activity runs several times.
const PACE: Pace = Pace { chunk_rows: 200, ..BRISK };

/// The same list for all, through `app`.
async fn refined(app: &TestApp) -> Result<Snapshot> {
    let team: Team = a_team().create(&app.admin).await?;
    let (list, _) = lists::list(900, 2);
    let upload = app.store_list(&team, "list.csv", &list).await?;
    app.refine(upload, PACE).await?;
    app.completed(upload, 2 * PATIENCE).await?;
    Snapshot::of(&app.admin, &team).await
}

async fn undisturbed() -> Result<Snapshot> {
    refined(&TestApp::start().await?).await
}

#[tokio::test]
async fn twice_changes_nothing() -> Result<()> {
    let disturbed = refined(&TestApp::with_mischief(Mischief::AnswersLost).await?).await?;
    disturbed.same_as(&undisturbed().await?)
}

#[tokio::test]
async fn dropped_midway_changes_nothing() -> Result<()> {
    let undisturbed = undisturbed().await?;
    for (seed, within_us) in [(1, 40_000), (2, 8_000), (3, 150_000)] {
        let mischief = Mischief::DroppedMidway { seed, attempts: 3, within_us };
        let disturbed = refined(&TestApp::with_mischief(mischief).await?).await?;
        disturbed.same_as(&undisturbed)?;
    }
    Ok(())
}
