//! Every activity may run twice, and may end anywhere: the rows are the same.

use anyhow::Result;
use tests::faults::Mischief;
use tests::upload::{BRISK, PATIENCE};
use tests::{Snapshot, Team, TestApp, a_team, lists};
use workflows::upload::Pace;

/// Small chunks, so that each kind of activity runs several times.
const PACE: Pace = Pace { chunk_rows: 300, ..BRISK };

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

async fn dropped(seed: u64, within_us: u64) -> Result<Snapshot> {
    refined(&TestApp::with_mischief(Mischief::DroppedMidway { seed, attempts: 2, within_us }).await?).await
}

#[tokio::test]
async fn dropped_midway_changes_nothing() -> Result<()> {
    let undisturbed = undisturbed().await?;
    // Early, late, and very early moments of each activity.
    let disturbed = tokio::try_join!(dropped(1, 40_000), dropped(2, 150_000), dropped(3, 8_000))?;
    for disturbed in [disturbed.0, disturbed.1, disturbed.2] {
        disturbed.same_as(&undisturbed)?;
    }
    Ok(())
}
