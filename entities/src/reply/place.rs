//! Where what came in belongs: bucket, priority, temperature, stage.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, TypedId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::standing::{HOT_PATIENCE, changed_all, uuids};
use crate::alert::{self, NewAlert};
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Something classified that has no place yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Placing {
    /// The item.
    pub item: InboxItemId,
    /// Where it was said.
    pub conversation: ConversationId,
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
    conversation_id: Uuid,
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
    conversation_id,
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

/// What of these conversations is classified and has no place yet, in the order in which it came.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn placing(tx: &mut BulkTransaction, conversations: &[ConversationId]) -> Result<Vec<Placing>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT i.id, i.conversation_id, i.intent, i.extracted, i.confidence, i.needs_person,
                coalesce((i.extracted->>'has_interest')::boolean, false) AS has_interest, i.rule, i.lead_id, l.score::integer AS lead_score,
                (SELECT count(*) FROM inbox_items e WHERE e.team_id = $1 AND e.conversation_id = i.conversation_id
                    AND (e.received_at, e.id) <= (i.received_at, i.id)) AS number, c.their_address, i.received_at
           FROM inbox_items i
           JOIN conversations c ON c.team_id = i.team_id AND c.id = i.conversation_id
           LEFT JOIN leads l ON l.team_id = i.team_id AND l.id = i.lead_id
          WHERE i.team_id = $1 AND i.conversation_id = ANY($2) AND i.intent IS NOT NULL AND i.suggested_action IS NULL
          ORDER BY i.received_at, i.id",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(uuids(conversations))).await?;
    Ok(rows
        .into_iter()
        .map(|row| Placing {
            item: InboxItemId::from_uuid(row.id),
            conversation: ConversationId::from_uuid(row.conversation_id),
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The item.
    pub item: InboxItemId,
    /// Where it was said.
    pub conversation: ConversationId,
    /// Its bucket.
    pub bucket: &'a str,
    /// Why it belongs there, for people.
    pub why: String,
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

/// $3 items, $4 buckets, $5 whys, $6 scores, $7 temperatures, $8 actions, $9 stages, $10 priorities, in the order in which they
/// came. A conversation is as warm as what came last.
const PLACE: &str = "
WITH told AS (
    SELECT * FROM unnest($3::uuid[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[], $9::text[], $10::smallint[])
           WITH ORDINALITY t (item, bucket, why, score, temperature, action, stage, priority, place)),
before AS (
    SELECT i.id, i.conversation_id, i.bucket FROM inbox_items i JOIN told t ON t.item = i.id
     WHERE i.team_id = $1 AND i.suggested_action IS NULL ORDER BY i.id FOR UPDATE OF i),
moved AS (
    INSERT INTO bucket_movements (team_id, item_id, from_bucket, to_bucket, why, moved_at)
    SELECT $1, b.id, b.bucket, t.bucket, t.why, $2 FROM before b JOIN told t ON t.item = b.id WHERE b.bucket <> t.bucket),
last AS (
    SELECT DISTINCT ON (b.conversation_id) b.conversation_id, t.temperature, t.stage FROM before b JOIN told t ON t.item = b.id
     ORDER BY b.conversation_id, t.place DESC),
said AS (
    UPDATE conversations c SET temperature = l.temperature, stage = l.stage, updated_at = $2
      FROM last l WHERE c.team_id = $1 AND c.id = l.conversation_id)
UPDATE inbox_items i SET bucket = t.bucket, priority = t.priority, priority_score = t.score, temperature = t.temperature,
       suggested_action = t.action, updated_at = $2
  FROM before b JOIN told t ON t.item = b.id WHERE i.team_id = $1 AND i.id = b.id RETURNING i.id";

/// Puts items in their places, each once, and says so where one changes its bucket. Answers those that were new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn place(
    tx: &mut BulkTransaction,
    to: &[Place<'_>],
    now: DateTime<Utc>,
) -> Result<Vec<InboxItemId>> {
    if to.is_empty() {
        return Ok(Vec::new());
    }
    let words = |of: for<'a> fn(&'a Place<'_>) -> &'a str| to.iter().map(of).collect::<Vec<_>>();
    let numbers = |of: fn(&Place<'_>) -> u8| to.iter().map(|one| i16::from(of(one))).collect::<Vec<_>>();
    let items: Vec<Uuid> = to.iter().map(|one| one.item.uuid()).collect();
    let query = sqlx::query_as::<_, (Uuid,)>(PLACE).bind(tx.team_id().uuid()).bind(now).bind(items);
    let query =
        query.bind(words(|one| one.bucket)).bind(words(|one| &one.why)).bind(numbers(|one| one.score));
    let query = query.bind(words(|one| one.temperature)).bind(words(|one| one.action));
    let query = query.bind(words(|one| one.stage)).bind(numbers(|one| one.priority));
    Ok(tx.all(query).await?.into_iter().map(|(id,)| InboxItemId::from_uuid(id)).collect())
}

/// Lets suggestions of these conversations lapse that nobody decided about in time. Answers how many.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn lapse(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    now: DateTime<Utc>,
) -> Result<usize> {
    let query = sqlx::query_as::<_, (Uuid,)>(
        "UPDATE reply_suggestions SET state = 'expired', updated_at = $3
          WHERE team_id = $1 AND conversation_id = ANY($2) AND state = 'proposed' AND expires_at <= $3
          RETURNING conversation_id",
    );
    let query = query.bind(tx.team_id().uuid()).bind(uuids(conversations)).bind(now);
    let lapsed: Vec<Uuid> = tx.all(query).await?.into_iter().map(|(id,)| id).collect();
    changed_all(tx, &lapsed, now).await?;
    Ok(lapsed.len())
}

/// Says, once each, that hot items of these conversations have waited for longer than two hours: whoever is hot now is
/// cold tomorrow. Answers how many were new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn raise_waiting(
    tx: &mut BulkTransaction,
    conversations: &[ConversationId],
    now: DateTime<Utc>,
) -> Result<u64> {
    let query = sqlx::query_as::<_, (Uuid, Uuid, DateTime<Utc>)>(
        "SELECT id, conversation_id, received_at FROM inbox_items
          WHERE team_id = $1 AND conversation_id = ANY($2) AND temperature = 'hot' AND processed_at IS NULL AND received_at <= $3",
    );
    let query = query.bind(tx.team_id().uuid()).bind(uuids(conversations)).bind(now - HOT_PATIENCE);
    let rows = tx.all(query).await?;
    let mut raised = 0;
    for (id, conversation, received_at) in rows {
        let item = InboxItemId::from_uuid(id);
        let detail =
            json!({ "code": domain::FailureCode::CloseLostLead, "item": item, "received_at": received_at });
        let (subject, dedup_key) =
            (ConversationId::from_uuid(conversation).to_string(), format!("reply.hot_waiting:{id}"));
        let alert =
            NewAlert { kind: "reply.hot_waiting", subject: &subject, detail: &detail, dedup_key: &dedup_key };
        raised += u64::from(alert::raise(tx, alert).await?);
    }
    Ok(raised)
}
