//! The inbox: what came in, message by message, as people work through it. The hottest first.

mod list;
mod reading;
mod work;

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, ConversationId, InboxItemId, LeadId, MessageId, TypedId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

pub use list::{Assigned, Changed, Counts, Cursor, CursorError, Which, changed_since, counts, list};
pub use reading::{Reclassification, Reclassified, move_to, reclassifications, reclassify};
pub use work::{archive, mark_read, snooze};

/// An item of the inbox, with what is shown of its message, its lead and its conversation.
#[derive(Clone, PartialEq)]
pub struct InboxItem {
    /// Its id.
    pub id: InboxItemId,
    /// The message.
    pub message: MessageId,
    /// The conversation that it belongs to.
    pub conversation: ConversationId,
    /// Whose it is; `None`: nobody was written to there.
    pub lead: Option<LeadId>,
    /// What the lead is called: a person, or a business where nobody is named.
    pub lead_name: Option<String>,
    /// The campaign that it answers.
    pub campaign: Option<CampaignId>,
    /// Whether nobody was written to there.
    pub no_lead_match: bool,
    /// `message` or `call`.
    pub kind: String,
    /// `sms`, `email` or `voice`.
    pub channel: String,
    /// From which number or address.
    pub from: String,
    /// To which of ours.
    pub to: String,
    /// What it says.
    pub body: String,
    /// `domain::reply::Intent`; `None` until it was read.
    pub intent: Option<String>,
    /// How certain that is, 0 to 100.
    pub confidence: Option<i16>,
    /// What was found in it: addresses, numbers, times.
    pub extracted: Value,
    /// Who read it: `rules`, `model` or `person`.
    pub classified_by: Option<String>,
    /// Whether a person has to look.
    pub needs_person: bool,
    /// `domain::reply::Bucket`.
    pub bucket: String,
    /// `domain::reply::Temperature`.
    pub temperature: Option<String>,
    /// Its place in the inbox, 0 to 100.
    pub priority_score: i16,
    /// What to do about it first.
    pub suggested_action: Option<String>,
    /// What to know.
    pub notes: String,
    /// `unread`, `read` or `archived`.
    pub status: String,
    /// Until when it is out of sight.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Whether its conversation may be answered: `open`, `held` or `closed`.
    pub conversation_state: String,
    /// Whose the conversation is to answer.
    pub assigned_to: Option<UserId>,
    /// Who has it in hand at this moment.
    pub claimed_by: Option<UserId>,
    /// Until when.
    pub claimed_until: Option<DateTime<Utc>>,
    /// Who dealt with it.
    pub processed_by: Option<UserId>,
    /// When.
    pub processed_at: Option<DateTime<Utc>>,
    /// When it came in.
    pub received_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

impl fmt::Debug for InboxItem {
    /// Without names, numbers and words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboxItem")
            .field("id", &self.id)
            .field("bucket", &self.bucket)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    message_id: Uuid,
    conversation_id: Uuid,
    lead_id: Option<Uuid>,
    lead_name: Option<String>,
    campaign_id: Option<Uuid>,
    no_lead_match: bool,
    kind: String,
    channel: String,
    from_value: String,
    to_value: String,
    body: String,
    intent: Option<String>,
    confidence: Option<i16>,
    extracted: Value,
    classified_by: Option<String>,
    needs_person: bool,
    bucket: String,
    temperature: Option<String>,
    priority_score: i16,
    suggested_action: Option<String>,
    notes: String,
    status: String,
    snoozed_until: Option<DateTime<Utc>>,
    conversation_state: String,
    assigned_to: Option<Uuid>,
    claimed_by: Option<Uuid>,
    claimed_until: Option<DateTime<Utc>>,
    processed_by: Option<Uuid>,
    processed_at: Option<DateTime<Utc>>,
    received_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}
from_row!(Row {
    id,
    message_id,
    conversation_id,
    lead_id,
    lead_name,
    campaign_id,
    no_lead_match,
    kind,
    channel,
    from_value,
    to_value,
    body,
    intent,
    confidence,
    extracted,
    classified_by,
    needs_person,
    bucket,
    temperature,
    priority_score,
    suggested_action,
    notes,
    status,
    snoozed_until,
    conversation_state,
    assigned_to,
    claimed_by,
    claimed_until,
    processed_by,
    processed_at,
    received_at,
    updated_at,
});

impl From<Row> for InboxItem {
    fn from(row: Row) -> Self {
        Self {
            id: InboxItemId::from_uuid(row.id),
            message: MessageId::from_uuid(row.message_id),
            conversation: ConversationId::from_uuid(row.conversation_id),
            lead: row.lead_id.map(LeadId::from_uuid),
            lead_name: row.lead_name,
            campaign: row.campaign_id.map(CampaignId::from_uuid),
            no_lead_match: row.no_lead_match,
            kind: row.kind,
            channel: row.channel,
            from: row.from_value,
            to: row.to_value,
            body: row.body,
            intent: row.intent,
            confidence: row.confidence,
            extracted: row.extracted,
            classified_by: row.classified_by,
            needs_person: row.needs_person,
            bucket: row.bucket,
            temperature: row.temperature,
            priority_score: row.priority_score,
            suggested_action: row.suggested_action,
            notes: row.notes,
            status: row.status,
            snoozed_until: row.snoozed_until,
            conversation_state: row.conversation_state,
            assigned_to: row.assigned_to.map(UserId::from_uuid),
            claimed_by: row.claimed_by.map(UserId::from_uuid),
            claimed_until: row.claimed_until,
            processed_by: row.processed_by.map(UserId::from_uuid),
            processed_at: row.processed_at,
            received_at: row.received_at,
            updated_at: row.updated_at,
        }
    }
}

/// What an item is shown with. $1 is the team, $2 the moment: a claim that has run out is none.
const SELECT: &str = "
SELECT i.id, i.message_id, i.conversation_id, i.lead_id,
       coalesce(nullif(concat_ws(' ', p.given_name, p.family_name), ''), b.display_name) AS lead_name, i.campaign_id,
       i.no_lead_match, i.kind, m.channel, m.from_value, m.to_value, m.body, i.intent, i.confidence, i.extracted,
       i.classified_by, i.needs_person, i.bucket, i.temperature, i.priority_score, i.suggested_action, i.notes, i.status,
       i.snoozed_until, c.state AS conversation_state, c.assigned_to,
       CASE WHEN c.claimed_until > $2 THEN c.claimed_by END AS claimed_by,
       CASE WHEN c.claimed_until > $2 THEN c.claimed_until END AS claimed_until,
       i.processed_by, i.processed_at, i.received_at, i.updated_at
  FROM inbox_items i
  JOIN messages m ON m.team_id = i.team_id AND m.id = i.message_id
  JOIN conversations c ON c.team_id = i.team_id AND c.id = i.conversation_id
  LEFT JOIN leads l ON l.team_id = i.team_id AND l.id = i.lead_id
  LEFT JOIN personas p ON p.team_id = l.team_id AND p.id = l.persona_id
  LEFT JOIN businesses b ON b.team_id = l.team_id AND b.id = l.business_id
 WHERE i.team_id = $1";

/// The team's item with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: InboxItemId, now: DateTime<Utc>) -> Result<InboxItem> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} AND i.id = $3"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(now).bind(id.uuid());
    tx.first(query).await?.map(InboxItem::from).ok_or_else(|| DbError::not_found("inbox item", id))
}

/// The conversation that an item belongs to.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such item.
pub async fn conversation(tx: &mut BulkTransaction, id: InboxItemId) -> Result<ConversationId> {
    let query = sqlx::query_as::<_, (Uuid,)>(
        "SELECT conversation_id FROM inbox_items WHERE team_id = $1 AND id = $2",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    row.map(|(id,)| ConversationId::from_uuid(id)).ok_or_else(|| DbError::not_found("inbox item", id))
}
