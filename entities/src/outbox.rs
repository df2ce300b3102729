//! What is to be told elsewhere because of something that was committed here: written with it, told afterwards, at least once.

use std::time::Duration;

use domain::id::{TeamId, TypedId};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Database, Result};

/// Something to be told. `payload` has ids and counts only.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice<'a> {
    /// What it is, as `campaign.completed`.
    pub kind: &'a str,
    /// What makes it the same matter: the same is told once.
    pub dedup_key: &'a str,
    /// Ids and counts.
    pub payload: &'a Value,
}

/// Puts something into the outbox of the running transaction. Answers whether it is new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn put(tx: &mut BulkTransaction, notice: NewNotice<'_>) -> Result<bool> {
    Ok(put_all(tx, &[notice]).await? > 0)
}

/// As [`put`], of several. Answers how many are new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn put_all(tx: &mut BulkTransaction, notices: &[NewNotice<'_>]) -> Result<u64> {
    let query = sqlx::query(
        "INSERT INTO outbox (team_id, kind, dedup_key, payload)
         SELECT $1, n.kind, n.dedup_key, n.payload
           FROM unnest($2::text[], $3::text[], $4::jsonb[]) n (kind, dedup_key, payload)
         ON CONFLICT ON CONSTRAINT outbox_once DO NOTHING",
    );
    let kinds: Vec<&str> = notices.iter().map(|notice| notice.kind).collect();
    let keys: Vec<&str> = notices.iter().map(|notice| notice.dedup_key).collect();
    let payloads: Vec<Json<&Value>> = notices.iter().map(|notice| Json(notice.payload)).collect();
    tx.run(query.bind(tx.team_id().uuid()).bind(kinds).bind(keys).bind(payloads)).await
}

/// Something to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its row.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// What makes it the same matter.
    pub dedup_key: String,
    /// Ids and counts.
    pub payload: Value,
    /// How often it was tried before.
    pub attempts: i32,
}
from_row!(Notice { id, kind, dedup_key, payload, attempts });

/// Teams that have something to be told, the longest waiting first: for the relay, which belongs to none.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn teams(database: &Database, most: i32) -> Result<Vec<TeamId>> {
    let rows: Vec<(Uuid,)> = sqlx::query_as("SELECT team_id FROM teams_with_outbox($1)")
        .bind(most)
        .fetch_all(database.pool())
        .await?;
    Ok(rows.into_iter().map(|(id,)| TeamId::from_uuid(id)).collect())
}

/// Which notices are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// Those of one kind.
    Only(&'a str),
    /// Those of all other kinds.
    AllBut(&'a str),
}

/// Takes what is to be told now, and leaves it alone for `lease`: whoever dies meanwhile leaves it to the next one.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn take(
    tx: &mut BulkTransaction,
    which: Which<'_>,
    limit: i64,
    lease: Duration,
) -> Result<Vec<Notice>> {
    let query = sqlx::query_as(
        "UPDATE outbox o SET attempts = o.attempts + 1, available_at = clock_timestamp() + $3 * interval '1 microsecond'
           FROM (SELECT id FROM outbox WHERE team_id = $1 AND done_at IS NULL AND available_at <= clock_timestamp()
                     AND (kind = $4) = $5
                  ORDER BY available_at LIMIT $2 FOR UPDATE SKIP LOCKED) n
          WHERE o.team_id = $1 AND o.id = n.id RETURNING o.id, o.kind, o.dedup_key, o.payload, o.attempts - 1 AS attempts",
    );
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX);
    let (kind, is_meant) = match which {
        Which::Only(kind) => (kind, true),
        Which::AllBut(kind) => (kind, false),
    };
    tx.all(query.bind(tx.team_id().uuid()).bind(limit).bind(lease).bind(kind).bind(is_meant)).await
}

/// Notes that something was told.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn done(tx: &mut BulkTransaction, ids: &[Uuid]) -> Result<()> {
    let query = sqlx::query(
        "UPDATE outbox SET done_at = clock_timestamp(), failure = NULL WHERE team_id = $1 AND id = ANY($2)",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(ids)).await?;
    Ok(())
}

/// Notes why something could not be told, in words without personal data, and when to try again.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn failed(tx: &mut BulkTransaction, id: Uuid, why: &str, again: Duration) -> Result<()> {
    let query = sqlx::query(
        "UPDATE outbox SET failure = $3, available_at = clock_timestamp() + $4 * interval '1 microsecond'
          WHERE team_id = $1 AND id = $2 AND done_at IS NULL",
    );
    let again = i64::try_from(again.as_micros()).unwrap_or(i64::MAX);
    tx.run(query.bind(tx.team_id().uuid()).bind(id).bind(why).bind(again)).await?;
    Ok(())
}

/// Teams with notices that could not be told for so long, and how many: for alerts.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn stuck(database: &Database, older_than: Duration, most: i32) -> Result<Vec<(TeamId, i64)>> {
    let micros = i64::try_from(older_than.as_micros()).unwrap_or(i64::MAX);
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(
        "SELECT team_id, notices FROM teams_with_stuck_outbox($1 * interval '1 microsecond', $2)",
    )
    .bind(micros)
    .bind(most)
    .fetch_all(database.pool())
    .await?;
    Ok(rows.into_iter().map(|(id, notices)| (TeamId::from_uuid(id), notices)).collect())
}
