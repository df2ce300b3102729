//! What follows up on silence.

use chrono::{DateTime, Utc};
use domain::id::{
    ConversationId, FollowUpId, FollowUpRuleId, InboxItemId, LeadId, SuggestionId, TaskId, TypedId,
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::standing::{changed, changed_all};
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Something that is to follow upon what came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Occasion {
    /// In which conversation.
    pub conversation: ConversationId,
    /// By which rule.
    pub rule: FollowUpRuleId,
    /// Which version of it.
    pub rule_version: i32,
    /// The rule's trigger, by its word.
    pub trigger: String,
    /// What it follows upon: the item that came in.
    pub item: InboxItemId,
    /// When, if nothing happens before.
    pub due_at: DateTime<Utc>,
    /// What is done then: the rule's actions as they are now.
    pub actions: Value,
}

/// Plans what is to follow, once for each rule and occasion, where the conversation is open and in no person's hands. Answers how
/// many are new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn plan_follow_ups(
    tx: &mut BulkTransaction,
    what: &[Occasion],
    now: DateTime<Utc>,
) -> Result<usize> {
    if what.is_empty() {
        return Ok(0);
    }
    let query = sqlx::query_as::<_, (Uuid,)>(
        "INSERT INTO follow_ups (team_id, rule_id, rule_version, trigger, conversation_id, lead_id, occasion, actions, due_at)
         SELECT $1, w.rule, w.version, w.trigger, c.id, c.lead_id, w.item, w.actions::jsonb, w.due_at
           FROM unnest($2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::uuid[], $7::text[], $8::timestamptz[])
                w (conversation, rule, version, trigger, item, actions, due_at)
           JOIN conversations c ON c.team_id = $1 AND c.id = w.conversation AND c.state = 'open' AND c.taken_over_by IS NULL
         ON CONFLICT ON CONSTRAINT follow_ups_once DO NOTHING RETURNING conversation_id",
    );
    let ids = |of: fn(&Occasion) -> Uuid| what.iter().map(of).collect::<Vec<_>>();
    let words = |of: fn(&Occasion) -> String| what.iter().map(of).collect::<Vec<_>>();
    let versions: Vec<i32> = what.iter().map(|one| one.rule_version).collect();
    let times: Vec<DateTime<Utc>> = what.iter().map(|one| one.due_at).collect();
    let query = query.bind(tx.team_id().uuid()).bind(ids(|one| one.conversation.uuid()));
    let query = query.bind(ids(|one| one.rule.uuid())).bind(versions).bind(words(|one| one.trigger.clone()));
    let query = query.bind(ids(|one| one.item.uuid())).bind(words(|one| one.actions.to_string())).bind(times);
    let planned: Vec<Uuid> = tx.all(query).await?.into_iter().map(|(id,)| id).collect();
    changed_all(tx, &planned, now).await?;
    Ok(planned.len())
}

/// Calls off what was planned to follow. `why` is one of the table's words: `reply`, `opt_out`, `person`, `rule` or `switch`.
/// Answers how many.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn cancel_follow_ups(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE follow_ups SET state = 'cancelled', reason = $3, ended_at = $4
          WHERE team_id = $1 AND conversation_id = $2 AND state = 'planned'",
    );
    let cancelled =
        tx.run(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(why).bind(now)).await?;
    if cancelled > 0 {
        changed(tx, conversation, now).await?;
    }
    Ok(cancelled)
}

/// Something whose time has come.
#[derive(Debug, Clone, PartialEq)]
pub struct DueFollowUp {
    /// Its row.
    pub id: FollowUpId,
    /// The rule's trigger, by its word.
    pub trigger: String,
    /// Whether the rule is still in force and no switch stops it.
    pub in_force: bool,
    /// What is to be done.
    pub actions: Value,
    /// With whom.
    pub lead: Option<LeadId>,
    /// Messages by follow-up that the lead has had, over all campaigns.
    pub contacts: u8,
    /// Whether we have written or called since, or a person has dealt with the item.
    pub answered: bool,
    /// Whether a suggestion waits or is on its way.
    pub suggestion_open: bool,
    /// The conversation's stage.
    pub stage: String,
}

