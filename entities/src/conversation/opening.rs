//! A message comes in: its conversation is opened or goes on, and its item is put into the inbox.

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, ConversationId, InboxItemId, LeadId, TypedId};
use domain::reply::{Bucket, ConversationState, Intent, Temperature, priority_score};
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::message::{Kept, Received};
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// The notice that a reply came in: its payload is `{conversation, item}`.
pub const REPLY_RECEIVED: &str = "conversation.reply_received";

/// A message that has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// Its item in the inbox.
    pub item: InboxItemId,
    /// Whether nothing had been said before.
    pub is_new: bool,
    /// Whether it had been closed.
    pub reopened: bool,
    /// Whether it may be answered from now on.
    pub state: ConversationState,
    /// Whose it is; `None` where nobody was written to there (`inbound.no_lead_match`).
    pub lead: Option<LeadId>,
    /// Others who are reached at the same number, the one written to last first.
    pub others: Vec<LeadId>,
}

struct Row {
    id: Uuid,
    state: String,
    lead_id: Option<Uuid>,
    campaign_id: Option<Uuid>,
    other_leads: Vec<Uuid>,
    score: i16,
    was: Option<String>,
}
from_row!(Row { id, state, lead_id, campaign_id, other_leads, score, was });

/// $2 id, $3 channel, $4 vendor, $5 ours, $6 theirs, $7 lead, $8 campaign, $9 now. Everybody who was ever written to there,
/// or is to be, is named; whoever is suppressed is not answered, which is asked once. What was closed is open again. `was`: what
/// state it was in; NULL where it was not there.
const OPEN: &str = "
WITH sender AS (
    SELECT s.id, s.brand FROM senders s WHERE s.team_id = $1 AND s.channel = $3 AND s.address = $5
     ORDER BY (s.provider = $4) DESC, s.id LIMIT 1),
reached AS (
    SELECT m.lead_id, m.sent_at FROM messages m
     WHERE m.team_id = $1 AND m.direction = 'outbound' AND m.to_value = $6 AND m.lead_id IS NOT NULL
    UNION ALL SELECT c.lead_id, NULL FROM campaign_leads c WHERE c.team_id = $1 AND (c.phone = $6 OR c.email = $6)),
others AS (
    SELECT coalesce(array_agg(r.lead_id ORDER BY r.at DESC NULLS LAST, r.lead_id), '{}') AS ids
      FROM (SELECT lead_id, max(sent_at) AS at FROM reached WHERE lead_id IS DISTINCT FROM $7 GROUP BY 1
             ORDER BY 2 DESC NULLS LAST, 1 LIMIT 20) r),
said AS (
    SELECT count(*)::integer AS messages, max(m.sent_at) AS at FROM messages m
     WHERE m.team_id = $1 AND m.direction = 'outbound' AND m.to_value = $6 AND m.from_value = $5),
silent AS MATERIALIZED (
    SELECT is_suppressed($6, (SELECT l.persona_id FROM leads l WHERE l.team_id = $1 AND l.id = $7),
                         (SELECT brand FROM sender), $5) AS so),
opened AS (
    INSERT INTO conversations AS c (team_id, id, channel, provider, our_address, their_address, sender_id, lead_id,
                                    campaign_id, other_leads, state, hold_reason, held_at, inbound_count,
                                    outbound_count, first_inbound_at, last_inbound_at, last_outbound_at)
    SELECT $1, $2, $3, $4, $5, $6, (SELECT id FROM sender), $7, $8, o.ids, CASE WHEN s.so THEN 'held' ELSE 'open' END,
           CASE WHEN s.so THEN 'opted_out' END, CASE WHEN s.so THEN $9::timestamptz END, 1, w.messages, $9, $9, w.at
      FROM others o, said w, silent s
    ON CONFLICT ON CONSTRAINT conversations_once DO UPDATE
       SET provider = excluded.provider, sender_id = coalesce(excluded.sender_id, c.sender_id),
           lead_id = coalesce(excluded.lead_id, c.lead_id),
           campaign_id = coalesce(excluded.campaign_id, c.campaign_id), other_leads = excluded.other_leads,
           inbound_count = c.inbound_count + 1, outbound_count = greatest(c.outbound_count, excluded.outbound_count),
           first_inbound_at = coalesce(c.first_inbound_at, excluded.first_inbound_at),
           last_inbound_at = greatest(c.last_inbound_at, excluded.last_inbound_at),
           last_outbound_at = greatest(c.last_outbound_at, excluded.last_outbound_at),
           state = CASE c.state WHEN 'closed' THEN excluded.state ELSE c.state END,
           hold_reason = CASE c.state WHEN 'closed' THEN excluded.hold_reason ELSE c.hold_reason END,
           held_at = CASE c.state WHEN 'closed' THEN excluded.held_at ELSE c.held_at END,
           reopened = c.reopened + CASE c.state WHEN 'closed' THEN 1 ELSE 0 END
    RETURNING c.id, c.state, c.lead_id, c.campaign_id, c.other_leads, old.state AS was)
SELECT o.id, o.state, o.lead_id, o.campaign_id, o.other_leads, o.was,
       coalesce((SELECT l.score FROM leads l WHERE l.team_id = $1 AND l.id = o.lead_id), 0::smallint) AS score
  FROM opened o";

