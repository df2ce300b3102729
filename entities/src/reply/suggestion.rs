//! What is suggested to be answered.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, SdrProfileId, SuggestionId, TypedId};
use domain::message::Values;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::standing::changed;
use crate::from_row::from_row;
use crate::{BulkTransaction, Result, fresh_id};

/// What a suggestion is made of.
#[derive(Clone, PartialEq)]
pub struct SuggestionScene {
    /// The item that is answered.
    pub item: InboxItemId,
    /// What it means, by its word.
    pub intent: String,
    /// How sure that is.
    pub confidence: u8,
    /// What could be read out of it. Personal data.
    pub extracted: Value,
    /// What it says. Personal data.
    pub text: String,
    /// Whether a person has to look at it.
    pub needs_person: bool,
    /// The conversation's stage.
    pub stage: String,
    /// Answers that nobody approved one by one.
    pub auto_replies: u8,
    /// Answers to objections among them.
    pub rebuttals: u8,
    /// Messages that came in.
    pub inbound: u32,
    /// Our texts of the conversation so far, hashed, so that none is said twice.
    pub said: Vec<Vec<u8>>,
    /// In whose voice: the campaign's profile.
    pub profile: Option<SdrProfileId>,
    /// Its name.
    pub name: String,
    /// How it speaks.
    pub voice: String,
    /// In which tone.
    pub tone: String,
    /// With which name under it.
    pub signature: String,
    /// Whether anybody is known who could be answered.
    pub has_lead: bool,
    /// What may be said of the person. Personal data.
    pub who: Values,
}

impl fmt::Debug for SuggestionScene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuggestionScene")
            .field("item", &self.item)
            .field("intent", &self.intent)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    intent: String,
    confidence: i16,
    extracted: Json<Value>,
    body: String,
    needs_person: bool,
    stage: String,
    auto_replies: i16,
    rebuttals: i16,
    inbound_count: i32,
    said: Option<Vec<Vec<u8>>>,
    sdr_profile_id: Option<Uuid>,
    name: Option<String>,
    voice: Option<String>,
    tone: Option<String>,
    signature: Option<String>,
    has_lead: bool,
    first_name: Option<String>,
    last_name: Option<String>,
    company_name: Option<String>,
    city: Option<String>,
}
from_row!(Row {
    id,
    intent,
    confidence,
    extracted,
    body,
    needs_person,
    stage,
    auto_replies,
    rebuttals,
    inbound_count,
    said,
    sdr_profile_id,
    name,
    voice,
    tone,
    signature,
    has_lead,
    first_name,
    last_name,
    company_name,
    city
});

/// The newest item, if it is placed and nothing was suggested for it, the conversation is open, and no person has taken it
/// over or answered meanwhile.
const SCENE: &str = "
SELECT i.id, i.intent, i.confidence, i.extracted, m.body, i.needs_person, c.stage, c.auto_replies, c.rebuttals,
       c.inbound_count, (SELECT array_agg(o.text_hash) FILTER (WHERE o.text_hash IS NOT NULL) FROM messages o
          WHERE o.team_id = $1 AND o.direction = 'outbound' AND o.to_value = c.their_address) AS said,
       p.id AS sdr_profile_id, p.name, p.voice, p.tone, p.signature, c.lead_id IS NOT NULL AS has_lead,
       pe.given_name AS first_name, pe.family_name AS last_name, b.display_name AS company_name,
       coalesce(l.city, b.city) AS city
  FROM conversations c
  JOIN LATERAL (SELECT * FROM inbox_items n WHERE n.team_id = $1 AND n.conversation_id = c.id
                 ORDER BY n.received_at DESC, n.id DESC LIMIT 1) i ON true
  JOIN messages m ON m.team_id = $1 AND m.id = i.message_id
  LEFT JOIN campaigns g ON g.team_id = $1 AND g.id = c.campaign_id
  LEFT JOIN sdr_profiles p ON p.team_id = $1 AND p.id = g.sdr_profile_id
  LEFT JOIN leads l ON l.team_id = $1 AND l.id = c.lead_id
  LEFT JOIN personas pe ON pe.team_id = $1 AND pe.id = l.persona_id
  LEFT JOIN businesses b ON b.team_id = $1 AND b.id = l.business_id
 WHERE c.team_id = $1 AND c.id = $2 AND c.state = 'open' AND c.taken_over_by IS NULL
   AND i.suggested_action IS NOT NULL AND i.processed_at IS NULL
   AND NOT EXISTS (SELECT FROM reply_suggestions s WHERE s.team_id = $1 AND s.item_id = i.id)
   AND coalesce(c.last_outbound_at, '-infinity') < i.received_at";

