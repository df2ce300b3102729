//! What a model is still to be asked in a conversation, and what is done with what it says.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, SuggestionId, TypedId};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result, fresh_id};

/// A reply that the rules left to a person, and no model was asked about.
#[derive(Clone, PartialEq, Eq)]
pub struct Unread {
    /// The item.
    pub item: InboxItemId,
    /// What it says. Personal data.
    pub text: String,
    /// What we wrote last before it.
    pub said_before: Option<String>,
    /// From whom: the lead, where one is known.
    pub lead: Option<LeadId>,
    /// The names that are known of the other side, and their town. Personal data.
    pub names: Vec<String>,
    /// The number or address it came from. Personal data.
    pub from: String,
    /// The vendor that brought it.
    pub provider: String,
}

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unread").field("item", &self.item).finish_non_exhaustive()
    }
}

struct UnreadRow {
    id: Uuid,
    body: String,
    said_before: Option<String>,
    lead_id: Option<Uuid>,
    names: Option<Vec<String>>,
    from_value: String,
    provider: String,
}
from_row!(UnreadRow { id, body, said_before, lead_id, names, from_value, provider });

/// The names known of the lead of the conversation `c`, and their town.
const NAMES: &str = "
    (SELECT array_remove(ARRAY[pe.given_name, pe.family_name, b.display_name, coalesce(l.city, b.city)], NULL) FROM leads l
       LEFT JOIN personas pe ON pe.team_id = l.team_id AND pe.id = l.persona_id
       LEFT JOIN businesses b ON b.team_id = l.team_id AND b.id = l.business_id
      WHERE l.team_id = c.team_id AND l.id = c.lead_id) AS names";

/// The replies of a conversation that the rules left to a person and no model was asked about: the newest first, of the team
/// that has a model to read. Whether the rules are unsure of them, or a person's for another reason, is for the caller to see.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn unread(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    most: i64,
) -> Result<Vec<Unread>> {
    let sql = format!(
        "SELECT i.id, m.body, c.lead_id, m.from_value, m.provider, {NAMES},
                (SELECT o.body FROM messages o WHERE o.team_id = $1 AND o.direction = 'outbound'
                    AND o.to_value = m.from_value AND o.sent_at <= i.received_at ORDER BY o.sent_at DESC LIMIT 1) AS said_before
           FROM conversations c
           JOIN inbox_items i ON i.team_id = c.team_id AND i.conversation_id = c.id
           JOIN messages m ON m.team_id = i.team_id AND m.id = i.message_id
          WHERE c.team_id = $1 AND c.id = $2 AND c.state = 'open' AND c.taken_over_by IS NULL
            AND i.kind = 'message' AND i.needs_person AND i.classified_by = 'rules' AND i.processed_at IS NULL
            AND EXISTS (SELECT FROM team_models t WHERE t.team_id = $1 AND t.reads)
            AND NOT EXISTS (SELECT FROM model_calls k WHERE k.team_id = $1 AND k.item_id = i.id AND k.purpose = 'reading'
                               AND k.state <> 'asked')
          ORDER BY i.received_at DESC, i.id DESC LIMIT $3"
    );
    let query = sqlx::query_as::<_, UnreadRow>(sqlx::AssertSqlSafe(sql));
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(most)).await?;
    Ok(rows
        .into_iter()
        .map(|row| Unread {
            item: InboxItemId::from_uuid(row.id),
            text: row.body,
            said_before: row.said_before,
            lead: row.lead_id.map(LeadId::from_uuid),
            names: row.names.unwrap_or_default(),
            from: row.from_value,
            provider: row.provider,
        })
        .collect())
}

/// Writes down what a model takes a reply for, in place of what the rules did, unless a person has said or done something about
/// it meanwhile. It has no place then, and is to be placed anew; what was suggested for it is stale. Answers whether it was so.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn said_by_model(
    tx: &mut BulkTransaction,
    item: InboxItemId,
    intent: &str,
    confidence: u8,
    rule: &str,
    instructions: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let query = sqlx::query(
        "WITH said AS (
             UPDATE inbox_items SET intent = $3, confidence = $4, rule = $5, rule_book = $6, needs_person = true,
                    classified_by = 'model', classified_at = $7, suggested_action = NULL
              WHERE team_id = $1 AND id = $2 AND classified_by = 'rules' AND processed_at IS NULL
             RETURNING message_id),
         dropped AS (
             UPDATE reply_suggestions SET state = 'stale', updated_at = $7
              WHERE team_id = $1 AND item_id = $2 AND state = 'proposed' AND EXISTS (SELECT FROM said))
         UPDATE messages m SET classification = replace($3, '_', '-')
           FROM said s WHERE m.team_id = $1 AND m.id = s.message_id",
    );
    let query = query.bind(tx.team_id().uuid()).bind(item.uuid()).bind(intent).bind(i16::from(confidence));
    Ok(tx.run(query.bind(rule).bind(instructions).bind(now)).await? > 0)
}