/// What a conversation that goes on leaves behind: what was suggested before was an answer to something else, and whoever writes
/// needs no reminder.
const GO_ON: &str = "
WITH stale AS (
    UPDATE reply_suggestions SET state = 'stale', why = 'another message came in'
     WHERE team_id = $1 AND conversation_id = $2 AND state IN ('proposed', 'approved', 'edited')
       AND origin NOT IN ('confirmation', 'deliverable'))
UPDATE follow_ups SET state = 'cancelled', reason = 'reply', ended_at = $3
 WHERE team_id = $1 AND conversation_id = $2 AND state = 'planned'";

/// The item and the notice of it, in one statement: a vendor waits. $14 the notice's kind, $15 its key, $16 its payload.
const ITEM: &str = "
WITH told AS (
    INSERT INTO outbox (team_id, kind, dedup_key, payload) VALUES ($1, $14, $15, $16)
    ON CONFLICT ON CONSTRAINT outbox_once DO NOTHING)
INSERT INTO inbox_items (team_id, id, message_id, conversation_id, lead_id, campaign_id, kind, intent, confidence, rule,
                         classified_by, classified_at, bucket, temperature, priority, priority_score, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $8::text IS NOT NULL THEN 100 END,
        CASE WHEN $8::text IS NOT NULL THEN 'keyword' END, CASE WHEN $8::text IS NOT NULL THEN 'rules' END,
        CASE WHEN $8::text IS NOT NULL THEN $13::timestamptz END, $9, $10, $11, $12, $13)";

/// Opens the conversation of a message that was just kept, or goes on with it, puts its item into the inbox and the notice
/// [`REPLY_RECEIVED`] into the outbox: all in the transaction that keeps the message. Suggestions that were not sent are stale
/// from now on, follow-ups are cancelled.
///
/// # Errors
/// Any [`DbError`].
pub async fn of_message(
    tx: &mut BulkTransaction,
    received: &Received<'_>,
    kept: &Kept,
    now: DateTime<Utc>,
) -> Result<Opened> {
    let (team, place) = (tx.team_id().uuid(), &kept.place);
    let query =
        sqlx::query_as::<_, Row>(OPEN).bind(team).bind(place.conversation.uuid()).bind(&place.channel);
    let query = query.bind(received.provider).bind(&place.ours).bind(received.from);
    let query = query.bind(kept.lead.map(TypedId::uuid)).bind(kept.campaign.map(TypedId::uuid));
    let row = tx.first(query.bind(now)).await?;
    let row = row.ok_or_else(|| DbError::unreadable("conversations", "an upsert answered with nothing"))?;
    let conversation = ConversationId::from_uuid(row.id);
    if conversation != place.conversation {
        // Another message opened it meanwhile.
        let query = sqlx::query("UPDATE messages SET conversation_id = $3 WHERE team_id = $1 AND id = $2");
        tx.run(query.bind(team).bind(kept.message.uuid()).bind(row.id)).await?;
    }
    if row.was.is_some() {
        tx.run(sqlx::query(GO_ON).bind(team).bind(row.id).bind(now)).await?;
    }
    let item = put_item(tx, received, kept, &row, now).await?;
    Ok(Opened {
        conversation,
        item,
        is_new: row.was.is_none(),
        reopened: row.was.as_deref() == Some(ConversationState::Closed.as_str()),
        state: row.state.parse().map_err(|error| DbError::unreadable("conversations.state", error))?,
        lead: row.lead_id.map(LeadId::from_uuid),
        others: row.other_leads.into_iter().map(LeadId::from_uuid).collect(),
    })
}

/// The intent that a message's classification names: messages write their words with hyphens, as the reports of campaigns do.
pub(crate) fn intent_of(word: &str) -> Option<Intent> {
    word.replace('-', "_").parse().or_else(|_| word.parse()).ok()
}

/// The item of a message, and the notice of it. What is known at once (a word that opts out, a call) is said at once; the rest is
/// read a moment later.
async fn put_item(
    tx: &mut BulkTransaction,
    received: &Received<'_>,
    kept: &Kept,
    conversation: &Row,
    now: DateTime<Utc>,
) -> Result<InboxItemId> {
    let item: InboxItemId = fresh_id();
    let intent: Option<Intent> = received.classification.and_then(intent_of);
    let bucket = intent.map_or(Bucket::Other, Bucket::of);
    let temperature = intent.map(|intent| Temperature::of(intent, false, false));
    let priority = intent.map_or(0, |intent| i16::from(intent.priority()));
    let score = u8::try_from(conversation.score.clamp(0, 100)).unwrap_or_default();
    let ranked = intent.map_or(0, |intent| i16::from(priority_score(intent, score)));
    let kind = if received.channel == "voice" { "call" } else { "message" };
    let campaign: Option<CampaignId> =
        kept.campaign.or_else(|| conversation.campaign_id.map(CampaignId::from_uuid));
    let query = sqlx::query(ITEM).bind(tx.team_id().uuid()).bind(item.uuid()).bind(kept.message.uuid());
    let query = query.bind(conversation.id).bind(conversation.lead_id).bind(campaign.map(TypedId::uuid));
    let query = query.bind(kind).bind(intent.map(Intent::as_str)).bind(bucket.as_str());
    let query = query.bind(temperature.map(Temperature::as_str)).bind(priority).bind(ranked);
    let payload = json!({ "conversation": ConversationId::from_uuid(conversation.id), "item": item });
    let query =
        query.bind(now).bind(REPLY_RECEIVED).bind(format!("reply_received:{item}")).bind(Json(payload));
    tx.run(query).await?;
    Ok(item)
}
