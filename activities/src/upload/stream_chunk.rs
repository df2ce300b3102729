//! `upload.stream_chunk`: rows of one byte range from object storage to `raw_prospects`. Key: file, chunk.

use entities::CopyBuffer;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::rejects::{RejectBuffer, RejectedRow};
use entities::pipeline::{Staging, raw, rejects};
use intake::{ChunkLimits, MAX_RECORD_BYTES, Position};
use serde::{Deserialize, Serialize};
use workflows::upload::{StreamChunkInput, StreamChunkOutput};

use super::source::Source;
use crate::{Fault, Resources};

pub(super) const STAGE: &str = "stream_chunk";

/// Bytes a row is expected to take as long as nothing of the file has been read.
const USUAL_ROW_BYTES: u64 = 320;

/// What is written down with the rows: the answer, and where the next chunk begins.
#[derive(Serialize, Deserialize)]
pub(super) struct Done {
    pub(super) answer: StreamChunkOutput,
    next: Position,
}

pub(super) async fn stream_chunk(
    resources: &Resources,
    input: StreamChunkInput,
) -> Result<StreamChunkOutput, Fault> {
    let upload = input.upload;
    let source = Source::load(resources, upload).await?;
    let shape = source.shape()?;
    let key = source.object_key()?;
    let size = u64::try_from(source.row.size_bytes).unwrap_or_default();
    let chunk = i32::try_from(input.chunk).unwrap_or(i32::MAX);

    let mut tx = resources.db.team_bulk(upload.team).await?;
    let piece = Piece { source: upload.source, stage: STAGE, chunk };
    if let Some(Done { answer, .. }) = piece.claim(&mut tx).await? {
        return Ok(answer);
    }
    let at = match chunk {
        0 => shape.start(),
        _ => match (Piece { chunk: chunk - 1, ..piece }).claim(&mut tx).await? {
            Some(Done { next, .. }) => next,
            None => {
                return Err(Fault::permanent(
                    domain::FailureCode::SystemInternal,
                    format!("chunk {chunk} was asked for before chunk {} was done", chunk - 1),
                ));
            }
        },
    };

    // Twice the longest row (four times in UTF-16) and every call moves on.
    let least = 4 * MAX_RECORD_BYTES as u64;
    let wanted = (u64::from(input.max_rows) * row_bytes(at)).max(least);
    let end = at.byte.saturating_add(wanted).min(size);
    let bytes = resources.store.get_range(&key, at.byte..end).await?;
    let is_last = at.byte + bytes.len() as u64 >= size;
    let limits = ChunkLimits::rows(usize::try_from(input.max_rows).unwrap_or(usize::MAX));
    let found = intake::split_chunk(&bytes, &shape, at, is_last, limits)?;

    let staging = Staging::of(upload.source);
    let mut rows = CopyBuffer::with_capacity(bytes.len() + found.rows().len() * 24);
    for row in found.rows() {
        rows.i32(row_no(row.row)?).i64(signed(row.line)).i64(signed(row.byte)).text(row.text);
        rows.end_row();
    }
    raw::land(&mut tx, &staging, &rows).await?;
    let mut rejected = RejectBuffer::default();
    for set_aside in &found.rejects {
        let reject = &set_aside.reject;
        rejected.push(&RejectedRow {
            row_no: row_no(reject.row)?,
            line_no: signed(reject.line),
            byte_no: signed(reject.byte),
            column_no: reject.column.and_then(|column| i32::try_from(column).ok()),
            code: reject.code,
            expected: &reject.expected,
            got: &reject.got,
            body: &set_aside.raw,
        });
    }
    rejects::land(&mut tx, &staging, STAGE, chunk, &rejected).await?;

    let answer = StreamChunkOutput {
        first_row: at.row,
        end_row: found.next.row,
        end_byte: found.next.byte,
        rows_read: found.rows_seen(),
        rows_rejected: rejected.rows(),
        end_of_file: is_last && found.next.byte >= size,
    };
    piece.complete(&mut tx, answer.rows_read, &Done { answer, next: found.next }).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Bytes that a row of the file takes: a little more than it took so far.
fn row_bytes(at: Position) -> u64 {
    at.byte.checked_div(at.row.saturating_sub(1)).map_or(USUAL_ROW_BYTES, |usual| usual + usual / 16 + 1)
}

/// Row numbers are stored in four bytes: a file of more than two thousand million rows is refused.
pub(super) fn row_no(row: u64) -> Result<i32, Fault> {
    i32::try_from(row).map_err(|_| {
        Fault::permanent(
            domain::FailureCode::UploadQuotaExceeded,
            format!("a file may have {} rows at the most; split it", i32::MAX),
        )
    })
}

/// Positions in a file fit eight signed bytes by far.
pub(super) fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
