//! What is suggested to be answered.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, SdrProfileId, SuggestionId, TypedId};
use domain::message::Values;
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::standing::{changed_all, uuids};
use crate::from_row::from_row;
use crate::{BulkTransaction, Result, fresh_id};

/// What a suggestion is made of.
#[derive(Clone, PartialEq)]
pub struct SuggestionScene {
    /// The conversation.
    pub conversation: ConversationId,
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
    conversation_id: Uuid,
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
    conversation_id,
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
SELECT c.id AS conversation_id, i.id, i.intent, i.confidence, i.extracted, m.body, i.needs_person, c.stage, c.auto_replies, c.rebuttals,
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
 WHERE c.team_id = $1 AND c.id = ANY($2) AND c.state = 'open' AND c.taken_over_by IS NULL
   AND i.suggested_action IS NOT NULL AND i.processed_at IS NULL
   AND NOT EXISTS (SELECT FROM reply_suggestions s WHERE s.team_id = $1 AND s.item_id = i.id
                      AND s.state <> 'stale')
   AND coalesce(c.last_outbound_at, '-infinity') < i.received_at";

/// What the next suggestion of each of these conversations is made of; those of which none is wanted are left out.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn suggestion_scenes(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
) -> Result<Vec<SuggestionScene>> {
    let query = sqlx::query_as::<_, Row>(SCENE).bind(tx.team_id().uuid()).bind(uuids(conversations));
    let count = |count: i16| u8::try_from(count).unwrap_or_default();
    let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let scenes = tx.all(query).await?.into_iter().map(|row| SuggestionScene {
        conversation: ConversationId::from_uuid(row.conversation_id),
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
    });
    Ok(scenes.collect())
}

/// Something to be suggested.
#[derive(Clone, PartialEq)]
pub struct NewSuggestion<'a> {
    /// The conversation.
    pub conversation: ConversationId,
    /// What is answered; `None`: a follow-up.
    pub item: Option<InboxItemId>,
    /// `playbook`, `model` or `follow_up`.
    pub origin: &'a str,
    /// The conversation's stage.
    pub stage: &'a str,
    /// The words. Personal data.
    pub text: String,
    /// Other words. Personal data.
    pub alternatives: Vec<String>,
    /// What it answers, by its word.
    pub intent: Option<&'static str>,
    /// How good it is, 0 to 100.
    pub confidence: Option<u8>,
    /// What is to be done next.
    pub next_action: Option<&'static str>,
    /// For the person who decides.
    pub notes: String,
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

/// One row a suggestion; whose conversation has another that waits gets none.
const SUGGEST: &str = "
INSERT INTO reply_suggestions (team_id, id, conversation_id, item_id, origin, stage, text, alternatives, intent, confidence,
                               next_action, notes, rebuttal, sdr_profile_id, expires_at, created_at)
SELECT $1, n.id, n.conversation, n.item, n.origin, n.stage, n.text, n.alternatives::jsonb, n.intent, n.confidence,
       n.next_action, n.notes, n.rebuttal, n.profile, n.expires_at, $16
  FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::smallint[],
              $11::text[], $12::text[], $13::boolean[], $14::uuid[], $15::timestamptz[])
       n (id, conversation, item, origin, stage, text, alternatives, intent, confidence, next_action, notes, rebuttal, profile,
          expires_at)
ON CONFLICT (team_id, conversation_id) WHERE state = 'proposed' DO NOTHING
RETURNING conversation_id, id";

/// Suggests something in each of these conversations, unless another suggestion waits there. Answers the rows that are new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn suggest(
    tx: &mut BulkTransaction,
    what: &[NewSuggestion<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<(ConversationId, SuggestionId)>> {
    if what.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = what
        .iter()
        .map(|_| {
            let id: SuggestionId = fresh_id();
            id.uuid()
        })
        .collect();
    let conversations: Vec<Uuid> = what.iter().map(|one| one.conversation.uuid()).collect();
    let items: Vec<Option<Uuid>> = what.iter().map(|one| one.item.map(TypedId::uuid)).collect();
    let origins: Vec<&str> = what.iter().map(|one| one.origin).collect();
    let stages: Vec<&str> = what.iter().map(|one| one.stage).collect();
    let texts: Vec<&str> = what.iter().map(|one| one.text.as_str()).collect();
    let alternatives: Vec<String> = what.iter().map(|one| json!(one.alternatives).to_string()).collect();
    let intents: Vec<Option<&str>> = what.iter().map(|one| one.intent).collect();
    let confidences: Vec<Option<i16>> = what.iter().map(|one| one.confidence.map(i16::from)).collect();
    let actions: Vec<Option<&str>> = what.iter().map(|one| one.next_action).collect();
    let notes: Vec<&str> = what.iter().map(|one| one.notes.as_str()).collect();
    let rebuttals: Vec<bool> = what.iter().map(|one| one.rebuttal).collect();
    let profiles: Vec<Option<Uuid>> = what.iter().map(|one| one.profile.map(TypedId::uuid)).collect();
    let ends: Vec<DateTime<Utc>> = what.iter().map(|one| one.expires_at).collect();
    let query = sqlx::query_as::<_, (Uuid, Uuid)>(SUGGEST).bind(tx.team_id().uuid()).bind(ids);
    let query = query.bind(conversations).bind(items).bind(origins).bind(stages).bind(texts);
    let query = query.bind(alternatives).bind(intents).bind(confidences).bind(actions).bind(notes);
    let rows = tx.all(query.bind(rebuttals).bind(profiles).bind(ends).bind(now)).await?;
    changed_all(tx, &rows.iter().map(|(conversation, _)| *conversation).collect::<Vec<_>>(), now).await?;
    let made = |(conversation, id)| (ConversationId::from_uuid(conversation), SuggestionId::from_uuid(id));
    Ok(rows.into_iter().map(made).collect())
}

/// Releases suggestions, one a conversation, by a rule of the team, and counts them: the table allows six of a conversation, three
/// of them to objections. Answers how many were released.
///
/// # Errors
/// [`crate::DbError::Conflict`] where a conversation has had as many; any other [`crate::DbError`].
pub async fn approve_automatically(
    tx: &mut BulkTransaction,
    suggestions: &[SuggestionId],
    now: DateTime<Utc>,
) -> Result<u64> {
    if suggestions.is_empty() {
        return Ok(0);
    }
    let query = sqlx::query(
        "WITH released AS (
             UPDATE reply_suggestions SET state = 'approved', automatic = true, decided_at = $3, updated_at = $3
              WHERE team_id = $1 AND id = ANY($2) AND state = 'proposed' RETURNING conversation_id, origin, rebuttal)
         UPDATE conversations c
            SET auto_replies = c.auto_replies + (r.origin IN ('playbook', 'model'))::integer,
                rebuttals = c.rebuttals + r.rebuttal::integer, updated_at = $3
           FROM released r WHERE c.team_id = $1 AND c.id = r.conversation_id",
    );
    let ids: Vec<Uuid> = suggestions.iter().map(|id| id.uuid()).collect();
    tx.run(query.bind(tx.team_id().uuid()).bind(ids).bind(now)).await
}
