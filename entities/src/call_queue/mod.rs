//! Who is to be called, and who has it: assigned by what callers know and how much they have, claimed by one at a time.

mod claim;
mod enqueue;
mod hours;
mod of_campaign;
mod workers;

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, QueuedCallId, TypedId, UserId};
use domain::named_enum;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

pub use claim::{Taken, claim, done};
pub use enqueue::{NewCall, OVERFLOW, enqueue, enqueue_all};
pub use hours::Quiet;
pub use of_campaign::{Queued, cancel_of_campaign, cancel_to, enqueue_once, is_queued};
pub use workers::{Worker, put_worker, remove_worker, workers};

named_enum! {
    /// How far a call has come.
    CallState {
        /// Somebody is to call.
        Queued = "queued",
        /// Somebody is calling.
        Claimed = "claimed",
        /// Somebody called.
        Done = "done",
        /// Nobody is to call any more.
        Cancelled = "cancelled",
    }
}

named_enum! {
    /// What came of a call.
    CallOutcome {
        /// They talked.
        Reached = "reached",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// A machine answered.
        Voicemail = "voicemail",
        /// It is somebody else's number.
        WrongNumber = "wrong_number",
        /// They want to be called again.
        CallBack = "call_back",
        /// Something else, which the notes say.
        Other = "other",
    }
}

/// A call.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: QueuedCallId,
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// Because of which item.
    pub item: Option<InboxItemId>,
    /// Whom.
    pub lead: Option<LeadId>,
    /// At which number.
    pub phone: String,
    /// Why.
    pub reason: String,
    /// What the caller has to know.
    pub skill: Option<String>,
    /// How urgent it is.
    pub priority: i16,
    /// [`CallState`].
    pub state: String,
    /// Until when.
    pub due_at: DateTime<Utc>,
    /// Who is to call.
    pub assigned_to: Option<UserId>,
    /// Who is calling.
    pub claimed_by: Option<UserId>,
    /// Until when it is theirs.
    pub claimed_until: Option<DateTime<Utc>>,
    /// How often somebody began.
    pub attempts: i16,
    /// [`CallOutcome`].
    pub outcome: Option<String>,
    /// What to know.
    pub notes: String,
    /// Who called.
    pub done_by: Option<UserId>,
    /// When it was dealt with.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was put there.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for Call {
    /// Without the number and the notes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    conversation_id: Option<Uuid>,
    item_id: Option<Uuid>,
    lead_id: Option<Uuid>,
    phone: String,
    reason: String,
    skill: Option<String>,
    priority: i16,
    state: String,
    due_at: DateTime<Utc>,
    assigned_to: Option<Uuid>,
    claimed_by: Option<Uuid>,
    claimed_until: Option<DateTime<Utc>>,
    attempts: i16,
    outcome: Option<String>,
    notes: String,
    done_by: Option<Uuid>,
    ended_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}
from_row!(Row {
    id,
    conversation_id,
    item_id,
    lead_id,
    phone,
    reason,
    skill,
    priority,
    state,
    due_at,
    assigned_to,
    claimed_by,
    claimed_until,
    attempts,
    outcome,
    notes,
    done_by,
    ended_at,
    created_at,
});

impl From<Row> for Call {
    fn from(row: Row) -> Self {
        Self {
            id: QueuedCallId::from_uuid(row.id),
            conversation: row.conversation_id.map(ConversationId::from_uuid),
            item: row.item_id.map(InboxItemId::from_uuid),
            lead: row.lead_id.map(LeadId::from_uuid),
            phone: row.phone,
            reason: row.reason,
            skill: row.skill,
            priority: row.priority,
            state: row.state,
            due_at: row.due_at,
            assigned_to: row.assigned_to.map(UserId::from_uuid),
            claimed_by: row.claimed_by.map(UserId::from_uuid),
            claimed_until: row.claimed_until,
            attempts: row.attempts,
            outcome: row.outcome,
            notes: row.notes,
            done_by: row.done_by.map(UserId::from_uuid),
            ended_at: row.ended_at,
            created_at: row.created_at,
        }
    }
}

const COLUMNS: &str = "
SELECT id, conversation_id, item_id, lead_id, phone, reason, skill, priority,
       CASE WHEN state = 'claimed' AND claimed_until <= $2 THEN 'queued' ELSE state END AS state, due_at, assigned_to,
       CASE WHEN state <> 'claimed' OR claimed_until > $2 THEN claimed_by END AS claimed_by,
       CASE WHEN state <> 'claimed' OR claimed_until > $2 THEN claimed_until END AS claimed_until, attempts, outcome,
       notes, done_by, ended_at, created_at
  FROM call_queue WHERE team_id = $1";

/// The team's call with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: QueuedCallId, now: DateTime<Utc>) -> Result<Call> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $3"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(now).bind(id.uuid());
    tx.first(query).await?.map(Call::from).ok_or_else(|| DbError::not_found("call", id))
}

/// The calls that wait, the most urgent first, of those the oldest first; of one caller where one is named. 200 at the most.
///
/// # Errors
/// Any [`DbError`].
pub async fn waiting(
    tx: &mut BulkTransaction,
    assigned_to: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Call>> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} AND state IN ('queued', 'claimed') AND ($3::uuid IS NULL OR assigned_to = $3) \
         ORDER BY priority DESC, id LIMIT 200"
    ));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(now);
    let rows = tx.all(query.bind(assigned_to.map(TypedId::uuid))).await?;
    Ok(rows.into_iter().map(Call::from).collect())
}
