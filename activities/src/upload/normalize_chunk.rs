//! `upload.normalize_chunk`: raw rows of one chunk to `normalized_rows` or `rejected_rows`. Key: file, chunk.

use chrono::{DateTime, Datelike};
use domain::id::{RowIds, TypedId};
use domain::lead::{LeadFacts, Targets};
use domain::normalize::{RowFlags, normalize};
use entities::merge::Kind;
use entities::pipeline::checkpoint::Piece;
use entities::pipeline::normalized::{NormalizedBuffer, RowKeys, RowPlace};
use entities::pipeline::rejects::{RejectBuffer, RejectedRow};
use entities::pipeline::staging::RowRange;
use entities::pipeline::{Staging, match_keys, match_records, normalized, raw, rejects};
use intake::RawRow;
use workflows::upload::{NormalizeChunkInput, NormalizeChunkOutput};

use super::matching::{Landing, rules};
use super::source::Source;
use super::stream_chunk::{row_no, signed};
use crate::{Fault, Resources};

pub(super) const STAGE: &str = "normalize_chunk";

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

    let rows = Normalizer::of(&source)?.normalize(&landed)?;
    normalized::land(&mut tx, &staging, &rows.normalized).await?;
    let version = rules(Kind::Persona).version();
    match_records::land(&mut tx, upload.source, chunk, version, &rows.to_match.records).await?;
    match_keys::land(&mut tx, upload.source, chunk, version, rows.to_match.keys).await?;
    rejects::land(&mut tx, &staging, STAGE, chunk, &rows.rejected).await?;
    let answer =
        NormalizeChunkOutput { rows_normalized: rows.normalized.rows(), rows_rejected: rows.rejected.rows() };
    piece.complete(&mut tx, landed.len() as u64, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// What a chunk comes to.
struct Rows {
    normalized: NormalizedBuffer,
    rejected: RejectBuffer,
    to_match: Landing,
}

/// All that normalizing a row depends on beside the row.
struct Normalizer {
    shape: intake::FileShape,
    requirements: domain::normalize::Requirements,
    targets: Targets,
    /// The year of the upload, not of now: a repetition next January gives the same rows.
    year: i16,
    ids: RowIds,
}

impl Normalizer {
    fn of(source: &Source) -> Result<Self, Fault> {
        let uploaded_ms = i64::try_from(source.row.id.timestamp_ms()).unwrap_or(i64::MAX);
        let year = DateTime::from_timestamp_millis(uploaded_ms).map_or(i32::MAX, |at| at.year());
        Ok(Self {
            shape: source.shape()?,
            requirements: source.requirements()?,
            targets: source.targets()?,
            year: i16::try_from(year).unwrap_or(i16::MAX),
            ids: RowIds::of(*source.row.id),
        })
    }

    fn normalize(&self, landed: &raw::RawRows) -> Result<Rows, Fault> {
        let mut rows = Rows {
            normalized: NormalizedBuffer::with_capacity(landed.bytes() * 2 + landed.len() * 256),
            rejected: RejectBuffer::default(),
            to_match: Landing::default(),
        };
        let raw_rows = landed.iter().map(|row| RawRow {
            row: row.row_no.cast_unsigned().into(),
            line: row.line_no.cast_unsigned(),
            byte: row.byte_no.cast_unsigned(),
            text: row.body,
        });
        let parsed = intake::parse_rows(&self.shape, raw_rows)?;
        for (result, landed) in parsed.iter().zip(landed.iter()) {
            match result {
                Ok(row) => self.take(&row, landed, &mut rows)?,
                Err(reject) => rows.rejected.push(&RejectedRow {
                    row_no: landed.row_no,
                    line_no: signed(reject.line),
                    byte_no: signed(reject.byte),
                    column_no: reject.column.and_then(|column| i32::try_from(column).ok()),
                    code: reject.code,
                    expected: &reject.expected,
                    got: &reject.got,
                    body: landed.body,
                }),
            }
        }
        Ok(rows)
    }

    fn take(
        &self,
        row: &intake::MappedRow<'_>,
        landed: raw::RawRow<'_>,
        rows: &mut Rows,
    ) -> Result<(), Fault> {
        match normalize(&row.listing(), &self.requirements) {
            Ok(mut normalized) => {
                let facts = LeadFacts::of(&normalized, &self.targets, self.year);
                if facts.lacks_usual_data() {
                    normalized.flags.insert(RowFlags::MISSING_DATA);
                }
                let keys = resolution::keys(&normalized);
                let extras = row.extras_json().map(|extras| serde_json::Value::Object(extras).to_string());
                let place = RowPlace {
                    row_no: landed.row_no,
                    line_no: landed.line_no,
                    row_id: self.ids.row(landed.row_no.cast_unsigned()),
                    keys: RowKeys {
                        business: keys.business,
                        persona: keys.persona,
                        lead: keys.lead,
                        fingerprint: keys.fingerprint,
                    },
                    facts: facts.bits(),
                    extras: extras.as_deref(),
                };
                rows.normalized.push(&place, &normalized);
                rows.to_match.push(landed.row_no, &normalized, &keys)?;
            }
            Err(rejection) => {
                let column = rejection.column.parse().ok().and_then(|field| self.shape.column_of(field));
                rows.rejected.push(&RejectedRow {
                    row_no: landed.row_no,
                    line_no: landed.line_no,
                    byte_no: landed.byte_no,
                    column_no: column.and_then(|column| i32::try_from(column + 1).ok()),
                    code: rejection.code,
                    expected: rejection.expected,
                    got: &rejection.got,
                    body: landed.body,
                });
            }
        }
        Ok(())
    }
}
