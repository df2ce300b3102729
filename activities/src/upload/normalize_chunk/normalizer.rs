//! From raw rows to what is landed of them. Nothing here knows a database.

use std::ops::Range;

use chrono::{DateTime, Datelike};
use domain::id::{RowIds, TypedId};
use domain::lead::{LeadFacts, Targets};
use domain::normalize::{Requirements, RowFlags, normalize};
use entities::pipeline::normalized::{NormalizedBuffer, RowKeys, RowPlace};
use entities::pipeline::raw;
use entities::pipeline::rejects::{RejectBuffer, RejectedRow};
use intake::RawRow;

use super::BATCH_ROWS;
use super::known::{Had, Named};
use crate::Fault;
use crate::upload::matching::{Landing, LeftOut};
use crate::upload::source::Source;
use crate::upload::stream_chunk::signed;

/// Rows of a chunk that are looked at, about, to tell what kind of list it is.
const SAMPLE: usize = 100;
/// Of a small chunk fewer are: one of so many.
const AT_MOST_EVERY: usize = 16;

/// What rows come to.
pub(super) struct Rows {
    /// Those that were not sent yet.
    pub(super) normalized: NormalizedBuffer,
    pub(super) rejected: RejectBuffer,
    /// Records and keys of rows.
    pub(super) to_match: Landing,
    /// The normalized rows, where records and keys come later.
    pub(super) named: Vec<Named>,
}

impl Rows {
    /// None yet, with room for as many normalized rows of the chunk as are sent at once.
    pub(super) fn of_batch(landed: &raw::RawRows) -> Self {
        let rows = landed.len().clamp(1, BATCH_ROWS);
        let bytes = landed.bytes() / landed.len().max(1) * rows;
        Self {
            normalized: NormalizedBuffer::with_capacity(bytes * 2 + rows * 256),
            rejected: RejectBuffer::default(),
            to_match: Landing::default(),
            named: Vec::new(),
        }
    }
}

/// When records and keys of rows are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToMatch {
    /// With the rows, of all of them.
    AllOfThem,
    /// When it is known whom the team has.
    Later,
}

/// All that normalizing a row depends on beside the row.
pub(super) struct Normalizer {
    shape: intake::FileShape,
    requirements: Requirements,
    targets: Targets,
    /// The year of the upload, not of now: a repetition next January gives the same rows.
    year: i16,
    ids: RowIds,
}

/// A row as the reader knows it.
fn raw_row(row: raw::RawRow<'_>) -> RawRow<'_> {
    RawRow {
        row: row.row_no.cast_unsigned().into(),
        line: row.line_no.cast_unsigned(),
        byte: row.byte_no.cast_unsigned(),
        text: row.body,
    }
}

impl Normalizer {
    pub(super) fn of(source: &Source) -> Result<Self, Fault> {
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

    /// Some rows of the chunk, by whom they name.
    pub(super) fn sample(&self, landed: &raw::RawRows) -> Result<Vec<Named>, Fault> {
        let every = (landed.len() / SAMPLE).max(AT_MOST_EVERY);
        let some = || landed.iter().step_by(every);
        let parsed = intake::parse_rows(&self.shape, some().map(raw_row))?;
        let named = parsed.iter().zip(some()).filter_map(|(row, landed)| {
            let normalized = normalize(&row.ok()?.listing(), &self.requirements).ok()?;
            Some(Named { row_no: landed.row_no, keys: resolution::keys(&normalized) })
        });
        Ok(named.collect())
    }

    /// Adds the rows of the chunk at the places `part`.
    pub(super) fn normalize(
        &self,
        landed: &raw::RawRows,
        part: Range<usize>,
        to_match: ToMatch,
        rows: &mut Rows,
    ) -> Result<(), Fault> {
        let parsed = intake::parse_rows(&self.shape, landed.part(part.clone()).map(raw_row))?;
        for (result, landed) in parsed.iter().zip(landed.part(part)) {
            match result {
                Ok(row) => self.take(&row, landed, to_match, rows)?,
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
        Ok(())
    }

    /// Records and keys of the rows that name somebody whom the team has not `had`.
    pub(super) fn to_match(
        &self,
        landed: &raw::RawRows,
        named: &[Named],
        had: &Had,
    ) -> Result<Landing, Fault> {
        let mut to_match = Landing::default();
        let mut new: Vec<(Named, LeftOut)> = Vec::new();
        for row in named {
            let left = had.left_out(&row.keys);
            if to_match.leave_out(row.row_no, &row.keys, left)? {
                new.push((*row, left));
            }
        }
        // Both are in the order of the file.
        let is_new =
            |row: &raw::RawRow<'_>| new.binary_search_by_key(&row.row_no, |(new, _)| new.row_no).is_ok();
        let parsed = intake::parse_rows(&self.shape, landed.iter().filter(is_new).map(raw_row))?;
        for (row, (Named { row_no, keys }, left)) in parsed.iter().zip(&new) {
            // It was normalized before.
            if let Ok(Ok(normalized)) = row.map(|row| normalize(&row.listing(), &self.requirements)) {
                to_match.push(*row_no, &normalized, keys, *left)?;
            }
        }
        Ok(to_match)
    }

    fn take(
        &self,
        row: &intake::MappedRow<'_>,
        landed: raw::RawRow<'_>,
        to_match: ToMatch,
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
                match to_match {
                    ToMatch::Later => rows.named.push(Named { row_no: landed.row_no, keys }),
                    ToMatch::AllOfThem => {
                        rows.to_match.push(landed.row_no, &normalized, &keys, LeftOut::default())?;
                    }
                }
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
