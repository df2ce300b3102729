//! What follows up on silence.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::id::{
    ConversationId, FollowUpId, FollowUpRuleId, InboxItemId, LeadId, SuggestionId, TaskId, TypedId,
};
use domain::reply::{ClientLine, FollowUpFacts, FollowUpRule, HoldReason, Trigger};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::standing::{changed, changed_all};
use crate::follow_up::{FACTS, FactsRow};
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

/// Something whose time has come, with what is known now.
#[derive(Debug, Clone, PartialEq)]
pub struct DueFollowUp {
    /// Its row.
    pub id: FollowUpId,
    /// The rule, with the actions that were planned by it and the wait that they had.
    pub rule: FollowUpRule,
    /// With whom.
    pub lead: Option<LeadId>,
    /// What is known, for `domain::reply::due`.
    pub facts: FollowUpFacts,
    /// Whether a suggestion waits or is on its way.
    pub suggestion_open: bool,
    /// The conversation's stage.
    pub stage: String,
}

struct Row {
    id: Uuid,
    name: String,
    trigger: String,
    conditions: Json<Value>,
    actions: Json<Value>,
    due_at: DateTime<Utc>,
    in_force: bool,
    occasion: Uuid,
    lead_id: Option<Uuid>,
    state: String,
    hold_reason: Option<String>,
    suggestion_open: bool,
    stage: String,
}
from_row!(Row {
    id,
    name,
    trigger,
    conditions,
    actions,
    due_at,
    in_force,
    occasion,
    lead_id,
    state,
    hold_reason,
    suggestion_open,
    stage
});

const TAKE: &str = "
WITH firing AS (
    UPDATE follow_ups SET state = 'firing', fired_at = coalesce(fired_at, $3)
     WHERE team_id = $1 AND conversation_id = $2 AND (state = 'firing' OR (state = 'planned' AND due_at <= $3))
    RETURNING *)
SELECT f.id, r.name, f.trigger, r.conditions, f.actions, f.due_at, f.occasion, f.lead_id, c.state, c.hold_reason, c.stage,
       r.enabled AND r.archived_at IS NULL AND NOT EXISTS (SELECT FROM follow_up_switches w
           WHERE w.team_id = $1 AND w.lifted_at IS NULL AND coalesce(w.rule_id, f.rule_id) = f.rule_id) AS in_force,
       EXISTS (SELECT FROM reply_suggestions s WHERE s.team_id = $1 AND s.conversation_id = c.id
           AND s.state IN ('proposed', 'approved', 'edited', 'sending')) AS suggestion_open
  FROM firing f
  JOIN follow_up_rules r ON r.team_id = $1 AND r.id = f.rule_id
  JOIN conversations c ON c.team_id = $1 AND c.id = f.conversation_id
 ORDER BY f.due_at, f.id";

/// What of a conversation is due at `now`, held to the end of the transaction: `firing` from here on. What is known is read for
/// all of it at once; whether anything of it is to be done says `domain::reply::due` alone. What this version cannot read, or
/// follows upon what is no more, is skipped here.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn due_follow_ups(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    line: ClientLine,
    is_on: bool,
    now: DateTime<Utc>,
) -> Result<Vec<DueFollowUp>> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, Row>(TAKE).bind(team).bind(conversation.uuid()).bind(now);
    let rows = tx.all(query).await?;
    let occasions: Vec<Uuid> = rows.iter().map(|row| row.occasion).collect();
    // All of it is text of these files.
    let sql = sqlx::AssertSqlSafe(format!(
        "WITH asked (item_id, at) AS (SELECT DISTINCT o.id, $3::timestamptz FROM unnest($2::uuid[]) o (id)){FACTS}"
    ));
    let query = sqlx::query_as::<_, FactsRow>(sql).bind(team).bind(&occasions).bind(now);
    let known: HashMap<Uuid, FactsRow> =
        tx.all(query).await?.into_iter().map(|row| (row.item(), row)).collect();
    let mut due = Vec::with_capacity(rows.len());
    for row in rows {
        let id = FollowUpId::from_uuid(row.id);
        match known.get(&row.occasion).map(|facts| row.due(facts, line, is_on)) {
            Some(Some(one)) => due.push(one),
            Some(None) => end_follow_up(tx, id, Err("unreadable"), now).await?,
            None => end_follow_up(tx, id, Err("no_occasion"), now).await?,
        }
    }
    Ok(due)
}

impl Row {
    /// `None` for what this version does not know.
    fn due(self, known: &FactsRow, line: ClientLine, is_on: bool) -> Option<DueFollowUp> {
        let trigger: Trigger = self.trigger.parse().ok()?;
        let known = known.clone().known(trigger, line);
        let mut facts = known.facts;
        // How it stands now is known better than from what was said: a person may have cleared what was held.
        facts.state = self.state.parse().ok()?;
        facts.is_opted_out = self.hold_reason.as_deref() == Some(HoldReason::OptedOut.as_str());
        facts.is_switched_off = !self.in_force || !is_on;
        let waited = (self.due_at - known.received_at).num_minutes();
        let rule = FollowUpRule {
            name: self.name,
            trigger,
            after_minutes: u32::try_from(waited).unwrap_or_default(),
            conditions: serde_json::from_value(self.conditions.0).ok()?,
            actions: serde_json::from_value(self.actions.0).ok()?,
            // Whether it still is says the switch among the facts.
            enabled: true,
            version: 1,
        };
        Some(DueFollowUp {
            id: FollowUpId::from_uuid(self.id),
            rule,
            lead: self.lead_id.map(LeadId::from_uuid),
            facts,
            suggestion_open: self.suggestion_open,
            stage: self.stage,
        })
    }
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
