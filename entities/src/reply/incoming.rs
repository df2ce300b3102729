//! What came in and nobody has looked at.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, ConversationId, InboxItemId, LeadId, MessageId, TypedId};
use serde_json::Value;
use uuid::Uuid;

use super::standing::uuids;
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Something that came in and is not classified.
#[derive(Clone, PartialEq)]
pub struct Incoming {
    /// Its place in the inbox.
    pub item: InboxItemId,
    /// Where it was said.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// Whether it is a call, and no message.
    pub is_call: bool,
    /// What it says. Personal data.
    pub text: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// From whom.
    pub lead: Option<LeadId>,
    /// Upon which campaign.
    pub campaign: Option<CampaignId>,
    /// Which of the conversation's messages it is, from 1.
    pub number: u32,
    /// What we said last before it. Personal data.
    pub said_before: Option<String>,
    /// Whether a word or a vendor has opted out with it: the suppression is there.
    pub opted_out: bool,
    /// The vendor, by its word.
    pub provider: String,
    /// From which number or address.
    pub from: String,
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("item", &self.item)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    conversation_id: Uuid,
    message_id: Uuid,
    is_call: bool,
    body: String,
    received_at: DateTime<Utc>,
    lead_id: Option<Uuid>,
    campaign_id: Option<Uuid>,
    number: i64,
    said_before: Option<String>,
    opted_out: bool,
    provider: String,
    from_value: String,
}
from_row!(Row {
    id,
    conversation_id,
    message_id,
    is_call,
    body,
    received_at,
    lead_id,
    campaign_id,
    number,
    said_before,
    opted_out,
    provider,
    from_value
});

/// What of these conversations came in and is not classified, in the order in which it came.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn unclassified(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
) -> Result<Vec<Incoming>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT i.id, i.conversation_id, i.message_id, i.kind = 'call' AS is_call, m.body, i.received_at, i.lead_id, i.campaign_id,
                (SELECT count(*) FROM inbox_items e WHERE e.team_id = $1 AND e.conversation_id = i.conversation_id
                    AND (e.received_at, e.id) <= (i.received_at, i.id)) AS number,
                (SELECT o.body FROM messages o WHERE o.team_id = $1 AND o.direction = 'outbound'
                    AND o.to_value = m.from_value AND o.sent_at <= i.received_at ORDER BY o.sent_at DESC LIMIT 1) AS said_before,
                coalesce(m.classification = 'opt-out', false) AS opted_out, m.provider, m.from_value
           FROM inbox_items i JOIN messages m ON m.team_id = i.team_id AND m.id = i.message_id
          WHERE i.team_id = $1 AND i.conversation_id = ANY($2) AND i.intent IS NULL ORDER BY i.received_at, i.id",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(uuids(conversations))).await?;
    Ok(rows
        .into_iter()
        .map(|row| Incoming {
            item: InboxItemId::from_uuid(row.id),
            conversation: ConversationId::from_uuid(row.conversation_id),
            message: MessageId::from_uuid(row.message_id),
            is_call: row.is_call,
            text: row.body,
            received_at: row.received_at,
            lead: row.lead_id.map(LeadId::from_uuid),
            campaign: row.campaign_id.map(CampaignId::from_uuid),
            number: u32::try_from(row.number).unwrap_or(u32::MAX),
            said_before: row.said_before,
            opted_out: row.opted_out,
            provider: row.provider,
            from: row.from_value,
        })
        .collect())
}

/// What an item says.
#[derive(Debug, Clone, PartialEq)]
pub struct Classified<'a> {
    /// The item.
    pub item: InboxItemId,
    /// The word of what is meant.
    pub intent: &'a str,
    /// How sure that is, 0 to 100.
    pub confidence: u8,
    /// What could be read out of it. Personal data.
    pub extracted: Value,
    /// The rule that said so, by its word.
    pub rule: &'a str,
    /// Whether a person has to look at it.
    pub needs_person: bool,
}

/// Writes down what items say, by this rule book, each unless somebody has done so before. The messages have it too, in the words
/// of the reports. Answers those that were new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn classified(
    tx: &mut BulkTransaction,
    rule_book: &str,
    what: &[Classified<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<InboxItemId>> {
    if what.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as::<_, (Uuid,)>(
        "WITH told AS (
             SELECT * FROM unnest($2::uuid[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::boolean[])
                    t (item, intent, confidence, extracted, rule, needs_person)),
         said AS (
             UPDATE inbox_items i SET intent = t.intent, confidence = t.confidence, extracted = t.extracted::jsonb, rule = t.rule,
                    rule_book = $8, needs_person = t.needs_person, classified_by = 'rules', classified_at = $9, updated_at = $9
               FROM told t WHERE i.team_id = $1 AND i.id = t.item AND i.intent IS NULL
             RETURNING i.id, i.message_id, i.intent),
         kept AS (
             UPDATE messages m SET classification = coalesce(m.classification, replace(s.intent, '_', '-'))
               FROM said s WHERE m.team_id = $1 AND m.id = s.message_id)
         SELECT id FROM said",
    );
    let column = |of: fn(&Classified<'_>) -> String| what.iter().map(of).collect::<Vec<_>>();
    let items: Vec<Uuid> = what.iter().map(|one| one.item.uuid()).collect();
    let confidences: Vec<i16> = what.iter().map(|one| i16::from(one.confidence)).collect();
    let for_people: Vec<bool> = what.iter().map(|one| one.needs_person).collect();
    let query = query.bind(tx.team_id().uuid()).bind(items).bind(column(|one| one.intent.to_owned()));
    let query = query.bind(confidences).bind(column(|one| one.extracted.to_string()));
    let query = query.bind(column(|one| one.rule.to_owned())).bind(for_people).bind(rule_book);
    let rows = tx.all(query.bind(now)).await?;
    Ok(rows.into_iter().map(|(id,)| InboxItemId::from_uuid(id)).collect())
}
