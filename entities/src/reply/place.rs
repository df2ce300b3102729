//! Where what came in belongs: bucket, priority, temperature, stage.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, TypedId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::standing::changed;
use crate::alert::{self, NewAlert};
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Something classified that has no place yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Placing {
    /// The item.
    pub item: InboxItemId,
    /// What it means, by its word.
    pub intent: String,
    /// What could be read out of it. Personal data.
    pub extracted: Value,
    /// How sure that is.
    pub confidence: u8,
    /// Whether a person has to read it.
    pub needs_person: bool,
    /// Whether a word of interest is in it, whatever it was taken for.
    pub has_interest: bool,
    /// The rule that said so.
    pub rule: Option<String>,
    /// From whom.
    pub lead: Option<LeadId>,
    /// The lead's score; 0 where nobody is known.
    pub lead_score: u8,
    /// Which of the conversation's messages it is, from 1.
    pub number: u32,
    /// The number or address that it came from.
    pub from: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

struct Row {
    id: Uuid,
    intent: String,
    extracted: Json,
    confidence: i16,
    needs_person: bool,
    has_interest: bool,
    rule: Option<String>,
    lead_id: Option<Uuid>,
    lead_score: Option<i32>,
    number: i64,
    their_address: String,
    received_at: DateTime<Utc>,
}
type Json = sqlx::types::Json<Value>;
from_row!(Row {
    id,
    intent,
    extracted,
    confidence,
    needs_person,
    has_interest,
    rule,
    lead_id,
    lead_score,
    number,
    their_address,
    received_at
});

/// What of a conversation is classified and has no place yet, in the order in which it came.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn placing(tx: &mut BulkTransaction, conversation: ConversationId) -> Result<Vec<Placing>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT i.id, i.intent, i.extracted, i.confidence, i.needs_person,
                coalesce((i.extracted->>'has_interest')::boolean, false) AS has_interest, i.rule, i.lead_id, l.score::integer AS lead_score,
                (SELECT count(*) FROM inbox_items e WHERE e.team_id = $1 AND e.conversation_id = $2
                    AND (e.received_at, e.id) <= (i.received_at, i.id)) AS number, c.their_address, i.received_at
           FROM inbox_items i
           JOIN conversations c ON c.team_id = i.team_id AND c.id = i.conversation_id
           LEFT JOIN leads l ON l.team_id = i.team_id AND l.id = i.lead_id
          WHERE i.team_id = $1 AND i.conversation_id = $2 AND i.intent IS NOT NULL AND i.suggested_action IS NULL
          ORDER BY i.received_at, i.id",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
    Ok(rows
        .into_iter()
        .map(|row| Placing {
            item: InboxItemId::from_uuid(row.id),
            intent: row.intent,
            extracted: row.extracted.0,
            confidence: u8::try_from(row.confidence).unwrap_or_default(),
            needs_person: row.needs_person,
            has_interest: row.has_interest,
            rule: row.rule,
            lead: row.lead_id.map(LeadId::from_uuid),
            lead_score: u8::try_from(row.lead_score.unwrap_or_default().clamp(0, 100)).unwrap_or(100),
            number: u32::try_from(row.number).unwrap_or(u32::MAX),
            from: row.their_address,
            received_at: row.received_at,
        })
        .collect())
}

/// Where an item belongs, in the tables' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The item.
    pub item: InboxItemId,
    /// Its bucket.
    pub bucket: &'a str,
    /// Why it belongs there, for people.
    pub why: &'a str,
    /// How much it counts by what it says, 0 to 100.
    pub priority: u8,
    /// Its place in the inbox, 0 to 100: that, and whose it is.
    pub score: u8,
    /// How warm.
    pub temperature: &'a str,
    /// What is to be done.
    pub action: &'a str,
    /// The stage that the conversation is in with it.
    pub stage: &'a str,
}

/// Puts an item in its place, once, and says so where it changes its bucket. Answers whether it was new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn place(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    to: &Place<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let query = sqlx::query_as::<_, (bool,)>(
        "WITH before AS (SELECT id, bucket FROM inbox_items
                          WHERE team_id = $1 AND id = $2 AND suggested_action IS NULL FOR UPDATE),
         moved AS (
             INSERT INTO bucket_movements (team_id, item_id, from_bucket, to_bucket, why, moved_at)
             SELECT $1, b.id, b.bucket, $3, $4, $8 FROM before b WHERE b.bucket <> $3),
         said AS (
             UPDATE conversations SET temperature = $6, stage = $9, updated_at = $8
              WHERE team_id = $1 AND id = $10 AND EXISTS (SELECT FROM before))
         UPDATE inbox_items i SET bucket = $3, priority = $11, priority_score = $5, temperature = $6, suggested_action = $7, updated_at = $8
           FROM before b WHERE i.team_id = $1 AND i.id = b.id RETURNING true",
    );
    let query = query.bind(tx.team_id().uuid()).bind(to.item.uuid()).bind(to.bucket).bind(to.why);
    let query = query.bind(i16::from(to.score)).bind(to.temperature).bind(to.action).bind(now);
    Ok(tx.first(query.bind(to.stage).bind(conversation.uuid()).bind(i16::from(to.priority))).await?.is_some())
}

/// Lets suggestions lapse that nobody decided about in time. Answers how many.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn lapse(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = sqlx::query(
        "UPDATE reply_suggestions SET state = 'expired', updated_at = $3
          WHERE team_id = $1 AND conversation_id = $2 AND state = 'proposed' AND expires_at <= $3",
    );
    let lapsed = tx.run(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(now)).await?;
    if lapsed > 0 {
        changed(tx, conversation, now).await?;
    }
    Ok(lapsed)
}

/// Says, once each, that hot items have waited for longer than `patience`: whoever is hot now is cold tomorrow. Answers how
/// many were new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn raise_waiting(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    patience: TimeDelta,
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = sqlx::query_as::<_, (Uuid, DateTime<Utc>)>(
        "SELECT id, received_at FROM inbox_items
          WHERE team_id = $1 AND conversation_id = $2 AND temperature = 'hot' AND processed_at IS NULL AND received_at <= $3",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(now - patience)).await?;
    let mut raised = 0;
    for (id, received_at) in rows {
        let item = InboxItemId::from_uuid(id);
        let detail =
            json!({ "code": domain::FailureCode::CloseLostLead, "item": item, "received_at": received_at });
        let (subject, dedup_key) = (conversation.to_string(), format!("reply.hot_waiting:{id}"));
        let alert =
            NewAlert { kind: "reply.hot_waiting", subject: &subject, detail: &detail, dedup_key: &dedup_key };
        raised += u64::from(alert::raise(tx, alert).await?);
    }
    Ok(raised)
}
