//! Who is to be called, and who has it: assigned by what callers know and how much they have, claimed by one at a time.

mod enqueue;
mod of_campaign;
mod workers;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, QueuedCallId, TypedId, UserId};
use domain::named_enum;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::send_intent::Stop;
use crate::{BulkTransaction, DbError, Result};

pub use enqueue::{NewCall, OVERFLOW, enqueue, enqueue_all};
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

/// What became of an attempt to take a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is the caller's until then.
    Yours(DateTime<Utc>),
    /// Somebody else is calling, until then.
    Theirs(UserId, DateTime<Utc>),
    /// Nobody's: what a campaign wanted said may not be said any more, or not now. Commit all the same.
    Stopped(Stop),
}

/// Takes a call, for so long; whoever has it keeps it longer. One that a campaign wants made is looked at once more: since it
/// was put into the queue the person may have opted out, or a switch may have been set.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::WrongState`] where it is dealt with.
pub async fn claim(
    tx: &mut BulkTransaction,
    id: QueuedCallId,
    by: UserId,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Taken> {
    let call = hold(tx, id, now).await?;
    if let (Some(holder), Some(until)) = (call.claimed_by, call.claimed_until)
        && holder != by
    {
        return Ok(Taken::Theirs(holder, until));
    }
    if let Some(stop) = of_campaign::stopped(tx, id, now).await? {
        return Ok(Taken::Stopped(stop));
    }
    let until = now + lease;
    let query = sqlx::query(
        "UPDATE call_queue SET state = 'claimed', claimed_by = $3, claimed_at = $5, claimed_until = $4, assigned_to = $3,
                attempts = attempts + CASE WHEN state = 'queued' OR claimed_by <> $3 THEN 1 ELSE 0 END
          WHERE team_id = $1 AND id = $2",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.uuid()).bind(until).bind(now)).await?;
    Ok(Taken::Yours(until))
}

/// Notes what came of a call. Answers who else is calling, where somebody is: then nothing is noted.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::WrongState`] where it is dealt with.
pub async fn done(
    tx: &mut BulkTransaction,
    id: QueuedCallId,
    outcome: CallOutcome,
    notes: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Option<UserId>> {
    let call = hold(tx, id, now).await?;
    if let Some(holder) = call.claimed_by.filter(|holder| *holder != by) {
        return Ok(Some(holder));
    }
    let query = sqlx::query(
        "UPDATE call_queue SET state = 'done', outcome = $3, notes = concat_ws(E'\\n', nullif(notes, ''), nullif($4, '')),
                done_by = $5, ended_at = $6 WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(outcome.as_str()).bind(notes);
    tx.run(query.bind(by.uuid()).bind(now)).await?;
    Ok(None)
}

/// The call as it is, held to the end of the transaction, if it waits.
async fn hold(tx: &mut BulkTransaction, id: QueuedCallId, now: DateTime<Utc>) -> Result<Call> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $3 FOR UPDATE"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(now).bind(id.uuid());
    let call = tx.first(query).await?.map(Call::from).ok_or_else(|| DbError::not_found("call", id))?;
    if call.ended_at.is_some() {
        return Err(DbError::WrongState {
            what: "call",
            id: id.to_string(),
            found: call.state,
            wanted: "waiting to be made".to_owned(),
        });
    }
    Ok(call)
}
