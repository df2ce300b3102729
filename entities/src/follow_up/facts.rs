//! What `domain::reply::due` is asked about: what was known of a conversation at a moment, upon one of its items. One question
//! for what is due now and for the past.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, TypedId};
use domain::reply::{ClientLine, ConversationState, FollowUpFacts, Intent, Trigger};
use uuid::Uuid;

use crate::from_row::from_row;

/// Put behind `WITH asked (item_id, at) AS (…)`: `$1` is the team.
pub(crate) const FACTS: &str = "
SELECT i.conversation_id, i.id AS item_id, i.lead_id, i.received_at, a.at, coalesce(l.score, 0::smallint) AS score,
       (l.email IS NOT NULL OR EXISTS (SELECT FROM inbox_items e WHERE e.team_id = $1
            AND e.conversation_id = i.conversation_id AND e.intent = 'email_capture' AND e.received_at <= a.at))
           AS has_email,
       EXISTS (SELECT FROM inbox_items o WHERE o.team_id = $1 AND o.conversation_id = i.conversation_id
                  AND o.intent = 'opt_out' AND o.received_at <= a.at) AS opted_out,
       coalesce(c.closed_as IS NOT NULL AND c.processed_at BETWEEN i.received_at AND a.at, false) AS closed,
       (SELECT max(n.received_at) FROM inbox_items n WHERE n.team_id = $1 AND n.conversation_id = i.conversation_id
           AND n.received_at <= a.at) AS last_inbound_at,
       (SELECT max(m.sent_at) FROM messages m WHERE m.team_id = $1 AND m.direction = 'outbound'
           AND m.to_value = c.their_address AND m.from_value = c.our_address AND m.sent_at <= a.at) AS last_outbound_at,
       (SELECT min(m.sent_at) FROM messages m WHERE m.team_id = $1 AND m.direction = 'outbound'
           AND m.to_value = c.their_address AND m.sent_at <= a.at) IS NULL AS first_contact,
       (SELECT max(q.ended_at) FROM call_queue q WHERE q.team_id = $1 AND q.conversation_id = i.conversation_id
           AND q.outcome = 'reached' AND q.ended_at <= a.at) AS contacted_at,
       greatest(CASE WHEN i.processed_at <= a.at THEN i.processed_at END,
                CASE WHEN c.taken_over_at <= a.at THEN c.taken_over_at END) AS person_at,
       (SELECT count(*) FROM follow_ups f WHERE f.team_id = $1 AND f.lead_id = i.lead_id AND f.contact_no IS NOT NULL
           AND f.fired_at < a.at) AS contacts
  FROM asked a
  JOIN inbox_items i ON i.team_id = $1 AND i.id = a.item_id
  JOIN conversations c ON c.team_id = $1 AND c.id = i.conversation_id
  LEFT JOIN leads l ON l.team_id = $1 AND l.id = i.lead_id
 ORDER BY i.received_at, i.id";

#[derive(Clone)]
pub(crate) struct FactsRow {
    conversation_id: Uuid,
    item_id: Uuid,
    lead_id: Option<Uuid>,
    received_at: DateTime<Utc>,
    at: DateTime<Utc>,
    score: i16,
    has_email: bool,
    opted_out: bool,
    closed: bool,
    last_inbound_at: Option<DateTime<Utc>>,
    last_outbound_at: Option<DateTime<Utc>>,
    first_contact: bool,
    contacted_at: Option<DateTime<Utc>>,
    person_at: Option<DateTime<Utc>>,
    contacts: i64,
}
from_row!(FactsRow {
    conversation_id,
    item_id,
    lead_id,
    received_at,
    at,
    score,
    has_email,
    opted_out,
    closed,
    last_inbound_at,
    last_outbound_at,
    first_contact,
    contacted_at,
    person_at,
    contacts,
});

/// An occasion, and what was known at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Upon what.
    pub item: InboxItemId,
    /// With whom.
    pub lead: Option<LeadId>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// At which moment.
    pub at: DateTime<Utc>,
    /// What was known then.
    pub facts: FollowUpFacts,
}

/// The intent whose messages a trigger waits upon.
pub(crate) const fn waits_upon(trigger: Trigger) -> Intent {
    match trigger {
        Trigger::EmailCapturedSilent => Intent::EmailCapture,
        Trigger::InterestedWithoutEmail => Intent::Interested,
        Trigger::QuestionUnanswered => Intent::Question,
        Trigger::CalledNotContacted => Intent::CalledPhoneLine,
    }
}

impl FactsRow {
    /// The item that it is about.
    pub(crate) const fn item(&self) -> Uuid {
        self.item_id
    }

    /// The facts, as a rule of this trigger waits upon the item.
    pub(crate) fn known(self, trigger: Trigger, line: ClientLine) -> Known {
        let mut facts = FollowUpFacts::new(line);
        facts.lead_score = u8::try_from(self.score.clamp(0, 100)).unwrap_or_default();
        facts.has_email = self.has_email;
        facts.is_opted_out = self.opted_out;
        if self.closed {
            facts.state = ConversationState::Closed;
        }
        facts.is_first_contact = self.first_contact;
        facts.contacts_of_lead = u8::try_from(self.contacts).unwrap_or(u8::MAX);
        facts.last_inbound_at = self.last_inbound_at;
        facts.last_outbound_at = self.last_outbound_at;
        facts.contacted_at = self.contacted_at;
        facts.person_at = self.person_at;
        let occasion = Some(self.received_at);
        match trigger {
            Trigger::EmailCapturedSilent => facts.email_captured_at = occasion,
            Trigger::InterestedWithoutEmail => facts.interested_at = occasion,
            Trigger::QuestionUnanswered => facts.question_at = occasion,
            Trigger::CalledNotContacted => facts.called_at = occasion,
        }
        Known {
            conversation: ConversationId::from_uuid(self.conversation_id),
            item: InboxItemId::from_uuid(self.item_id),
            lead: self.lead_id.map(LeadId::from_uuid),
            received_at: self.received_at,
            at: self.at,
            facts,
        }
    }
}
