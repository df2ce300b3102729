//! Raw rows: what the file says, row by row, untouched.

use super::staging::{RowRange, Staging};
use crate::from_row::from_row;
use crate::{BulkTransaction, CopyBuffer, Result};

/// A raw row as it was landed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// Number of the row, from 1.
    pub row_no: i32,
    /// Line of the file on which it begins, from 1.
    pub line_no: i64,
    /// Byte of the stored object at which it begins, from 0.
    pub byte_no: i64,
    /// The row's text without its terminator.
    pub body: String,
}
from_row!(RawRow { row_no, line_no, byte_no, body });

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
    tx.execute(sql).await
}

/// The rows of `range`, in order.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn read(tx: &mut BulkTransaction, staging: &Staging, range: RowRange) -> Result<Vec<RawRow>> {
    let sql = staging.sql(
        tx,
        "SELECT row_no, line_no, byte_no, body FROM {raw} WHERE row_no >= $1 AND row_no < $2 ORDER BY row_no",
    );
    tx.all(sqlx::query_as(sql).bind(range.first).bind(range.end)).await
}
