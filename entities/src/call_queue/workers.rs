//! Who calls: what they know, how much they take at once, and how much they have.

use chrono::{DateTime, Utc};
use domain::id::{TypedId, UserId};
use uuid::Uuid;

use crate::conversation::member;
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

/// Somebody who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// Who.
    pub user: UserId,
    /// What they know.
    pub skills: Vec<String>,
    /// How many calls they take at once.
    pub most: i16,
    /// Whether they are given calls.
    pub active: bool,
    /// How many they have.
    pub load: i64,
    /// When that was said last.
    pub updated_at: DateTime<Utc>,
}

struct Row {
    user_id: Uuid,
    skills: Vec<String>,
    most: i16,
    active: bool,
    load: i64,
    updated_at: DateTime<Utc>,
}
from_row!(Row { user_id, skills, most, active, load, updated_at });

/// Those who call, with what they have.
///
/// # Errors
/// Any [`DbError`].
pub async fn workers(tx: &mut BulkTransaction) -> Result<Vec<Worker>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT w.user_id, w.skills, w.most, w.active, count(q.id) AS load, w.updated_at
           FROM call_workers w LEFT JOIN call_queue q
             ON q.team_id = w.team_id AND q.assigned_to = w.user_id AND q.state IN ('queued', 'claimed')
          WHERE w.team_id = $1 GROUP BY w.team_id, w.user_id ORDER BY w.user_id LIMIT 200",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid())).await?;
    let workers = rows.into_iter().map(|row| Worker {
        user: UserId::from_uuid(row.user_id),
        skills: row.skills,
        most: row.most,
        active: row.active,
        load: row.load,
        updated_at: row.updated_at,
    });
    Ok(workers.collect())
}

/// Says what a member of the team knows and takes at once. Calls that are nobody's and that they can take are given to them,
/// the most urgent first, as far as there is room. Answers how many.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such member.
pub async fn put_worker(
    tx: &mut BulkTransaction,
    user: UserId,
    skills: &[String],
    most: u8,
    active: bool,
    by: UserId,
) -> Result<u64> {
    let team = tx.team_id().uuid();
    tx.lock(&format!("call_queue:{team}")).await?;
    member(tx, user).await?;
    let query = sqlx::query(
        "INSERT INTO call_workers (team_id, user_id, skills, most, active, updated_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (team_id, user_id) DO UPDATE SET skills = excluded.skills, most = excluded.most,
            active = excluded.active, updated_by = excluded.updated_by, updated_at = clock_timestamp()",
    );
    let query = query.bind(team).bind(user.uuid()).bind(skills).bind(i16::from(most)).bind(active);
    tx.run(query.bind(by.uuid())).await?;
    let query = sqlx::query(
        "UPDATE call_queue q SET assigned_to = $2, assigned_at = clock_timestamp()
           FROM (SELECT c.id FROM call_queue c JOIN call_workers w ON w.team_id = c.team_id AND w.user_id = $2
                  WHERE c.team_id = $1 AND c.state = 'queued' AND c.assigned_to IS NULL AND w.active
                    AND (c.skill IS NULL OR c.skill = ANY (w.skills)) ORDER BY c.priority DESC, c.id
                  LIMIT greatest(0, $3 - (SELECT count(*) FROM call_queue o WHERE o.team_id = $1 AND o.assigned_to = $2
                                             AND o.state IN ('queued', 'claimed')))) n
          WHERE q.team_id = $1 AND q.id = n.id",
    );
    tx.run(query.bind(team).bind(user.uuid()).bind(i64::from(most))).await
}

/// Somebody calls no more; what they were to call and have not begun is nobody's. Answers how many calls that are.
///
/// # Errors
/// [`DbError::NotFound`] where they did not call.
pub async fn remove_worker(tx: &mut BulkTransaction, user: UserId) -> Result<u64> {
    let team = tx.team_id().uuid();
    tx.lock(&format!("call_queue:{team}")).await?;
    let query = sqlx::query("DELETE FROM call_workers WHERE team_id = $1 AND user_id = $2");
    if tx.run(query.bind(team).bind(user.uuid())).await? == 0 {
        return Err(DbError::not_found("call worker", user));
    }
    let query = sqlx::query(
        "UPDATE call_queue SET assigned_to = NULL, assigned_at = NULL
          WHERE team_id = $1 AND assigned_to = $2 AND state = 'queued'",
    );
    tx.run(query.bind(team).bind(user.uuid())).await
}
