//! `upload.resolve`: which business, person and lead each normalized row is. Key: the file; pieces are the map,
//! the slices and the exceptions, each committed with its own checkpoint.
//!
//! The files of one team go through here one after another: the first to come holds the team's lock in a
//! transaction of its own for as long as the activity runs.

use entities::pipeline::checkpoint::Piece;
use entities::pipeline::resolve::{Landed, land_exceptions, land_new, lock_team, map};
use entities::pipeline::staging::RowRange;
use entities::pipeline::{Staging, normalized};
use futures::stream::{self, StreamExt, TryStreamExt};
use workflows::upload::{ResolveOutput, UploadRef};

use crate::{Fault, Resources};

const STAGE: &str = "resolve";
/// Piece 0 is the map; slices count from 1; the exceptions come last, under a number no slice has.
const MAP: i32 = 0;
const EXCEPTIONS: i32 = i32::MAX;

/// Rows that one transaction takes.
pub(super) const SLICE_ROWS: i32 = 50_000;
/// Transactions at once: PostgreSQL and this process share two cores on the smallest machine.
pub(super) const SLICES_AT_ONCE: usize = 2;

pub(super) async fn resolve(resources: &Resources, upload: UploadRef) -> Result<ResolveOutput, Fault> {
    let mut turn = resources.db.team_bulk(upload.team).await?;
    lock_team(&mut turn).await?;

    let staging = Staging::of(upload.source);
    let last_row = map_rows(resources, upload, &staging).await?;
    let slices: Vec<Landed> = stream::iter(RowRange::cut(last_row, SLICE_ROWS).into_iter().zip(1..))
        .map(|(range, number)| land_slice(resources, upload, &staging, range, number))
        .buffer_unordered(SLICES_AT_ONCE)
        .try_collect()
        .await?;
    let rest = land_rest(resources, upload, &staging).await?;

    turn.commit().await?;
    let landed = slices.iter().chain([&rest]);
    Ok(landed.fold(ResolveOutput { businesses: 0, personas: 0 }, |sum, piece| ResolveOutput {
        businesses: sum.businesses + piece.businesses,
        personas: sum.personas + piece.personas,
    }))
}

async fn map_rows(resources: &Resources, upload: UploadRef, staging: &Staging) -> Result<i32, Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk: MAP };
    if let Some(last_row) = piece.claim(&mut tx).await? {
        return Ok(last_row);
    }
    staging.settle_normalized(&mut tx).await?;
    let (rows, last_row) = normalized::extent(&mut tx, staging).await?;
    map(&mut tx, staging).await?;
    staging.settle_resolved(&mut tx).await?;
    piece.complete(&mut tx, rows.cast_unsigned(), &last_row).await?;
    tx.commit().await?;
    Ok(last_row)
}

async fn land_slice(
    resources: &Resources,
    upload: UploadRef,
    staging: &Staging,
    range: RowRange,
    chunk: i32,
) -> Result<Landed, Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk };
    if let Some(landed) = piece.claim(&mut tx).await? {
        return Ok(landed);
    }
    let landed = land_new(&mut tx, staging, range).await?;
    piece.complete(&mut tx, u64::from(range.end.abs_diff(range.first)), &landed).await?;
    tx.commit().await?;
    Ok(landed)
}

async fn land_rest(resources: &Resources, upload: UploadRef, staging: &Staging) -> Result<Landed, Fault> {
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk: EXCEPTIONS };
    if let Some(landed) = piece.claim(&mut tx).await? {
        return Ok(landed);
    }
    let landed = land_exceptions(&mut tx, staging).await?;
    piece.complete(&mut tx, 0, &landed).await?;
    tx.commit().await?;
    Ok(landed)
}
