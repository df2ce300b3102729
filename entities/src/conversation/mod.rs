//! Conversations: everything said between one of our addresses and one of theirs.
//!
//! A message opens its conversation in the transaction that keeps it ([`of_message`]), and whoever opts out silences it in the
//! same one ([`silence()`]). What is decided in it by people is `crate::reply`'s.

mod confirm;
mod hands;
mod history;
mod opening;
mod silence;
mod whose;
mod written;

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{CampaignId, ConversationId, LeadId, SenderId, TypedId, UserId};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

pub use confirm::{CONFIRMATION, confirm_opt_out};
pub use hands::{Hand, assign, claim, in_other_hands, member, release};
pub use history::{Movement, Said, Suggested, Verdict, messages, movements, suggestions, verdicts};
pub(crate) use opening::intent_of;
pub use opening::{Opened, REPLY_RECEIVED, of_message};
pub use silence::{Silenced, clear, hold, lock_with, opted_in, silence};
pub use whose::give_lead;
pub use written::{proposed, put_close_notes, put_edited, state, write};

/// A conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// `sms` or `email`.
    pub channel: String,
    /// The vendor that brought the last message, by its word.
    pub provider: String,
    /// Our number or address.
    pub our_address: String,
    /// Theirs.
    pub their_address: String,
    /// The sender that our address is.
    pub sender: Option<SenderId>,
    /// Whose it is; `None`: nobody was written to there.
    pub lead: Option<LeadId>,
    /// The campaign that wrote to them last.
    pub campaign: Option<CampaignId>,
    /// Others who are reached at the same number.
    pub other_leads: Vec<LeadId>,
    /// `domain::reply::ConversationState`.
    pub state: String,
    /// `domain::reply::HoldReason`, while it is held.
    pub hold_reason: Option<String>,
    /// `domain::reply::Stage`.
    pub stage: String,
    /// `domain::reply::Temperature`.
    pub temperature: Option<String>,
    /// Answers that nobody approved one by one.
    pub auto_replies: i16,
    /// Answers to objections among them.
    pub rebuttals: i16,
    /// Messages that came in.
    pub inbound_count: i32,
    /// Messages that went out.
    pub outbound_count: i32,
    /// When the last one came in.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// When the last one went out.
    pub last_outbound_at: Option<DateTime<Utc>>,
    /// Whose it is to answer.
    pub assigned_to: Option<UserId>,
    /// Who has it in hand.
    pub claimed_by: Option<UserId>,
    /// Until when.
    pub claimed_until: Option<DateTime<Utc>>,
    /// Who answers from now on.
    pub taken_over_by: Option<UserId>,
    /// `domain::reply::Disposition`, once it is closed.
    pub closed_as: Option<String>,
    /// `domain::reply::CloseReason`.
    pub close_reason: Option<String>,
    /// In words of whoever closed it.
    pub close_notes: Option<String>,
    /// Who closed it; `None`: the system.
    pub processed_by: Option<UserId>,
    /// When.
    pub processed_at: Option<DateTime<Utc>>,
    /// How often it was opened anew.
    pub reopened: i32,
    /// How many changes there were.
    pub version: i64,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

impl fmt::Debug for Conversation {
    /// Without numbers and words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation")
            .field("id", &self.id)
            .field("state", &self.state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    channel: String,
    provider: String,
    our_address: String,
    their_address: String,
    sender_id: Option<Uuid>,
    lead_id: Option<Uuid>,
    campaign_id: Option<Uuid>,
    other_leads: Vec<Uuid>,
    state: String,
    hold_reason: Option<String>,
    stage: String,
    temperature: Option<String>,
    auto_replies: i16,
    rebuttals: i16,
    inbound_count: i32,
    outbound_count: i32,
    last_inbound_at: Option<DateTime<Utc>>,
    last_outbound_at: Option<DateTime<Utc>>,
    assigned_to: Option<Uuid>,
    claimed_by: Option<Uuid>,
    claimed_until: Option<DateTime<Utc>>,
    taken_over_by: Option<Uuid>,
    closed_as: Option<String>,
    close_reason: Option<String>,
    close_notes: Option<String>,
    processed_by: Option<Uuid>,
    processed_at: Option<DateTime<Utc>>,
    reopened: i32,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}
from_row!(Row {
    id,
    channel,
    provider,
    our_address,
    their_address,
    sender_id,
    lead_id,
    campaign_id,
    other_leads,
    state,
    hold_reason,
    stage,
    temperature,
    auto_replies,
    rebuttals,
    inbound_count,
    outbound_count,
    last_inbound_at,
    last_outbound_at,
    assigned_to,
    claimed_by,
    claimed_until,
    taken_over_by,
    closed_as,
    close_reason,
    close_notes,
    processed_by,
    processed_at,
    reopened,
    version,
    created_at,
    updated_at,
});

impl From<Row> for Conversation {
    fn from(row: Row) -> Self {
        Self {
            id: ConversationId::from_uuid(row.id),
            channel: row.channel,
            provider: row.provider,
            our_address: row.our_address,
            their_address: row.their_address,
            sender: row.sender_id.map(SenderId::from_uuid),
            lead: row.lead_id.map(LeadId::from_uuid),
            campaign: row.campaign_id.map(CampaignId::from_uuid),
            other_leads: row.other_leads.into_iter().map(LeadId::from_uuid).collect(),
            state: row.state,
            hold_reason: row.hold_reason,
            stage: row.stage,
            temperature: row.temperature,
            auto_replies: row.auto_replies,
            rebuttals: row.rebuttals,
            inbound_count: row.inbound_count,
            outbound_count: row.outbound_count,
            last_inbound_at: row.last_inbound_at,
            last_outbound_at: row.last_outbound_at,
            assigned_to: row.assigned_to.map(UserId::from_uuid),
            claimed_by: row.claimed_by.map(UserId::from_uuid),
            claimed_until: row.claimed_until,
            taken_over_by: row.taken_over_by.map(UserId::from_uuid),
            closed_as: row.closed_as,
            close_reason: row.close_reason,
            close_notes: row.close_notes,
            processed_by: row.processed_by.map(UserId::from_uuid),
            processed_at: row.processed_at,
            reopened: row.reopened,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The team's conversation with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: ConversationId) -> Result<Conversation> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, channel, provider, our_address, their_address, sender_id, lead_id, campaign_id, other_leads, state,
                CASE state WHEN 'held' THEN hold_reason END AS hold_reason, stage, temperature, auto_replies, rebuttals,
                inbound_count, outbound_count, last_inbound_at, last_outbound_at, assigned_to,
                CASE WHEN claimed_until > clock_timestamp() THEN claimed_by END AS claimed_by,
                CASE WHEN claimed_until > clock_timestamp() THEN claimed_until END AS claimed_until, taken_over_by,
                closed_as, close_reason, close_notes, processed_by, processed_at, reopened, version, created_at,
                updated_at
           FROM conversations WHERE team_id = $1 AND id = $2",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    row.map(Conversation::from).ok_or_else(|| DbError::not_found("conversation", id))
}
