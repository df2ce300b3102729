//! What is known of a conversation when it is asked whether to follow up.

use chrono::{DateTime, Utc};

use super::Trigger;
use crate::reply::{ClientLine, ConversationState};

/// One following up that has happened, or was stopped for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// The rule's name.
    pub rule: String,
    /// When what it followed up happened.
    pub at: DateTime<Utc>,
}

/// What is known of a conversation: times and counts, nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUpFacts {
    /// For whom the campaign asks.
    pub line: ClientLine,
    /// The lead's score, 0 to 100.
    pub lead_score: u8,
    /// Where the conversation is.
    pub state: ConversationState,
    /// Whether anything suppresses the other side.
    pub is_opted_out: bool,
    /// Whether somebody switched following up off: for all, for the team, or for the rule.
    pub is_switched_off: bool,
    /// Whether the team has never written to the lead.
    pub is_first_contact: bool,
    /// How often the lead was followed up, in all campaigns.
    pub contacts_of_lead: u8,
    /// Whether an address of the lead is known.
    pub has_email: bool,
    /// When an address was given last.
    pub email_captured_at: Option<DateTime<Utc>>,
    /// When they were interested last.
    pub interested_at: Option<DateTime<Utc>>,
    /// When they asked something last.
    pub question_at: Option<DateTime<Utc>>,
    /// When they called last.
    pub called_at: Option<DateTime<Utc>>,
    /// When they wrote or called last.
    pub last_inbound_at: Option<DateTime<Utc>>,
    /// When we wrote last.
    pub last_outbound_at: Option<DateTime<Utc>>,
    /// When a person last reached them by phone.
    pub contacted_at: Option<DateTime<Utc>>,
    /// When a person last dealt with the conversation: took it over, closed or processed it.
    pub person_at: Option<DateTime<Utc>>,
    /// What has happened already.
    pub fired: Vec<Occasion>,
}

impl FollowUpFacts {
    /// A conversation in which nothing has happened yet.
    pub const fn new(line: ClientLine) -> Self {
        Self {
            line,
            lead_score: 0,
            state: ConversationState::Open,
            is_opted_out: false,
            is_switched_off: false,
            is_first_contact: false,
            contacts_of_lead: 0,
            has_email: false,
            email_captured_at: None,
            interested_at: None,
            question_at: None,
            called_at: None,
            last_inbound_at: None,
            last_outbound_at: None,
            contacted_at: None,
            person_at: None,
            fired: Vec::new(),
        }
    }

    /// When what a trigger waits for happened.
    pub(super) const fn occasion(&self, trigger: Trigger) -> Option<DateTime<Utc>> {
        match trigger {
            Trigger::EmailCapturedSilent => self.email_captured_at,
            Trigger::InterestedWithoutEmail if self.has_email => None,
            Trigger::InterestedWithoutEmail => self.interested_at,
            Trigger::QuestionUnanswered => self.question_at,
            Trigger::CalledNotContacted => self.called_at,
        }
    }
}
