//! What a rule would have done: the occasions of the past, each with what was known when it would have been due.

use chrono::{DateTime, Utc};
use domain::id::TypedId;
use domain::reply::{ClientLine, FollowUpRule};

use super::facts::{FACTS, FactsRow, Known, waits_upon};
use crate::{BulkTransaction, Result};

/// $2 since, $3 until, $4 the wait, $5 the intent, $6 how many.
const PAST: &str = "
WITH asked (item_id, at) AS (
    SELECT i.id, i.received_at + $4 * interval '1 minute' FROM inbox_items i
     WHERE i.team_id = $1 AND i.received_at >= $2 AND i.received_at + $4 * interval '1 minute' <= $3 AND i.intent = $5
     ORDER BY i.received_at, i.id LIMIT $6)";

/// The occasions since a moment that a rule waits upon and that would have been due by now, the first of them first, `limit` at
/// the most; each with what was known when it would have been.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn past(
    tx: &mut BulkTransaction,
    rule: &FollowUpRule,
    line: ClientLine,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Known>> {
    // All of it is text of these files.
    let sql = sqlx::AssertSqlSafe(format!("{PAST}{FACTS}"));
    let query = sqlx::query_as::<_, FactsRow>(sql).bind(tx.team_id().uuid()).bind(since).bind(now);
    let query = query.bind(f64::from(rule.after_minutes)).bind(waits_upon(rule.trigger).as_str());
    let rows = tx.all(query.bind(i64::from(limit))).await?;
    Ok(rows.into_iter().map(|row| row.known(rule.trigger, line)).collect())
}
