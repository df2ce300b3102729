//! `upload.resolve`: which business, person and lead each normalized row is. Key: the file; pieces are the map,
//! the slices and the exceptions, each committed with its own checkpoint.
//!
//! The files of one team go through here one after another: the first to come holds the team's lock in a
//! transaction of its own for as long as its rows are resolved.
//!
//! Meanwhile the object of `upload.archive` is written, which is a piece of its own: it needs the normalized rows alone,
//! and the map leaves a core idle.

use entities::DbError;
use entities::pipeline::Staging;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::overtaken::{self, Taken};
use entities::pipeline::resolve::{Landed, land_exceptions, land_new, lock_team, map};
use entities::pipeline::slices::{self, Slice, Slices};
use futures::stream::{self, StreamExt, TryStreamExt};
use futures::try_join;
use workflows::upload::{ResolveOutput, UploadRef};

use super::archive;
use super::source::Source;
use crate::{Fault, Resources};

pub(super) const STAGE: &str = "resolve";
/// Piece 0 is the map, -1 what it leaves to be done, -2 the archive's object; slices count from 1; the exceptions come last,
/// under a number no slice has.
const MAP: i32 = 0;
const COUNT: i32 = -1;
pub(super) const OBJECT: i32 = -2;
const EXCEPTIONS: i32 = i32::MAX;

/// Transactions at once: PostgreSQL and this process share two cores on the smallest machine.
pub(super) const SLICES_AT_ONCE: usize = 2;

pub(super) async fn resolve(resources: &Resources, upload: UploadRef) -> Result<ResolveOutput, Fault> {
    let source = Source::load(resources, upload).await?;
    let (answer, _) = try_join!(in_turn(resources, upload), archive::store(resources, upload, &source))?;
    Ok(answer)
}

/// Resolves the rows when it is the file's turn.
async fn in_turn(resources: &Resources, upload: UploadRef) -> Result<ResolveOutput, Fault> {
    let mut turn = resources.db.team_bulk(upload.team).await?;
    lock_team(&mut turn).await?;

    let staging = Staging::of(upload.source);
    map_rows(resources, upload, &staging).await?;
    let slices = counted(resources, upload, &staging).await?;
    let landed: Vec<Landed> = stream::iter(slices.0.into_iter().filter(|slice| slice.ordinary > 0))
        .map(|slice| land(resources, upload, &staging, Rows::Ordinary(slice)))
        .buffer_unordered(SLICES_AT_ONCE)
        .try_collect()
        .await?;
    let rest = land(resources, upload, &staging, Rows::Exceptions).await?;

    turn.commit().await?;
    let landed = landed.iter().chain([&rest]);
    Ok(landed.fold(ResolveOutput { businesses: 0, personas: 0 }, |sum, piece| ResolveOutput {
        businesses: sum.businesses + piece.businesses,
        personas: sum.personas + piece.personas,
    }))
}

async fn map_rows(resources: &Resources, upload: UploadRef, staging: &Staging) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk: MAP };
    if piece.claim::<i64>(&mut tx).await?.is_some() {
        return Ok(());
    }
    staging.settle_normalized(&mut tx).await?;
    let mapped = map(&mut tx, staging).await?;
    staging.settle_resolved(&mut tx).await?;
    piece.complete(&mut tx, mapped, &mapped).await?;
    tx.commit().await?;
    Ok(())
}

/// What the map leaves to be done, counted once. It needs the staging, and nothing of it changes what is counted.
pub(super) async fn counted(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
) -> Result<Slices, Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk: COUNT };
    if let Some(slices) = piece.claim(&mut tx).await? {
        return Ok(slices);
    }
    let slices = slices::count(&mut tx, staging).await?;
    piece.complete(&mut tx, slices.rows(), &slices).await?;
    tx.commit().await?;
    Ok(slices)
}

/// Which rows land together.
#[derive(Debug, Clone, Copy)]
enum Rows {
    /// Those of a slice that repeat nothing.
    Ordinary(Slice),
    /// All that repeat something.
    Exceptions,
}

async fn land(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    rows: Rows,
) -> Result<Landed, Fault> {
    match try_land(resources, upload, staging, rows, Taken::Hardly).await {
        Err(error) if overtaken::is_overtaken(&error) => {
            Ok(try_land(resources, upload, staging, rows, Taken::Some).await?)
        }
        landed => Ok(landed?),
    }
}

async fn try_land(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    rows: Rows,
    taken: Taken,
) -> Result<Landed, DbError> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let (chunk, count, range) = match rows {
        Rows::Ordinary(slice) => (slice.number + 1, slice.ordinary.cast_unsigned(), Some(slice.range())),
        Rows::Exceptions => (EXCEPTIONS, 0, None),
    };
    let piece = Piece { source: upload.source, stage: STAGE, chunk };
    if let Some(landed) = piece.claim(&mut tx).await? {
        return Ok(landed);
    }
    if taken == Taken::Some {
        overtaken::catch_up(&mut tx, staging, range).await?;
    }
    let landed = match range {
        Some(range) => land_new(&mut tx, staging, range).await?,
        None => land_exceptions(&mut tx, staging).await?,
    };
    piece.complete(&mut tx, count, &landed).await?;
    tx.commit().await?;
    Ok(landed)
}