struct Row {
    id: Uuid,
    trigger: String,
    in_force: bool,
    actions: Json<Value>,
    lead_id: Option<Uuid>,
    contacts: i64,
    answered: bool,
    suggestion_open: bool,
    stage: String,
}
from_row!(Row { id, trigger, in_force, actions, lead_id, contacts, answered, suggestion_open, stage });

/// What of a conversation is due at `now`, held to the end of the transaction: `firing` from here on.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn due_follow_ups(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    now: DateTime<Utc>,
) -> Result<Vec<DueFollowUp>> {
    let query = sqlx::query_as::<_, Row>(
        "WITH firing AS (
             UPDATE follow_ups SET state = 'firing', fired_at = coalesce(fired_at, $3)
              WHERE team_id = $1 AND conversation_id = $2 AND (state = 'firing' OR (state = 'planned' AND due_at <= $3))
             RETURNING *)
         SELECT f.id, f.trigger, f.actions, f.lead_id, c.stage,
                r.enabled AND r.archived_at IS NULL AND NOT EXISTS (SELECT FROM follow_up_switches w
                    WHERE w.team_id = $1 AND w.lifted_at IS NULL AND coalesce(w.rule_id, f.rule_id) = f.rule_id) AS in_force,
                (SELECT count(*) FROM follow_ups o WHERE o.team_id = $1 AND o.lead_id = f.lead_id
                    AND o.contact_no IS NOT NULL) AS contacts,
                coalesce(c.last_outbound_at > i.received_at OR i.processed_at IS NOT NULL
                    OR EXISTS (SELECT FROM call_queue q WHERE q.team_id = $1 AND q.item_id = i.id AND q.state = 'done'),
                    false) AS answered,
                EXISTS (SELECT FROM reply_suggestions s WHERE s.team_id = $1 AND s.conversation_id = c.id
                    AND s.state IN ('proposed', 'approved', 'edited', 'sending')) AS suggestion_open
           FROM firing f
           JOIN follow_up_rules r ON r.team_id = $1 AND r.id = f.rule_id
           JOIN conversations c ON c.team_id = $1 AND c.id = f.conversation_id
           LEFT JOIN inbox_items i ON i.team_id = $1 AND i.id = f.occasion
          ORDER BY f.due_at, f.id",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(now)).await?;
    Ok(rows
        .into_iter()
        .map(|row| DueFollowUp {
            id: FollowUpId::from_uuid(row.id),
            trigger: row.trigger,
            in_force: row.in_force,
            actions: row.actions.0,
            lead: row.lead_id.map(LeadId::from_uuid),
            contacts: u8::try_from(row.contacts).unwrap_or(u8::MAX),
            answered: row.answered,
            suggestion_open: row.suggestion_open,
            stage: row.stage,
        })
        .collect())
}

/// What came of a follow-up: the suggestion, the task, and which of the lead's messages by follow-up it was.
pub type Came = (Option<SuggestionId>, Option<TaskId>, Option<u8>);

/// What came of a follow-up: `Ok` with what it made, where `contact` is the number of the lead's messages by follow-up that it
/// is; `Err` with the word of what forbade it.
///
/// # Errors
/// [`crate::DbError::Conflict`] with `follow_ups_contacts` where somebody else took the number; any other
/// [`crate::DbError`].
pub async fn end_follow_up(
    tx: &mut BulkTransaction,
    id: FollowUpId,
    what: std::result::Result<Came, &str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (state, outcome) = what.map_or_else(|why| ("skipped", Some(why)), |_| ("done", None));
    let (suggestion, task, contact) = what.unwrap_or_default();
    let query = sqlx::query(
        "UPDATE follow_ups SET state = $3, reason = $4, suggestion_id = $5, task_id = $6, contact_no = $7, ended_at = $8
          WHERE team_id = $1 AND id = $2 AND state = 'firing'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(state).bind(outcome);
    let query = query.bind(suggestion.map(TypedId::uuid)).bind(task.map(TypedId::uuid));
    tx.run(query.bind(contact.map(i16::from)).bind(now)).await?;
    Ok(())
}
