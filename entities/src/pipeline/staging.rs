//! The staging tables of one file: where its rows wait between stages.

use domain::id::{DataSourceId, RowIds, TypedId};
use sqlx::AssertSqlSafe;

use crate::{BulkTransaction, Result};

/// The names of one file's partitions. The partitions are addressed directly: that spares routing each row
/// through the parent, and keeps files in flight out of each other's locks.
#[derive(Debug, Clone)]
pub struct Staging {
    source: DataSourceId,
    suffix: String,
}

impl Staging {
    /// The staging of `source`, which need not exist yet.
    pub fn of(source: DataSourceId) -> Self {
        Self { source, suffix: source.uuid().simple().to_string() }
    }

    /// The file.
    pub fn source(&self) -> DataSourceId {
        self.source
    }

    pub(super) fn raw(&self) -> String {
        format!("raw_prospects_{}", self.suffix)
    }

    pub(super) fn normalized(&self) -> String {
        format!("normalized_rows_{}", self.suffix)
    }

    pub(super) fn resolved(&self) -> String {
        format!("resolved_rows_{}", self.suffix)
    }

    /// The first 24 hex digits of every id that the file's rows give.
    pub(super) fn id_prefix(&self) -> String {
        RowIds::of(self.source).hex_prefix()
    }

    /// Fills a statement: `{team}` and `{source}` become literals of this session's ids, `{raw}`, `{normalized}`
    /// and `{resolved}` the partitions, `{prefix}` the id prefix. All of them are hex digits of our own ids,
    /// never a text of a user, which is why the result may be executed.
    pub(super) fn sql(&self, tx: &BulkTransaction, template: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(
            template
                .replace("{team}", &format!("'{}'::uuid", tx.team_id().uuid()))
                .replace("{source}", &format!("'{}'::uuid", self.source.uuid()))
                .replace("{raw}", &self.raw())
                .replace("{normalized}", &self.normalized())
                .replace("{resolved}", &self.resolved())
                .replace("{prefix}", &format!("'{}'", self.id_prefix())),
        )
    }

    /// Makes the partitions where they are missing.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; among them that the file is not of this transaction's team.
    pub async fn open(&self, tx: &mut BulkTransaction) -> Result<()> {
        tx.run(sqlx::query("SELECT open_staging($1)").bind(self.source.uuid())).await?;
        Ok(())
    }

    /// Drops the partitions, whatever is in them, in time that does not depend on their size, and what rows say of
    /// people and businesses.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; among them that the file is not of this transaction's team.
    pub async fn drop(&self, tx: &mut BulkTransaction) -> Result<()> {
        tx.run(sqlx::query("SELECT drop_staging($1)").bind(self.source.uuid())).await?;
        super::match_records::forget(tx, self.source).await
    }

    /// Readies raw rows for being read by number.
    ///
    /// # Errors
    /// Any [`crate::DbError`].
    pub(super) async fn settle_raw(&self, tx: &mut BulkTransaction) -> Result<()> {
        self.settle(tx, "raw_prospects").await
    }

    /// Readies normalized rows for being read by number and joined. Run it when all of them have landed.
    ///
    /// # Errors
    /// Any [`crate::DbError`].
    pub async fn settle_normalized(&self, tx: &mut BulkTransaction) -> Result<()> {
        self.settle(tx, "normalized_rows").await
    }

    /// Shows the planner how many rows repeat something.
    ///
    /// # Errors
    /// Any [`crate::DbError`].
    pub async fn settle_resolved(&self, tx: &mut BulkTransaction) -> Result<()> {
        self.settle(tx, "resolved_rows").await
    }

    async fn settle(&self, tx: &mut BulkTransaction, parent: &str) -> Result<()> {
        let query = sqlx::query("SELECT settle_staging($1, $2)").bind(self.source.uuid()).bind(parent);
        tx.run(query).await?;
        Ok(())
    }
}

/// Shows the planner the people, businesses and leads that have come to the tables. Run it in a transaction of its own
/// when the rows of a file have landed.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn settle_grown(tx: &mut BulkTransaction) -> Result<()> {
    tx.run(sqlx::query("SELECT settle_grown()")).await?;
    Ok(())
}

/// A range of row numbers: from `first` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRange {
    /// First row.
    pub first: i32,
    /// The row after the last.
    pub end: i32,
}
