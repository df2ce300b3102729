//! `upload.normalize_chunk`: raw rows of one chunk to `normalized_rows` or `rejected_rows`. Key: file, chunk.

mod known;
mod normalizer;

use std::ops::Range;

use domain::FailureCode;
use domain::id::DataSourceId;
use entities::merge::Kind;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::normalized::NormalizedBuffer;
use entities::pipeline::staging::RowRange;
use entities::pipeline::{Staging, match_keys, match_records, normalized, raw, rejects};
use entities::{BulkTransaction, DbError};
use workflows::upload::{NormalizeChunkInput, NormalizeChunkOutput, UploadRef};

use self::known::{Had, most_are_known};
use self::normalizer::{Normalizer, Rows, ToMatch};
use super::matching::{Landing, rules};
use super::source::Source;
use super::stream_chunk::{self, row_no};
use crate::{Fault, Resources};

pub(super) const STAGE: &str = "normalize_chunk";

/// Rows that are normalized at once: what they come to is larger than they are, and need not be there for the whole chunk.
const BATCH_ROWS: usize = 4_096;

pub(super) async fn normalize_chunk(
    resources: &Resources,
    input: NormalizeChunkInput,
) -> Result<NormalizeChunkOutput, Fault> {
    let upload = input.upload;
    let source = Source::load(resources, upload).await?;
    let chunk = i32::try_from(input.chunk).unwrap_or(i32::MAX);
    let staging = Staging::of(upload.source);
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk };
    if let Some(answer) = piece.claim(&mut tx).await? {
        return Ok(answer);
    }
    let range = RowRange { first: row_no(input.first_row)?, end: row_no(input.end_row)? };
    let landed = raw::read(&mut tx, &staging, range).await?;
    let normalizer = Normalizer::of(&source)?;

    let to_match = match most_are_known(&mut tx, &normalizer.sample(&landed)?).await? {
        true => ToMatch::Later,
        false => ToMatch::AllOfThem,
    };

    let mut rows = Rows::of_batch(&landed);
    normalized::open(&mut tx).await?;
    for part in batches(&landed) {
        normalizer.normalize(&landed, part, to_match, &mut rows)?;
        normalized::send(&mut tx, &mut rows.normalized).await?;
    }
    let rows_normalized = normalized::land(&mut tx, &staging).await?;
    if to_match == ToMatch::Later {
        let had = Had::of(&mut tx, &rows.named).await?;
        rows.to_match = normalizer.to_match(&landed, &rows.named, &had)?;
    }
    let rows_read = landed.len() as u64;
    drop(landed);
    land_to_match(&mut tx, upload.source, chunk, rows.to_match).await?;
    rejects::land(&mut tx, &staging, STAGE, chunk, &rows.rejected).await?;
    let answer = NormalizeChunkOutput { rows_normalized, rows_rejected: rows.rejected.rows() };
    piece.complete(&mut tx, rows_read, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// The places of the chunk's rows in batches.
fn batches(landed: &raw::RawRows) -> impl Iterator<Item = Range<usize>> {
    (0..landed.len()).step_by(BATCH_ROWS).map(|first| first..first + BATCH_ROWS)
}

async fn land_to_match(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    chunk: i32,
    Landing { records, keys }: Landing,
) -> Result<(), DbError> {
    let version = rules(Kind::Persona).version();
    match_records::land(tx, source, chunk, version, &records).await?;
    drop(records);
    match_keys::land(tx, source, chunk, version, keys).await
}

/// Makes records and keys of all rows of a chunk, after some were left out whom the team has no more: the file that
/// brought them was taken back while this one was on its way.
pub(super) async fn land_all_to_match(
    resources: &Resources,
    upload: UploadRef,
    chunk: i32,
) -> Result<(), Fault> {
    let source = Source::load(resources, upload).await?;
    let mut tx = resources.db.team_bulk(upload.team).await?;
    let streamed = Piece { source: upload.source, stage: stream_chunk::STAGE, chunk };
    let Some(stream_chunk::Done { answer, .. }) = streamed.claim(&mut tx).await? else {
        return Err(Fault::permanent(
            FailureCode::SystemInternal,
            format!("it is not known which rows chunk {chunk} has; retry the upload"),
        ));
    };
    let range = RowRange { first: row_no(answer.first_row)?, end: row_no(answer.end_row)? };
    let landed = raw::read(&mut tx, &Staging::of(upload.source), range).await?;
    let normalizer = Normalizer::of(&source)?;
    let mut rows = Rows::of_batch(&landed);
    for part in batches(&landed) {
        normalizer.normalize(&landed, part, ToMatch::AllOfThem, &mut rows)?;
        rows.normalized = NormalizedBuffer::default();
    }
    land_to_match(&mut tx, upload.source, chunk, rows.to_match).await?;
    tx.commit().await?;
    Ok(())
}
