//! Indexes of sector buckets wait until the team's imports have ended, but not for ever.

use anyhow::Result;
use domain::id::TypedId as _;
use entities::pipeline::buckets;
use tests::{Services, TestApp, a_team, lists};

#[tokio::test]
async fn they_are_written_between_imports_and_without_a_pause_after_two_minutes() -> Result<()> {
    // Without a worker no sweep writes them, and the list stays open.
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let mut tx = app.db.team_bulk(team.id).await?;
    buckets::add(&mut tx, &["tx-construction-plumbers".to_owned()], &[3], &["k".to_owned()]).await?;
    tx.commit().await?;
    let due = async || -> Result<usize> {
        let stale = buckets::stale(&app.db).await?;
        Ok(stale.iter().filter(|bucket| bucket.team == team.id).count())
    };
    assert_eq!(due().await?, 1, "no import is under way");

    app.store_list(&team, "list.csv", &lists::list(20, 21).0).await?;
    assert_eq!(due().await?, 0, "an import is under way, which may change it again");
    let mut tx = app.db.team_bulk(team.id).await?;
    buckets::add(&mut tx, &["tx-construction-plumbers".to_owned()], &[1], &["k".to_owned()]).await?;
    tx.commit().await?;
    let long_ago =
        "UPDATE sector_buckets SET stale_since = stale_since - interval '2 minutes' WHERE team_id = $1";
    sqlx::query(long_ago).bind(team.id.uuid()).execute(app.admin.pool()).await?;
    assert_eq!(due().await?, 1, "it has waited for long enough, although it changed again meanwhile");

    let mut tx = app.db.team_bulk(team.id).await?;
    buckets::mark_fresh(&mut tx, &["tx-construction-plumbers".to_owned()]).await?;
    tx.commit().await?;
    assert_eq!(due().await?, 0, "it is written");
    Ok(())
}
