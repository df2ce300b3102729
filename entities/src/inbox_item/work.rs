//! What is done about items: read, put away, put off.

use chrono::{DateTime, Utc};
use domain::id::{InboxItemId, TypedId, UserId};

use crate::{BulkTransaction, DbError, Result};

async fn change(
    tx: &mut BulkTransaction,
    id: InboxItemId,
    set: &'static str,
    by: UserId,
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<()> {
    // Every parameter has its type said, also where the statement has no use for it.
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH given AS (SELECT $3::uuid, $4::timestamptz, $5::timestamptz) \
         UPDATE inbox_items SET {set} WHERE team_id = $1 AND id = $2"
    ));
    let query = sqlx::query(sql).bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.uuid()).bind(at);
    match tx.run(query.bind(now)).await? {
        0 => Err(DbError::not_found("inbox item", id)),
        _ => Ok(()),
    }
}

/// Somebody has read it; the first one is kept. What was put away stays so.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn mark_read(
    tx: &mut BulkTransaction,
    id: InboxItemId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let set = "status = CASE status WHEN 'unread' THEN 'read' ELSE status END, read_by = coalesce(read_by, $3), \
               read_at = coalesce(read_at, $5)";
    change(tx, id, set, by, None, now).await
}

/// Somebody has dealt with it; whoever did first is kept.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn archive(
    tx: &mut BulkTransaction,
    id: InboxItemId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let set = "status = 'archived', processed_by = CASE WHEN processed_at IS NULL THEN $3 ELSE processed_by END, \
               processed_at = coalesce(processed_at, $5), snoozed_until = NULL, snoozed_by = NULL, \
               read_by = coalesce(read_by, $3), read_at = coalesce(read_at, $5)";
    change(tx, id, set, by, None, now).await
}

/// Out of sight until then; `None`: in sight again.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn snooze(
    tx: &mut BulkTransaction,
    id: InboxItemId,
    until: Option<DateTime<Utc>>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let set = "snoozed_until = $4, snoozed_by = CASE WHEN $4 IS NULL THEN NULL ELSE $3 END";
    change(tx, id, set, by, until, now).await
}
