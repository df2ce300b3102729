//! An item of the inbox as callers see it.

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, ConversationId, InboxItemId, LeadId, MessageId, UserId};
use entities::inbox_item;
use serde::Serialize;
use utoipa::ToSchema;

/// A message that came in, with what is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InboxItem {
    #[schema(value_type = String, example = "item_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    pub(super) id: InboxItemId,
    #[schema(value_type = String)]
    conversation: ConversationId,
    #[schema(value_type = String)]
    message: MessageId,
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    /// A person, or a business where nobody is named.
    lead_name: Option<String>,
    #[schema(value_type = Option<String>)]
    campaign: Option<CampaignId>,
    /// Nobody was written to at this number (`inbound.no_lead_match`): say whose it is.
    no_lead_match: bool,
    /// `message` or `call`.
    #[schema(example = "message")]
    kind: String,
    #[schema(example = "sms")]
    channel: String,
    from: String,
    to: String,
    text: String,
    /// What it is taken for; absent until it was read.
    #[schema(example = "interested")]
    intent: Option<String>,
    /// How certain that is, 0 to 100.
    confidence: Option<i16>,
    /// Addresses, numbers and times found in it.
    #[schema(value_type = Object)]
    extracted: serde_json::Value,
    /// `rules`, `model` or `person`.
    classified_by: Option<String>,
    /// A person has to look: it was not certain.
    needs_person: bool,
    /// `email_captures`, `hot_responses`, `objections`, `do_not_contact` or `other`.
    #[schema(example = "hot_responses")]
    bucket: String,
    /// `hot`, `warm` or `cold`.
    temperature: Option<String>,
    /// Its place in the inbox, 0 to 100: what it says, and whose it is.
    priority_score: i16,
    /// What to do about it first.
    suggested_action: Option<String>,
    notes: String,
    /// `unread`, `read` or `archived`.
    status: String,
    snoozed_until: Option<DateTime<Utc>>,
    /// `open`, `held` (nothing may be sent) or `closed`.
    conversation_state: String,
    #[schema(value_type = Option<String>)]
    assigned_to: Option<UserId>,
    /// Who has the conversation in hand at this moment.
    #[schema(value_type = Option<String>)]
    claimed_by: Option<UserId>,
    claimed_until: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    processed_by: Option<UserId>,
    processed_at: Option<DateTime<Utc>>,
    received_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<inbox_item::InboxItem> for InboxItem {
    fn from(item: inbox_item::InboxItem) -> Self {
        Self {
            id: item.id,
            conversation: item.conversation,
            message: item.message,
            lead: item.lead,
            lead_name: item.lead_name,
            campaign: item.campaign,
            no_lead_match: item.no_lead_match,
            kind: item.kind,
            channel: item.channel,
            from: item.from,
            to: item.to,
            text: item.body,
            intent: item.intent,
            confidence: item.confidence,
            extracted: item.extracted,
            classified_by: item.classified_by,
            needs_person: item.needs_person,
            bucket: item.bucket,
            temperature: item.temperature,
            priority_score: item.priority_score,
            suggested_action: item.suggested_action,
            notes: item.notes,
            status: item.status,
            snoozed_until: item.snoozed_until,
            conversation_state: item.conversation_state,
            assigned_to: item.assigned_to,
            claimed_by: item.claimed_by,
            claimed_until: item.claimed_until,
            processed_by: item.processed_by,
            processed_at: item.processed_at,
            received_at: item.received_at,
            updated_at: item.updated_at,
        }
    }
}
