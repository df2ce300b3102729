//! What comes in.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, ConversationId, LeadId, MessageId, TypedId};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result, fresh_id};

/// A message that came in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// `sms`, `email` or `voice`; a call answers the text that was sent there.
    pub channel: &'a str,
    /// The vendor, by its word.
    pub provider: &'a str,
    /// By which the vendor knows it.
    pub external_id: &'a str,
    /// From whom: E.164, or an address in lower case.
    pub from: &'a str,
    /// To which of ours.
    pub to: &'a str,
    /// What it says.
    pub body: &'a str,
    /// The classifier's word for it, where it is known at once: `opt-out`.
    pub classification: Option<&'a str>,
}

impl fmt::Debug for Received<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Received(…)")
    }
}

/// A message that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its row.
    pub message: MessageId,
    /// The lead it came from: whoever was written to last at this number; `None` where nobody was.
    pub lead: Option<LeadId>,
    /// The campaign that it answers.
    pub campaign: Option<CampaignId>,
    /// Where it belongs.
    pub place: Place,
}

/// Where a message belongs: the conversation that there is, or the one that is to be opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// The conversation; one that is not there yet is to get this id.
    pub conversation: ConversationId,
    /// By what is talked there: a call belongs where texts are exchanged with that person.
    pub channel: String,
    /// Our side of it.
    pub ours: String,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({})", self.conversation)
    }
}

struct Row {
    lead_id: Option<Uuid>,
    campaign_id: Option<Uuid>,
    conversation_id: Uuid,
    channel: String,
    ours: String,
}
from_row!(Row { lead_id, campaign_id, conversation_id, channel, ours });

/// $3 channel, $6 theirs, $7 ours, $11 the id of a conversation that is not there yet.
const RECEIVE: &str = "
WITH place AS (
    SELECT CASE $3 WHEN 'voice' THEN 'sms' ELSE $3 END AS channel, coalesce(CASE WHEN $3 = 'voice' THEN (
        SELECT m.from_value FROM messages m
         WHERE m.team_id = $1 AND m.direction = 'outbound' AND m.to_value = $6 AND m.channel = 'sms'
         ORDER BY (m.from_value = $7) DESC, m.sent_at DESC LIMIT 1) END, $7) AS ours),
there AS (
    SELECT p.channel, p.ours, coalesce(c.id, $11) AS conversation_id
      FROM place p LEFT JOIN conversations c ON c.team_id = $1 AND c.channel = p.channel AND c.our_address = p.ours
       AND c.their_address = $6),
answered AS (
    SELECT m.campaign_id, m.lead_id, m.step, m.template_version_id, m.carrier, m.sender_id FROM messages m
     WHERE m.team_id = $1 AND m.direction = 'outbound' AND m.to_value = $6
       AND m.channel = ANY (CASE $3 WHEN 'email' THEN ARRAY['email'] ELSE ARRAY['sms', 'voice'] END)
     ORDER BY (m.from_value = $7) DESC, (m.campaign_id IS NOT NULL) DESC, m.sent_at DESC LIMIT 1),
kept AS (
    INSERT INTO messages (team_id, id, direction, channel, provider, external_id, from_value, to_value, body, campaign_id,
                          lead_id, step, template_version_id, carrier, sender_id, classification, received_at, conversation_id)
    SELECT $1, $2, 'inbound', $3, $4, $5, $6, $7, $8, a.campaign_id, a.lead_id, a.step, a.template_version_id, a.carrier,
           a.sender_id, $9, $10, t.conversation_id
      FROM there t LEFT JOIN answered a ON true
    ON CONFLICT ON CONSTRAINT messages_external DO NOTHING RETURNING lead_id, campaign_id, conversation_id),
moved AS (
    UPDATE campaign_leads c SET state = 'responded', updated_at = $10 FROM kept k
     WHERE c.team_id = $1 AND c.campaign_id = k.campaign_id AND c.lead_id = k.lead_id
       AND c.state IN ('pending', 'sent', 'delivered', 'failed'))
SELECT k.lead_id, k.campaign_id, k.conversation_id, t.channel, t.ours FROM kept k CROSS JOIN there t";

/// Keeps a message that came in, once: `None` where it was there. It answers the last message that went from this number of
/// ours to that one of theirs, or from any of ours, and belongs to that one's lead and campaign. It names the conversation that it
/// belongs to, which [`crate::conversation::of_message`] opens or goes on with.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn receive(
    tx: &mut BulkTransaction,
    received: &Received<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Kept>> {
    let (id, conversation): (MessageId, ConversationId) = (fresh_id(), fresh_id());
    let query = sqlx::query_as::<_, Row>(RECEIVE).bind(tx.team_id().uuid()).bind(id.uuid());
    let query = query.bind(received.channel).bind(received.provider).bind(received.external_id);
    let query = query.bind(received.from).bind(received.to).bind(received.body);
    let row = tx.first(query.bind(received.classification).bind(now).bind(conversation.uuid())).await?;
    Ok(row.map(|row| Kept {
        message: id,
        lead: row.lead_id.map(LeadId::from_uuid),
        campaign: row.campaign_id.map(CampaignId::from_uuid),
        place: Place {
            conversation: ConversationId::from_uuid(row.conversation_id),
            channel: row.channel,
            ours: row.ours,
        },
    }))
}
