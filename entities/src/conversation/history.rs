//! What was said in a conversation, what the gate said of it, what was suggested, and who moved what.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{
    BucketMovementId, ConversationId, InboxItemId, MessageId, SuggestionId, TypedId, UserId, VerdictId,
};
use serde_json::Value;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

use super::Conversation;

/// A message of a conversation.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    /// Its id.
    pub id: MessageId,
    /// `outbound` or `inbound`.
    pub direction: String,
    /// `sms`, `email` or `voice`.
    pub channel: String,
    /// Of an e-mail.
    pub subject: Option<String>,
    /// What it says.
    pub body: String,
    /// `domain::message::MessageStatus`, of one that went out.
    pub status: Option<String>,
    /// The vendor's code of what went wrong.
    pub error_code: Option<String>,
    /// The classifier's word for one that came in.
    pub classification: Option<String>,
    /// Which step of a campaign it was.
    pub step: Option<i16>,
    /// When it went out or came in.
    pub at: DateTime<Utc>,
}

impl fmt::Debug for Said {
    /// Without its words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said")
            .field("id", &self.id)
            .field("direction", &self.direction)
            .finish_non_exhaustive()
    }
}

struct MessageRow {
    id: Uuid,
    direction: String,
    channel: String,
    subject: Option<String>,
    body: String,
    status: Option<String>,
    error_code: Option<String>,
    classification: Option<String>,
    step: Option<i16>,
    at: DateTime<Utc>,
}
from_row!(MessageRow { id, direction, channel, subject, body, status, error_code, classification, step, at });

/// The last messages of a conversation, `limit` at the most, the first of them first. Texts of campaigns that went out before
/// anything came in are among them: they are found by the two addresses.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn messages(tx: &mut BulkTransaction, of: &Conversation, limit: u32) -> Result<Vec<Said>> {
    let query = sqlx::query_as::<_, MessageRow>(
        "SELECT * FROM (
             SELECT id, direction, channel, subject, body, status, error_code, classification, step,
                    coalesce(sent_at, received_at, created_at) AS at
               FROM messages
              WHERE team_id = $1 AND (conversation_id = $2
                 OR (direction = 'outbound' AND to_value = $3 AND from_value = $4 AND conversation_id IS NULL))
              ORDER BY coalesce(sent_at, received_at, created_at) DESC, id DESC LIMIT $5) last
          ORDER BY at, id",
    );
    let query = query.bind(tx.team_id().uuid()).bind(of.id.uuid()).bind(&of.their_address);
    let rows = tx.all(query.bind(&of.our_address).bind(i64::from(limit))).await?;
    let said = rows.into_iter().map(|row| Said {
        id: MessageId::from_uuid(row.id),
        direction: row.direction,
        channel: row.channel,
        subject: row.subject,
        body: row.body,
        status: row.status,
        error_code: row.error_code,
        classification: row.classification,
        step: row.step,
        at: row.at,
    });
    Ok(said.collect())
}

/// What the gate said of something that was to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Its id.
    pub id: VerdictId,
    /// Whether it was allowed.
    pub allowed: bool,
    /// The rule that decided.
    pub rule: String,
    /// The version of the rules.
    pub rule_set: String,
    /// When it may be tried again.
    pub next_allowed_at: Option<DateTime<Utc>>,
    /// When it was judged.
    pub judged_at: DateTime<Utc>,
}

struct VerdictRow {
    id: Uuid,
    allowed: bool,
    rule: String,
    rule_set: String,
    next_allowed_at: Option<DateTime<Utc>>,
    judged_at: DateTime<Utc>,
}
from_row!(VerdictRow { id, allowed, rule, rule_set, next_allowed_at, judged_at });

/// The gate's last judgements of what was to go to the person of a conversation, `limit` at the most, the last one first.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn verdicts(tx: &mut BulkTransaction, of: &Conversation, limit: u32) -> Result<Vec<Verdict>> {
    let query = sqlx::query_as::<_, VerdictRow>(
        "SELECT id, allowed, rule, rule_set, next_allowed_at, judged_at FROM gate_verdicts
          WHERE team_id = $1 AND (lead_id = $2 OR conversation_id = $3) ORDER BY judged_at DESC, id DESC LIMIT $4",
    );
    let query = query.bind(tx.team_id().uuid()).bind(of.lead.map(TypedId::uuid)).bind(of.id.uuid());
    let verdicts = tx.all(query.bind(i64::from(limit))).await?.into_iter().map(|row| Verdict {
        id: VerdictId::from_uuid(row.id),
        allowed: row.allowed,
        rule: row.rule,
        rule_set: row.rule_set,
        next_allowed_at: row.next_allowed_at,
        judged_at: row.judged_at,
    });
    Ok(verdicts.collect())
}

