//! Somebody names a row's person between the moment at which the row was found to be the first and the one at which the
//! person is made: a worker was killed in between, or it is one of the seconds that a long list takes.

use anyhow::Result;
use domain::id::DataSourceId;
use entities::pipeline::Staging;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::resolve::{lock_team, map};
use serde_json::Value;
use tests::{Team, TestApp, a_team};

use super::people::{BOB, ROBERT, ROSALIND, assert_whole, count, enter, list};
use crate::upload::journey::{assert_account_adds_up, number};

/// Imports `rows`, of which each was mapped before `meanwhile` happens and lands after it.
async fn import_around(
    app: &TestApp,
    team: &Team,
    rows: String,
    meanwhile: impl AsyncFnOnce() -> Result<()>,
) -> Result<Value> {
    let mut turn = app.db.team_bulk(team.id).await?;
    lock_team(&mut turn).await?;
    let upload = app.upload(team, "list.csv", rows).await?;
    let source: DataSourceId = upload.parse()?;
    app.normalized(team, source).await;
    // What a worker leaves that is killed behind its map.
    let mut tx = app.db.team_bulk(team.id).await?;
    let (staging, piece) = (Staging::of(source), Piece { source, stage: "resolve", chunk: 0 });
    staging.settle_normalized(&mut tx).await?;
    let mapped = map(&mut tx, &staging).await?;
    staging.settle_resolved(&mut tx).await?;
    piece.complete(&mut tx, mapped, &mapped).await?;
    tx.commit().await?;
    meanwhile().await?;
    turn.commit().await?;
    app.settled(team, &upload).await
}

#[tokio::test]
async fn a_row_is_the_person_whom_somebody_entered_meanwhile() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let upload = import_around(&app, &team, list(&[ROSALIND, ROBERT, BOB, ROBERT]), async || {
        enter(&app, &team, ROBERT).await
    })
    .await?;

    assert_eq!(upload["status"], "completed", "{upload}");
    assert_account_adds_up(&upload);
    assert_eq!((number(&upload, "leads"), number(&upload, "duplicates")), (1, 3), "{upload}");
    assert_eq!((count(&app, &team, "personas").await?, count(&app, &team, "leads").await?), (2, 2));
    assert_whole(&app, &team).await
}
