//! Raw rows: what the file says, row by row, untouched.

use std::ops::Range;

use futures::TryStreamExt as _;

use super::staging::{RowRange, Staging};
use crate::binary_copy::BinaryCopy;
use crate::{BulkTransaction, CopyBuffer, Result};

/// Raw rows of a range, as they were landed, in one piece of memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawRows {
    text: String,
    rows: Vec<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    row_no: i32,
    line_no: i64,
    byte_no: i64,
    body: (usize, usize),
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawRow<'a> {
    /// Number of the row, from 1.
    pub row_no: i32,
    /// Line of the file on which it begins, from 1.
    pub line_no: i64,
    /// Byte of the stored object at which it begins, from 0.
    pub byte_no: i64,
    /// The row's text without its terminator.
    pub body: &'a str,
}

impl RawRows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes of all their texts.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The rows in order.
    pub fn iter(&self) -> impl Iterator<Item = RawRow<'_>> {
        self.part(0..self.len())
    }

    /// Some of them in order: those at the places `part`, which end where the rows do.
    pub fn part(&self, part: Range<usize>) -> impl Iterator<Item = RawRow<'_>> {
        self.rows[part.start.min(self.len())..part.end.min(self.len())].iter().map(|place| RawRow {
            row_no: place.row_no,
            line_no: place.line_no,
            byte_no: place.byte_no,
            body: &self.text[place.body.0..place.body.1],
        })
    }
}

/// Lands rows whose buffer holds `row_no, line_no, byte_no, body`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land(tx: &mut BulkTransaction, staging: &Staging, rows: &CopyBuffer) -> Result<u64> {
    tx.execute(
        "CREATE TEMP TABLE raw_in (row_no integer, line_no bigint, byte_no bigint, body text) ON COMMIT DROP",
    )
    .await?;
    tx.copy_in("raw_in", rows).await?;
    let sql = staging.sql(tx, "INSERT INTO {raw} SELECT {team}, {source}, r.* FROM raw_in r");
    let landed = tx.execute(sql).await?;
    staging.settle_raw(tx).await?;
    Ok(landed)
}

/// The rows of `range`, in order. They come by COPY: a row by row answer costs three times as much.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn read(tx: &mut BulkTransaction, staging: &Staging, range: RowRange) -> Result<RawRows> {
    let copy = format!(
        "COPY (SELECT row_no, line_no, byte_no, body FROM {} WHERE row_no >= {} AND row_no < {} ORDER BY row_no) \
         TO STDOUT (FORMAT binary)",
        staging.raw(),
        range.first,
        range.end
    );
    let mut answer = Vec::new();
    let mut stream = tx.connection().copy_out_raw(&copy).await?;
    while let Some(bytes) = stream.try_next().await? {
        answer.extend_from_slice(&bytes);
    }
    let mut raw = RawRows { text: String::with_capacity(answer.len()), rows: Vec::new() };
    let mut rows = BinaryCopy::of(&answer)?;
    while rows.next_row(4)? {
        let (row_no, line_no, byte_no) = (rows.i32()?, rows.i64()?, rows.i64()?);
        let start = raw.text.len();
        raw.text.push_str(rows.text()?);
        raw.rows.push(Place { row_no, line_no, byte_no, body: (start, raw.text.len()) });
    }
    Ok(raw)
}