/// Something that was proposed to be answered.
#[derive(Clone, PartialEq)]
pub struct Suggested {
    /// Its id.
    pub id: SuggestionId,
    /// What it answers.
    pub item: Option<InboxItemId>,
    /// Who proposed it: `playbook`, `model`, `person`, `follow_up`, `deliverable`, `confirmation`.
    pub origin: String,
    /// How far it has come.
    pub state: String,
    /// What it says.
    pub text: String,
    /// Other texts.
    pub alternatives: Value,
    /// What it takes the message for.
    pub intent: Option<String>,
    /// How certain that is, 0 to 100.
    pub confidence: Option<i16>,
    /// What to do besides.
    pub next_action: Option<String>,
    /// What to know.
    pub notes: String,
    /// What a person made of it.
    pub edited_text: Option<String>,
    /// Whether a rule of the team released it.
    pub automatic: bool,
    /// Who decided.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why, in words.
    pub why: Option<String>,
    /// Until when it can be released.
    pub expires_at: DateTime<Utc>,
    /// When it went out.
    pub sent_at: Option<DateTime<Utc>>,
    /// Why it did not.
    pub refusal: Option<String>,
    /// When it was proposed.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for Suggested {
    /// Without its words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suggested").field("id", &self.id).field("state", &self.state).finish_non_exhaustive()
    }
}

struct SuggestionRow {
    id: Uuid,
    item_id: Option<Uuid>,
    origin: String,
    state: String,
    text: String,
    alternatives: Value,
    intent: Option<String>,
    confidence: Option<i16>,
    next_action: Option<String>,
    notes: String,
    edited_text: Option<String>,
    automatic: bool,
    decided_by: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    why: Option<String>,
    expires_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    refusal: Option<String>,
    created_at: DateTime<Utc>,
}
from_row!(SuggestionRow {
    id,
    item_id,
    origin,
    state,
    text,
    alternatives,
    intent,
    confidence,
    next_action,
    notes,
    edited_text,
    automatic,
    decided_by,
    decided_at,
    why,
    expires_at,
    sent_at,
    refusal,
    created_at,
});

/// What was proposed in a conversation, the last first, `limit` at the most. One that nobody decided upon in time is shown as
/// `expired`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn suggestions(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<Suggested>> {
    let query = sqlx::query_as::<_, SuggestionRow>(
        "SELECT id, item_id, origin, CASE WHEN state = 'proposed' AND expires_at < $4 THEN 'expired' ELSE state END AS state,
                text, alternatives, intent, confidence, next_action, notes, edited_text, automatic, decided_by,
                decided_at, why, expires_at, sent_at, refusal, created_at
           FROM reply_suggestions WHERE team_id = $1 AND conversation_id = $2 ORDER BY id DESC LIMIT $3",
    );
    let query = query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(i64::from(limit)).bind(now);
    let suggested = tx.all(query).await?.into_iter().map(|row| Suggested {
        id: SuggestionId::from_uuid(row.id),
        item: row.item_id.map(InboxItemId::from_uuid),
        origin: row.origin,
        state: row.state,
        text: row.text,
        alternatives: row.alternatives,
        intent: row.intent,
        confidence: row.confidence,
        next_action: row.next_action,
        notes: row.notes,
        edited_text: row.edited_text,
        automatic: row.automatic,
        decided_by: row.decided_by.map(UserId::from_uuid),
        decided_at: row.decided_at,
        why: row.why,
        expires_at: row.expires_at,
        sent_at: row.sent_at,
        refusal: row.refusal,
        created_at: row.created_at,
    });
    Ok(suggested.collect())
}

/// A move of an item to another bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Its id.
    pub id: BucketMovementId,
    /// Which item.
    pub item: InboxItemId,
    /// From where.
    pub from: String,
    /// To where.
    pub to: String,
    /// Who did it; `None`: the classifier, or a rule.
    pub by: Option<UserId>,
    /// Why.
    pub why: String,
    /// When.
    pub at: DateTime<Utc>,
}

struct MovementRow {
    id: Uuid,
    item_id: Uuid,
    from_bucket: String,
    to_bucket: String,
    moved_by: Option<Uuid>,
    why: String,
    moved_at: DateTime<Utc>,
}
from_row!(MovementRow { id, item_id, from_bucket, to_bucket, moved_by, why, moved_at });

/// The moves of a conversation's items, the first one first.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn movements(tx: &mut BulkTransaction, conversation: ConversationId) -> Result<Vec<Movement>> {
    let query = sqlx::query_as::<_, MovementRow>(
        "SELECT m.id, m.item_id, m.from_bucket, m.to_bucket, m.moved_by, m.why, m.moved_at
           FROM inbox_items i JOIN bucket_movements m ON m.team_id = i.team_id AND m.item_id = i.id
          WHERE i.team_id = $1 AND i.conversation_id = $2 ORDER BY m.moved_at, m.id LIMIT 1000",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
    let movements = rows.into_iter().map(|row| Movement {
        id: BucketMovementId::from_uuid(row.id),
        item: InboxItemId::from_uuid(row.item_id),
        from: row.from_bucket,
        to: row.to_bucket,
        by: row.moved_by.map(UserId::from_uuid),
        why: row.why,
        at: row.moved_at,
    });
    Ok(movements.collect())
}