/// A suggestion of the playbook in whose place a model's may come.
#[derive(Clone, PartialEq)]
pub struct Unwritten {
    /// The suggestion.
    pub suggestion: SuggestionId,
    /// What it answers.
    pub item: InboxItemId,
    /// What the playbook says. Personal data.
    pub text: String,
    /// What it answers says. Personal data.
    pub said: String,
    /// What that was taken for.
    pub intent: String,
    /// The conversation's stage.
    pub stage: String,
    /// How whoever writes sounds.
    pub voice: String,
    /// In which tone.
    pub tone: String,
    /// The names that are known of the other side, and their town. Personal data.
    pub names: Vec<String>,
    /// The given name, where one is known. Personal data.
    pub first_name: Option<String>,
}

impl fmt::Debug for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwritten")
            .field("suggestion", &self.suggestion)
            .field("intent", &self.intent)
            .finish_non_exhaustive()
    }
}

struct UnwrittenRow {
    id: Uuid,
    item_id: Uuid,
    text: String,
    body: String,
    intent: String,
    stage: String,
    voice: Option<String>,
    tone: Option<String>,
    names: Option<Vec<String>>,
    first_name: Option<String>,
}
from_row!(UnwrittenRow { id, item_id, text, body, intent, stage, voice, tone, names, first_name });

/// The suggestion of a conversation that waits for a person, is the playbook's, and no model was asked about: of the team that has
/// a model to write.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn unwritten(tx: &mut BulkTransaction, conversation: ConversationId) -> Result<Option<Unwritten>> {
    let sql = format!(
        "SELECT s.id, s.item_id, s.text, m.body, i.intent, c.stage, p.voice, p.tone, {NAMES},
                (SELECT pe.given_name FROM leads l JOIN personas pe ON pe.team_id = l.team_id AND pe.id = l.persona_id
                  WHERE l.team_id = c.team_id AND l.id = c.lead_id) AS first_name
           FROM reply_suggestions s
           JOIN conversations c ON c.team_id = s.team_id AND c.id = s.conversation_id
           JOIN inbox_items i ON i.team_id = s.team_id AND i.id = s.item_id
           JOIN messages m ON m.team_id = i.team_id AND m.id = i.message_id
           LEFT JOIN sdr_profiles p ON p.team_id = s.team_id AND p.id = s.sdr_profile_id
          WHERE s.team_id = $1 AND s.conversation_id = $2 AND s.state = 'proposed' AND s.origin = 'playbook'
            AND c.state = 'open' AND c.taken_over_by IS NULL AND s.expires_at > clock_timestamp()
            AND EXISTS (SELECT FROM team_models t WHERE t.team_id = $1 AND t.writes)
            AND NOT EXISTS (SELECT FROM model_calls k WHERE k.team_id = $1 AND k.item_id = i.id AND k.purpose = 'writing'
                               AND k.state <> 'asked')"
    );
    let query = sqlx::query_as::<_, UnwrittenRow>(sqlx::AssertSqlSafe(sql));
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
    Ok(row.map(|row| Unwritten {
        suggestion: SuggestionId::from_uuid(row.id),
        item: InboxItemId::from_uuid(row.item_id),
        text: row.text,
        said: row.body,
        intent: row.intent,
        stage: row.stage,
        voice: row.voice.unwrap_or_default(),
        tone: row.tone.unwrap_or_default(),
        names: row.names.unwrap_or_default(),
        first_name: row.first_name,
    }))
}

/// Puts what a model wrote in the place of a suggestion that still waits: that one is stale, and is the first alternative of the
/// new one. Answers whether it still waited. The conversation's row is held by the caller.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn replace_suggestion(
    tx: &mut BulkTransaction,
    old: SuggestionId,
    text: &str,
    model: &str,
    now: DateTime<Utc>,
) -> Result<Option<SuggestionId>> {
    let query = sqlx::query_as::<_, (Uuid, Json<Value>)>(
        "UPDATE reply_suggestions SET state = 'stale', updated_at = $3
          WHERE team_id = $1 AND id = $2 AND state = 'proposed' AND origin = 'playbook'
         RETURNING conversation_id, jsonb_path_query_array(jsonb_build_array(text) || alternatives, '$[0 to 1]')",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(old.uuid()).bind(now)).await?;
    let Some((conversation, alternatives)) = row else { return Ok(None) };
    let id: SuggestionId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO reply_suggestions (team_id, id, conversation_id, item_id, origin, stage, text, alternatives, intent,
                                        confidence, next_action, notes, rebuttal, sdr_profile_id, model, expires_at, created_at)
         SELECT team_id, $3, conversation_id, item_id, 'model', stage, $4, $5, intent, least(confidence, 69::smallint),
                next_action, notes, rebuttal, sdr_profile_id, $6, expires_at, $7
           FROM reply_suggestions WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(tx.team_id().uuid()).bind(old.uuid()).bind(id.uuid()).bind(text);
    tx.run(query.bind(alternatives).bind(model).bind(now)).await?;
    let noted = sqlx::query("UPDATE conversations SET updated_at = $3 WHERE team_id = $1 AND id = $2");
    tx.run(noted.bind(tx.team_id().uuid()).bind(conversation).bind(now)).await?;
    Ok(Some(id))
}
