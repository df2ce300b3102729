//! The rules by which silence is followed up, as the engine asks for them.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, FollowUpRuleId, InboxItemId, TypedId};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::standing::uuids;
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// The newest item of a conversation that may be followed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// The conversation.
    pub conversation: ConversationId,
    /// The item.
    pub item: InboxItemId,
    /// What it means, by its word.
    pub intent: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The lead's score; 0 where nobody is known.
    pub lead_score: i16,
}

struct NewestRow {
    conversation_id: Uuid,
    id: Uuid,
    intent: String,
    received_at: DateTime<Utc>,
    lead_score: i16,
}
from_row!(NewestRow { conversation_id, id, intent, received_at, lead_score });

/// The newest item of each of these conversations, if it is classified, nobody has dealt with it, and the conversation is open and
/// in no person's hands.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn newest(tx: &mut BulkTransaction, conversations: &[ConversationId]) -> Result<Vec<Newest>> {
    let query = sqlx::query_as::<_, NewestRow>(
        "SELECT i.conversation_id, i.id, i.intent, i.received_at, coalesce(l.score, 0)::smallint AS lead_score
           FROM conversations c
           JOIN LATERAL (SELECT * FROM inbox_items n WHERE n.team_id = $1 AND n.conversation_id = c.id
                          ORDER BY n.received_at DESC, n.id DESC LIMIT 1) i ON true
           LEFT JOIN leads l ON l.team_id = $1 AND l.id = c.lead_id
          WHERE c.team_id = $1 AND c.id = ANY($2) AND c.state = 'open' AND c.taken_over_by IS NULL AND i.intent IS NOT NULL
            AND i.processed_at IS NULL",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(uuids(conversations))).await?;
    let newest = rows.into_iter().map(|row| Newest {
        conversation: ConversationId::from_uuid(row.conversation_id),
        item: InboxItemId::from_uuid(row.id),
        intent: row.intent,
        received_at: row.received_at,
        lead_score: row.lead_score,
    });
    Ok(newest.collect())
}

/// A rule in force.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleInForce {
    /// Its row.
    pub id: FollowUpRuleId,
    /// Which version of it.
    pub version: i32,
    /// What it follows upon, by its word.
    pub trigger: String,
    /// How long after.
    pub after_minutes: i32,
    /// Which conversations besides.
    pub conditions: Value,
    /// What is done.
    pub actions: Value,
}

struct RuleRow {
    id: Uuid,
    version: i32,
    trigger: String,
    after_minutes: i32,
    conditions: Json<Value>,
    actions: Json<Value>,
}
from_row!(RuleRow { id, version, trigger, after_minutes, conditions, actions });

/// The team's rules that are in force and that no switch stops.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn rules_in_force(tx: &mut BulkTransaction) -> Result<Vec<RuleInForce>> {
    let query = sqlx::query_as::<_, RuleRow>(
        "SELECT id, version, trigger, after_minutes, conditions, actions FROM follow_up_rules r
          WHERE team_id = $1 AND enabled AND archived_at IS NULL
            AND NOT EXISTS (SELECT FROM follow_up_switches w WHERE w.team_id = $1 AND w.lifted_at IS NULL
                               AND coalesce(w.rule_id, r.id) = r.id)
          ORDER BY after_minutes, id",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid())).await?;
    Ok(rows
        .into_iter()
        .map(|row| RuleInForce {
            id: FollowUpRuleId::from_uuid(row.id),
            version: row.version,
            trigger: row.trigger,
            after_minutes: row.after_minutes,
            conditions: row.conditions.0,
            actions: row.actions.0,
        })
        .collect())
}
