//! How calls come into the queue: each to whoever knows what is asked for and has the least to do.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, QueuedCallId, TypedId, UserId};
use serde_json::json;
use uuid::Uuid;

use super::workers::{Worker, workers};
use crate::alert::{self, NewAlert};
use crate::{BulkTransaction, Result, fresh_id};

/// From how many calls that nobody has on, somebody is told (`route.queue_overflow`).
pub const OVERFLOW: i64 = 20;

/// A call to be made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NewCall<'a> {
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// Because of which item.
    pub item: Option<InboxItemId>,
    /// Whom.
    pub lead: Option<LeadId>,
    /// At which number, E.164.
    pub phone: &'a str,
    /// Why, in a word or two.
    pub reason: &'a str,
    /// What the caller has to know.
    pub skill: Option<&'a str>,
    /// How urgent it is, 0 to 100.
    pub priority: u8,
    /// Until when.
    pub due_at: DateTime<Utc>,
}

impl fmt::Debug for NewCall<'_> {
    /// Without the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCall").field("reason", &self.reason).finish_non_exhaustive()
    }
}

const ENQUEUE: &str = "
INSERT INTO call_queue (team_id, id, conversation_id, item_id, lead_id, phone, reason, skill, priority, due_at, assigned_to,
                        assigned_at)
SELECT $1, n.*, CASE WHEN n.assigned_to IS NOT NULL THEN clock_timestamp() END
  FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::smallint[],
              $10::timestamptz[], $11::uuid[])
       n (id, conversation_id, item_id, lead_id, phone, reason, skill, priority, due_at, assigned_to)
ON CONFLICT (team_id, phone) WHERE state IN ('queued', 'claimed') DO NOTHING
RETURNING id";

/// Puts a call into the queue, as [`enqueue_all`] does. `None`: this number is to be called already.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn enqueue(tx: &mut BulkTransaction, call: &NewCall<'_>) -> Result<Option<QueuedCallId>> {
    Ok(enqueue_all(tx, std::slice::from_ref(call)).await?.pop())
}

/// Puts calls into the queue and gives each to whoever knows what is asked for and has the least to do; to nobody where nobody
/// has room, and where that has become much, somebody is told, once an hour. Answers those that were put: a number that is to
/// be called already is not.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn enqueue_all(tx: &mut BulkTransaction, calls: &[NewCall<'_>]) -> Result<Vec<QueuedCallId>> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let team = tx.team_id().uuid();
    // Two who assign at once would both see the same caller idle.
    tx.lock(&format!("call_queue:{team}")).await?;
    let mut callers = workers(tx).await?;
    let given: Vec<Option<Uuid>> =
        calls.iter().map(|call| give(&mut callers, call.skill).map(TypedId::uuid)).collect();
    let ids: Vec<Uuid> = calls.iter().map(|_| fresh_id::<QueuedCallId>().uuid()).collect();
    let query = sqlx::query_as::<_, (Uuid,)>(ENQUEUE).bind(team).bind(ids);
    let query = query.bind(column(calls, |call| call.conversation.map(TypedId::uuid)));
    let query = query.bind(column(calls, |call| call.item.map(TypedId::uuid)));
    let query = query.bind(column(calls, |call| call.lead.map(TypedId::uuid)));
    let query = query.bind(column(calls, |call| call.phone)).bind(column(calls, |call| call.reason));
    let query = query.bind(column(calls, |call| call.skill));
    let query = query.bind(column(calls, |call| i16::from(call.priority.min(100))));
    let put = tx.all(query.bind(column(calls, |call| call.due_at)).bind(&given)).await?;
    if !put.is_empty() && given.contains(&None) {
        tell_overflow(tx).await?;
    }
    Ok(put.into_iter().map(|(id,)| QueuedCallId::from_uuid(id)).collect())
}

fn column<'a, T>(calls: &[NewCall<'a>], of: impl Fn(&NewCall<'a>) -> T) -> Vec<T> {
    calls.iter().map(of).collect()
}

/// The active caller who knows what is asked for and has the smallest share of what they take at once, and one call more.
fn give(callers: &mut [Worker], skill: Option<&str>) -> Option<UserId> {
    let can = |caller: &Worker| {
        let knows = skill.is_none_or(|skill| caller.skills.iter().any(|known| known == skill));
        caller.active && knows && caller.load < i64::from(caller.most)
    };
    let best = callers.iter_mut().filter(|caller| can(caller)).min_by(|a, b| {
        let (share_of_a, share_of_b) = (a.load * i64::from(b.most), b.load * i64::from(a.most));
        share_of_a.cmp(&share_of_b).then(a.user.cmp(&b.user))
    })?;
    best.load += 1;
    Some(best.user)
}

/// Tells somebody, once an hour, where [`OVERFLOW`] calls or more are nobody's.
async fn tell_overflow(tx: &mut BulkTransaction) -> Result<()> {
    let query = sqlx::query_as::<_, (i64, String)>(
        "SELECT count(*), to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD-HH24') FROM call_queue
          WHERE team_id = $1 AND state = 'queued' AND assigned_to IS NULL",
    );
    let Some((waiting, hour)) = tx.first(query.bind(tx.team_id().uuid())).await? else { return Ok(()) };
    if waiting < OVERFLOW {
        return Ok(());
    }
    let detail = json!({ "waiting": waiting, "code": domain::FailureCode::RouteQueueOverflow.as_str() });
    let dedup_key = format!("call_queue.overflow:{hour}");
    let alert = NewAlert {
        kind: "call_queue.overflow",
        subject: "call_queue",
        detail: &detail,
        dedup_key: &dedup_key,
    };
    alert::raise(tx, alert).await?;
    Ok(())
}
