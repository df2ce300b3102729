//! What a rule would have done: the occasions of the past, each with what was known when it would have been due.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, TypedId};
use domain::reply::{ClientLine, ConversationState, FollowUpFacts, FollowUpRule, Intent, Trigger};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// An occasion that a rule would have followed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Upon what.
    pub item: InboxItemId,
    /// With whom.
    pub lead: Option<LeadId>,
    /// When it would have been due.
    pub due_at: DateTime<Utc>,
    /// What was known then.
    pub facts: FollowUpFacts,
}

struct Row {
    conversation_id: Uuid,
    item_id: Uuid,
    lead_id: Option<Uuid>,
    received_at: DateTime<Utc>,
    score: i16,
    has_email: bool,
    opted_out: bool,
    closed: bool,
    last_inbound_at: Option<DateTime<Utc>>,
    last_outbound_at: Option<DateTime<Utc>>,
    contacted_at: Option<DateTime<Utc>>,
    person_at: Option<DateTime<Utc>>,
    contacts: i64,
}
from_row!(Row {
    conversation_id,
    item_id,
    lead_id,
    received_at,
    score,
    has_email,
    opted_out,
    closed,
    last_inbound_at,
    last_outbound_at,
    contacted_at,
    person_at,
    contacts,
});

/// The intent whose messages a trigger waits upon.
const fn waits_upon(trigger: Trigger) -> Intent {
    match trigger {
        Trigger::EmailCapturedSilent => Intent::EmailCapture,
        Trigger::InterestedWithoutEmail => Intent::Interested,
        Trigger::QuestionUnanswered => Intent::Question,
        Trigger::CalledNotContacted => Intent::CalledPhoneLine,
    }
}

/// $2 since, $3 until, $4 the wait, $5 the intent, $6 how many.
const PAST: &str = "
SELECT i.conversation_id, i.id AS item_id, i.lead_id, i.received_at, coalesce(l.score, 0::smallint) AS score,
       (l.email IS NOT NULL OR EXISTS (SELECT FROM inbox_items e WHERE e.team_id = $1
            AND e.conversation_id = i.conversation_id AND e.intent = 'email_capture' AND e.received_at <= d.due_at))
           AS has_email,
       EXISTS (SELECT FROM inbox_items o WHERE o.team_id = $1 AND o.conversation_id = i.conversation_id
                  AND o.intent = 'opt_out' AND o.received_at <= d.due_at) AS opted_out,
       coalesce(c.closed_as IS NOT NULL AND c.processed_at BETWEEN i.received_at AND d.due_at, false) AS closed,
       (SELECT max(n.received_at) FROM inbox_items n WHERE n.team_id = $1 AND n.conversation_id = i.conversation_id
           AND n.received_at <= d.due_at) AS last_inbound_at,
       (SELECT max(m.sent_at) FROM messages m WHERE m.team_id = $1 AND m.direction = 'outbound'
           AND m.to_value = c.their_address AND m.from_value = c.our_address AND m.sent_at <= d.due_at) AS last_outbound_at,
       (SELECT max(q.ended_at) FROM call_queue q WHERE q.team_id = $1 AND q.conversation_id = i.conversation_id
           AND q.outcome = 'reached' AND q.ended_at <= d.due_at) AS contacted_at,
       CASE WHEN i.processed_at <= d.due_at THEN i.processed_at END AS person_at,
       (SELECT count(*) FROM follow_ups f WHERE f.team_id = $1 AND f.lead_id = i.lead_id AND f.contact_no IS NOT NULL
           AND f.fired_at < d.due_at) AS contacts
  FROM inbox_items i
  JOIN conversations c ON c.team_id = $1 AND c.id = i.conversation_id
  CROSS JOIN LATERAL (SELECT i.received_at + $4 * interval '1 minute' AS due_at) d
  LEFT JOIN leads l ON l.team_id = $1 AND l.id = i.lead_id
 WHERE i.team_id = $1 AND i.received_at >= $2 AND d.due_at <= $3 AND i.intent = $5
 ORDER BY i.received_at, i.id LIMIT $6";

/// The occasions since a moment that a rule waits upon and that would have been due by now, the first of them first, `limit` at
/// the most.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn past(
    tx: &mut BulkTransaction,
    rule: &FollowUpRule,
    line: ClientLine,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Past>> {
    let query = sqlx::query_as::<_, Row>(PAST).bind(tx.team_id().uuid()).bind(since).bind(now);
    let query = query.bind(f64::from(rule.after_minutes)).bind(waits_upon(rule.trigger).as_str());
    let rows = tx.all(query.bind(i64::from(limit))).await?;
    let wait = TimeDelta::minutes(i64::from(rule.after_minutes));
    Ok(rows.into_iter().map(|row| as_past(rule, line, wait, row)).collect())
}

fn as_past(rule: &FollowUpRule, line: ClientLine, wait: TimeDelta, row: Row) -> Past {
    let mut facts = FollowUpFacts::new(line);
    facts.lead_score = u8::try_from(row.score.clamp(0, 100)).unwrap_or_default();
    facts.has_email = row.has_email;
    facts.is_opted_out = row.opted_out;
    if row.closed {
        facts.state = ConversationState::Closed;
    }
    facts.contacts_of_lead = u8::try_from(row.contacts).unwrap_or(u8::MAX);
    facts.last_inbound_at = row.last_inbound_at;
    facts.last_outbound_at = row.last_outbound_at;
    facts.contacted_at = row.contacted_at;
    facts.person_at = row.person_at;
    let occasion = Some(row.received_at);
    match rule.trigger {
        Trigger::EmailCapturedSilent => facts.email_captured_at = occasion,
        Trigger::InterestedWithoutEmail => facts.interested_at = occasion,
        Trigger::QuestionUnanswered => facts.question_at = occasion,
        Trigger::CalledNotContacted => facts.called_at = occasion,
    }
    Past {
        conversation: ConversationId::from_uuid(row.conversation_id),
        item: InboxItemId::from_uuid(row.item_id),
        lead: row.lead_id.map(LeadId::from_uuid),
        due_at: row.received_at + wait,
        facts,
    }
}