/// What the next suggestion of a conversation is made of; `None` where none is wanted.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn suggestion_scene(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
) -> Result<Option<SuggestionScene>> {
    let query = sqlx::query_as::<_, Row>(SCENE).bind(tx.team_id().uuid()).bind(conversation.uuid());
    let count = |count: i16| u8::try_from(count).unwrap_or_default();
    let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Ok(tx.first(query).await?.map(|row| SuggestionScene {
        item: InboxItemId::from_uuid(row.id),
        intent: row.intent,
        confidence: count(row.confidence),
        extracted: row.extracted.0,
        text: row.body,
        needs_person: row.needs_person,
        stage: row.stage,
        auto_replies: count(row.auto_replies),
        rebuttals: count(row.rebuttals),
        inbound: u32::try_from(row.inbound_count).unwrap_or_default(),
        said: row.said.unwrap_or_default(),
        profile: row.sdr_profile_id.map(SdrProfileId::from_uuid),
        name: row.name.unwrap_or_default(),
        voice: row.voice.unwrap_or_default(),
        tone: row.tone.unwrap_or_default(),
        signature: row.signature.unwrap_or_default(),
        has_lead: row.has_lead,
        who: Values {
            first_name: text(row.first_name),
            last_name: text(row.last_name),
            company_name: text(row.company_name),
            city: text(row.city),
            ..Values::default()
        },
    }))
}

/// Something to be suggested.
#[derive(Clone, PartialEq)]
pub struct NewSuggestion<'a> {
    /// What is answered; `None`: a follow-up.
    pub item: Option<InboxItemId>,
    /// `playbook`, `model` or `follow_up`.
    pub origin: &'a str,
    /// The conversation's stage.
    pub stage: &'a str,
    /// The words. Personal data.
    pub text: &'a str,
    /// Other words. Personal data.
    pub alternatives: &'a [String],
    /// What it answers, by its word.
    pub intent: Option<&'a str>,
    /// How good it is, 0 to 100.
    pub confidence: Option<u8>,
    /// What is to be done next.
    pub next_action: Option<&'a str>,
    /// For the person who decides.
    pub notes: &'a str,
    /// Whether it answers an objection.
    pub rebuttal: bool,
    /// In whose voice.
    pub profile: Option<SdrProfileId>,
    /// Until when it may be approved.
    pub expires_at: DateTime<Utc>,
}

impl fmt::Debug for NewSuggestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSuggestion")
            .field("item", &self.item)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Suggests something, unless another suggestion waits. Answers its row.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn suggest(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    what: &NewSuggestion<'_>,
    now: DateTime<Utc>,
) -> Result<Option<SuggestionId>> {
    let id: SuggestionId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO reply_suggestions (team_id, id, conversation_id, item_id, origin, stage, text, alternatives, intent,
                                        confidence, next_action, notes, rebuttal, sdr_profile_id, expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         ON CONFLICT (team_id, conversation_id) WHERE state = 'proposed' DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(conversation.uuid());
    let query = query.bind(what.item.map(TypedId::uuid)).bind(what.origin).bind(what.stage).bind(what.text);
    let query = query.bind(Json(what.alternatives)).bind(what.intent).bind(what.confidence.map(i16::from));
    let query = query.bind(what.next_action).bind(what.notes).bind(what.rebuttal);
    let query = query.bind(what.profile.map(TypedId::uuid)).bind(what.expires_at).bind(now);
    if tx.run(query).await? == 0 {
        return Ok(None);
    }
    changed(tx, conversation, now).await?;
    Ok(Some(id))
}

/// Releases a suggestion by a rule of the team, and counts it: the table allows six of a conversation, three of them to
/// objections. Answers whether it was released.
///
/// # Errors
/// [`crate::DbError::Conflict`] where the conversation has had as many; any other [`crate::DbError`].
pub async fn approve_automatically(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    suggestion: SuggestionId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let query = sqlx::query(
        "WITH released AS (
             UPDATE reply_suggestions SET state = 'approved', automatic = true, decided_at = $4, updated_at = $4
              WHERE team_id = $1 AND id = $3 AND conversation_id = $2 AND state = 'proposed' RETURNING origin, rebuttal)
         UPDATE conversations c
            SET auto_replies = c.auto_replies + (r.origin IN ('playbook', 'model'))::integer,
                rebuttals = c.rebuttals + r.rebuttal::integer, updated_at = $4
           FROM released r WHERE c.team_id = $1 AND c.id = $2",
    );
    let query = query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(suggestion.uuid());
    Ok(tx.run(query.bind(now)).await? > 0)
}
