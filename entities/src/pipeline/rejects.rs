//! Rows that were set aside, with where they stood and what was wrong with them.

use domain::FailureCode;
use domain::id::TypedId;

use super::staging::Staging;
use crate::{BulkTransaction, CopyBuffer, Result};

/// A row that was set aside.
#[derive(Debug, Clone, Copy)]
pub struct RejectedRow<'a> {
    /// Number of the row, from 1.
    pub row_no: i32,
    /// Line of the file, from 1.
    pub line_no: i64,
    /// Byte of the stored object, from 0.
    pub byte_no: i64,
    /// Column of the cell that is to blame, from 1, where one is.
    pub column_no: Option<i32>,
    /// What is wrong.
    pub code: FailureCode,
    /// What would have been right.
    pub expected: &'a str,
    /// What there was.
    pub got: &'a str,
    /// The row's text as it stood in the file.
    pub body: &'a str,
}

/// Collects set-aside rows for [`land`].
#[derive(Debug, Default)]
pub struct RejectBuffer(CopyBuffer);

impl RejectBuffer {
    /// Adds a row.
    pub fn push(&mut self, row: &RejectedRow<'_>) {
        self.0
            .i32(row.row_no)
            .i64(row.line_no)
            .i64(row.byte_no)
            .opt_i32(row.column_no)
            .text(row.code.as_str())
            .text(row.expected)
            .text(row.got)
            .text(row.body);
        self.0.end_row();
    }

    /// How many rows it holds.
    pub fn rows(&self) -> u64 {
        self.0.rows()
    }
}

/// Lands the rows that `stage` set aside in its piece `chunk`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn land(
    tx: &mut BulkTransaction,
    staging: &Staging,
    stage: &str,
    chunk: i32,
    rows: &RejectBuffer,
) -> Result<()> {
    if rows.rows() == 0 {
        return Ok(());
    }
    tx.execute(
        "CREATE TEMP TABLE rejects_in (row_no integer, line_no bigint, byte_no bigint, column_no integer, \
         code text, expected text, got text, body text) ON COMMIT DROP",
    )
    .await?;
    tx.copy_in("rejects_in", &rows.0).await?;
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "INSERT INTO rejected_rows (team_id, data_source_id, row_no, stage, chunk, line_no, byte_no, \
             column_no, code, expected, got, body) \
             SELECT $1, $2, row_no, $3, $4, line_no, byte_no, column_no, code, expected, got, body \
             FROM rejects_in",
        )
        .bind(team)
        .bind(staging.source().uuid())
        .bind(stage)
        .bind(chunk),
    )
    .await?;
    Ok(())
}

/// Forgets what earlier attempts at the file set aside.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn forget(tx: &mut BulkTransaction, staging: &Staging) -> Result<()> {
    tx.run(sqlx::query("DELETE FROM rejected_rows WHERE data_source_id = $1").bind(staging.source().uuid()))
        .await?;
    Ok(())
}
