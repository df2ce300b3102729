//! What follows up by itself, as people look at it: a calendar, switches that stop it, and what a rule would have done.

mod facts;
mod history;
mod switches;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, FollowUpId, FollowUpRuleId, LeadId, TypedId, UserId};
use domain::named_enum;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::page::MAX_PAGE;
use crate::{BulkTransaction, DbError, Result};

pub use facts::Known;
pub(crate) use facts::{FACTS, FactsRow};
pub use history::past;
pub use switches::{Switch, set_switch, switches};

named_enum! {
    /// How far a follow-up has come.
    FollowUpState {
        /// It waits for its time.
        Planned = "planned",
        /// It is being done.
        Firing = "firing",
        /// It was done.
        Done = "done",
        /// It could not be done.
        Failed = "failed",
        /// A guardrail forbade it.
        Skipped = "skipped",
        /// A reply, an opt-out or a person cancelled it.
        Cancelled = "cancelled",
    }
}

/// A follow-up.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// Its id.
    pub id: FollowUpId,
    /// By which rule.
    pub rule: FollowUpRuleId,
    /// What that is called.
    pub rule_name: String,
    /// `domain::reply::Trigger`.
    pub trigger: String,
    /// In which conversation.
    pub conversation: ConversationId,
    /// With whom.
    pub lead: Option<LeadId>,
    /// `domain::reply::FollowUpAction`s, as they were when it was planned.
    pub actions: serde_json::Value,
    /// [`FollowUpState`].
    pub state: String,
    /// When.
    pub due_at: DateTime<Utc>,
    /// Whether a switch stops its rule, or all.
    pub stopped: bool,
    /// What came of it, or what cancelled or forbade it.
    pub reason: Option<String>,
    /// When it was begun.
    pub fired_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    rule_id: Uuid,
    rule_name: String,
    trigger: String,
    conversation_id: Uuid,
    lead_id: Option<Uuid>,
    actions: serde_json::Value,
    state: String,
    due_at: DateTime<Utc>,
    stopped: bool,
    reason: Option<String>,
    fired_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    rule_id,
    rule_name,
    trigger,
    conversation_id,
    lead_id,
    actions,
    state,
    due_at,
    stopped,
    reason,
    fired_at,
    ended_at,
});

impl From<Row> for FollowUp {
    fn from(row: Row) -> Self {
        Self {
            id: FollowUpId::from_uuid(row.id),
            rule: FollowUpRuleId::from_uuid(row.rule_id),
            rule_name: row.rule_name,
            trigger: row.trigger,
            conversation: ConversationId::from_uuid(row.conversation_id),
            lead: row.lead_id.map(LeadId::from_uuid),
            actions: row.actions,
            state: row.state,
            due_at: row.due_at,
            stopped: row.stopped,
            reason: row.reason,
            fired_at: row.fired_at,
            ended_at: row.ended_at,
        }
    }
}

const COLUMNS: &str = "
SELECT f.id, f.rule_id, r.name AS rule_name, f.trigger, f.conversation_id, f.lead_id, f.actions, f.state, f.due_at,
       EXISTS (SELECT FROM follow_up_switches w WHERE w.team_id = f.team_id AND w.lifted_at IS NULL
                  AND coalesce(w.rule_id, f.rule_id) = f.rule_id) AS stopped, f.reason, f.fired_at, f.ended_at
  FROM follow_ups f JOIN follow_up_rules r ON r.team_id = f.team_id AND r.id = f.rule_id
 WHERE f.team_id = $1";

/// Which follow-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// So far along.
    pub state: FollowUpState,
    /// In this conversation.
    pub conversation: Option<ConversationId>,
    /// Due at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Due before this moment.
    pub to: Option<DateTime<Utc>>,
}

/// The team's follow-ups that fit, in the order in which they are due, after the one that was due then; and where the next page
/// begins.
///
/// # Errors
/// Any [`DbError`].
pub async fn calendar(
    tx: &mut BulkTransaction,
    which: Which,
    after: Option<FollowUpId>,
    limit: u64,
) -> Result<(Vec<FollowUp>, Option<FollowUpId>)> {
    let limit = i64::try_from(limit.clamp(1, MAX_PAGE)).unwrap_or(1);
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!(
        "{COLUMNS} AND f.state = $2 AND ($3::uuid IS NULL OR f.conversation_id = $3) \
         AND ($4::timestamptz IS NULL OR f.due_at >= $4) AND ($5::timestamptz IS NULL OR f.due_at < $5) \
         AND ($6::uuid IS NULL OR (f.due_at, f.id) > (SELECT a.due_at, a.id FROM follow_ups a \
                                                       WHERE a.team_id = $1 AND a.id = $6)) \
         ORDER BY f.due_at, f.id LIMIT $7"
    ));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(which.state.as_str());
    let query = query.bind(which.conversation.map(TypedId::uuid)).bind(which.from).bind(which.to);
    let rows = tx.all(query.bind(after.map(TypedId::uuid)).bind(limit + 1)).await?;
    let mut items: Vec<FollowUp> = rows.into_iter().map(FollowUp::from).collect();
    let more = items.len() as i64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or_default());
    let next = items.last().filter(|_| more).map(|item| item.id);
    Ok((items, next))
}

/// The team's follow-up with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: FollowUpId) -> Result<FollowUp> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND f.id = $2"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(id.uuid());
    tx.first(query).await?.map(FollowUp::from).ok_or_else(|| DbError::not_found("follow-up", id))
}

/// Cancels a follow-up that waits for its time.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::WrongState`] where it does not wait any more.
pub async fn cancel(tx: &mut BulkTransaction, id: FollowUpId, by: UserId, now: DateTime<Utc>) -> Result<()> {
    let query = sqlx::query(
        "UPDATE follow_ups SET state = 'cancelled', reason = 'person', cancelled_by = $3, ended_at = $4
          WHERE team_id = $1 AND id = $2 AND state = 'planned'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.uuid()).bind(now);
    if tx.run(query).await? > 0 {
        return Ok(());
    }
    let found = get(tx, id).await?;
    Err(DbError::WrongState {
        what: "follow-up",
        id: id.to_string(),
        found: found.state,
        wanted: FollowUpState::Planned.to_string(),
    })
}
