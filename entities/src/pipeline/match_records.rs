//! What each row says of its person and business, in the form in which it is compared: made when the row is normalized,
//! read when the file is matched, gone with the file's staging.
//!
//! One value a chunk holds the records of its rows, one behind the other: row number (four bytes), whom it names (one
//! byte), length (two bytes), record; numbers are big-endian. What a record looks like is the business of whoever
//! makes it; those of two versions of the rules never meet. A record without a byte stands for one that was left out,
//! because the team had whom the row names.

use domain::id::{DataSourceId, TypedId};

use crate::merge::Kind;
use crate::{BulkTransaction, DbError, Result};

/// Collects the records of a chunk, for [`land`].
#[derive(Debug, Default)]
pub struct RecordBuffer(Vec<u8>);

impl RecordBuffer {
    /// Adds what row `row_no` says of `kinds`.
    ///
    /// # Errors
    /// [`DbError::Unreadable`] for a record of more than 65,535 bytes.
    pub fn push(&mut self, row_no: i32, kinds: impl IntoIterator<Item = Kind>, record: &[u8]) -> Result<()> {
        let length = u16::try_from(record.len())
            .map_err(|_| DbError::unreadable("match_records.records", "a record that is too long"))?;
        let named = kinds.into_iter().fold(0, |named, kind| named | flag(kind));
        self.0.extend_from_slice(&row_no.to_be_bytes());
        self.0.push(named);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(record);
        Ok(())
    }
}

const fn flag(kind: Kind) -> u8 {
    1 << kind.number()
}

/// Lands the records of a chunk of `source`, made by version `rules` of the rules, in the place of what it had.
///
/// # Errors
/// Any [`DbError`].
pub async fn land(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    chunk: i32,
    rules: u16,
    records: &RecordBuffer,
) -> Result<()> {
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "INSERT INTO match_records (team_id, data_source_id, chunk, rules, records) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (data_source_id, chunk) DO UPDATE SET rules = excluded.rules, records = excluded.records",
        )
        .bind(team)
        .bind(source.uuid())
        .bind(chunk)
        .bind(rules.cast_signed())
        .bind(&records.0),
    )
    .await?;
    Ok(())
}

/// Gives `each` the rows of `source` that name a `kind`, with chunk and record, in the order of the file; those whose
/// records were left out come before the others of their chunk. A chunk is in memory at a time.
///
/// # Errors
/// Any [`DbError`].
pub async fn read(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    kind: Kind,
    rules: u16,
    mut each: impl FnMut(i32, u32, &[u8]),
) -> Result<()> {
    let mut before = -1;
    loop {
        let next: Option<(i32, Vec<u8>)> = tx
            .first(
                sqlx::query_as(
                    "SELECT chunk, records FROM match_records \
                      WHERE data_source_id = $1 AND rules = $2 AND chunk > $3 ORDER BY chunk LIMIT 1",
                )
                .bind(source.uuid())
                .bind(rules.cast_signed())
                .bind(before),
            )
            .await?;
        let Some((chunk, records)) = next else { return Ok(()) };
        before = chunk;
        let mut rest = records.as_slice();
        while !rest.is_empty() {
            let (row_no, named, record, behind) = split(rest)
                .ok_or_else(|| DbError::unreadable("match_records.records", "bytes that are no records"))?;
            if named & flag(kind) != 0 {
                each(chunk, row_no, record);
            }
            rest = behind;
        }
    }
}

fn split(bytes: &[u8]) -> Option<(u32, u8, &[u8], &[u8])> {
    let (row_no, rest) = bytes.split_first_chunk::<4>()?;
    let (named, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (record, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((u32::from_be_bytes(*row_no), *named, record, rest))
}

/// Forgets the records of `source`.
///
/// # Errors
/// Any [`DbError`].
pub(super) async fn forget(tx: &mut BulkTransaction, source: DataSourceId) -> Result<()> {
    tx.run(sqlx::query("DELETE FROM match_records WHERE data_source_id = $1").bind(source.uuid())).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_as_they_went_in() -> Result<()> {
        let mut buffer = RecordBuffer::default();
        buffer.push(7, [Kind::Persona], b"abc")?;
        buffer.push(8, Kind::ALL, b"")?;
        let (row_no, named, record, rest) = split(&buffer.0).unwrap_or_default();
        assert_eq!((row_no, named, record), (7, flag(Kind::Persona), &b"abc"[..]));
        let both = flag(Kind::Persona) | flag(Kind::Business);
        assert_eq!(split(rest), Some((8, both, &b""[..], &b""[..])));
        assert_eq!(split(&rest[..5]), None);
        assert!(buffer.push(9, Kind::ALL, &[0; 70_000]).is_err());
        Ok(())
    }
}
