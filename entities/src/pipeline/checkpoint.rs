//! What is done is written down in the transaction that did it.

use std::time::Duration;

use domain::id::{DataSourceId, TypedId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::types::Json;

use crate::{BulkTransaction, Result};

/// One piece of one stage of one file.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// The file.
    pub source: DataSourceId,
    /// The stage, by the verb of its activity.
    pub stage: &'a str,
    /// Number of the piece, from 0.
    pub chunk: i32,
}

impl Piece<'_> {
    /// Waits until nobody else works at this piece, then answers what its work came to if it is done.
    ///
    /// # Errors
    /// Any [`crate::DbError`]; among them an answer of another shape, which only a change of code makes.
    pub async fn claim<T: DeserializeOwned + Send + Unpin + 'static>(
        &self,
        tx: &mut BulkTransaction,
    ) -> Result<Option<T>> {
        tx.lock(&format!("{}:{}:{}", self.source, self.stage, self.chunk)).await?;
        let done: Option<(Json<T>,)> = tx
            .first(
                sqlx::query_as(
                    "SELECT output FROM stage_runs WHERE data_source_id = $1 AND stage = $2 AND chunk = $3",
                )
                .bind(self.source.uuid())
                .bind(self.stage)
                .bind(self.chunk),
            )
            .await?;
        Ok(done.map(|(Json(output),)| output))
    }

    /// Writes down that the piece is done: how many rows it was, what it came to, and since when it ran
    /// (`started_at` is the beginning of the transaction).
    ///
    /// # Errors
    /// Any [`crate::DbError`].
    pub async fn complete<T: Serialize + Sync>(
        &self,
        tx: &mut BulkTransaction,
        rows: u64,
        output: &T,
    ) -> Result<()> {
        self.note(tx, rows, output, Duration::ZERO).await
    }

    /// As [`Piece::complete`], for a piece that began so long `before` its transaction did.
    ///
    /// # Errors
    /// Any [`crate::DbError`].
    pub async fn complete_begun<T: Serialize + Sync>(
        &self,
        tx: &mut BulkTransaction,
        rows: u64,
        output: &T,
        before: Duration,
    ) -> Result<()> {
        self.note(tx, rows, output, before).await
    }

    async fn note<T: Serialize + Sync>(
        &self,
        tx: &mut BulkTransaction,
        rows: u64,
        output: &T,
        before: Duration,
    ) -> Result<()> {
        let team = tx.team_id().uuid();
        tx.run(
            sqlx::query(
                "INSERT INTO stage_runs (team_id, data_source_id, stage, chunk, rows, output, started_at, \
                 ended_at) VALUES ($1, $2, $3, $4, $5, $6, now() - make_interval(secs => $7), clock_timestamp())",
            )
            .bind(team)
            .bind(self.source.uuid())
            .bind(self.stage)
            .bind(self.chunk)
            .bind(i64::try_from(rows).unwrap_or(i64::MAX))
            .bind(Json(output))
            .bind(before.as_secs_f64()),
        )
        .await?;
        Ok(())
    }
}

/// Whether any piece of `stage` of the file is done.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn any(tx: &mut BulkTransaction, source: DataSourceId, stage: &str) -> Result<bool> {
    let query =
        sqlx::query_as("SELECT EXISTS (SELECT FROM stage_runs WHERE data_source_id = $1 AND stage = $2)");
    let any: Option<(bool,)> = tx.first(query.bind(source.uuid()).bind(stage)).await?;
    Ok(any.is_some_and(|(any,)| any))
}

/// Forgets every checkpoint of the file, for another attempt from the beginning.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn forget(tx: &mut BulkTransaction, source: DataSourceId) -> Result<()> {
    tx.run(sqlx::query("DELETE FROM stage_runs WHERE data_source_id = $1").bind(source.uuid())).await?;
    Ok(())
}
