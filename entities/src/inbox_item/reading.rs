//! What an item says and where it lies, as people put it right: each time with who and why.

use chrono::{DateTime, Utc};
use domain::id::{BucketMovementId, InboxItemId, ReclassificationId, TypedId, UserId};
use domain::reply::{Bucket, Intent, Temperature, priority_score};
use uuid::Uuid;

use crate::conversation::intent_of;
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result};

const MOVE: &str = "
WITH old AS (SELECT id, bucket FROM inbox_items WHERE team_id = $1 AND id = $2 FOR UPDATE),
moved AS (
    INSERT INTO bucket_movements (team_id, item_id, from_bucket, to_bucket, moved_by, why)
    SELECT $1, o.id, o.bucket, $3, $4, $5 FROM old o WHERE o.bucket <> $3 RETURNING id, item_id),
put AS (
    UPDATE inbox_items i SET bucket = $3 FROM moved m WHERE i.team_id = $1 AND i.id = m.item_id)
SELECT o.id, (SELECT id FROM moved) FROM old o";

/// Puts an item into another bucket and keeps who did it (`None`: a rule) and why. `None`: it lay there already.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such item.
pub async fn move_to(
    tx: &mut BulkTransaction,
    id: InboxItemId,
    to: Bucket,
    by: Option<UserId>,
    why: &str,
) -> Result<Option<BucketMovementId>> {
    let query = sqlx::query_as::<_, (Uuid, Option<Uuid>)>(MOVE).bind(tx.team_id().uuid()).bind(id.uuid());
    let row = tx.first(query.bind(to.as_str()).bind(by.map(TypedId::uuid)).bind(why)).await?;
    let (_, moved) = row.ok_or_else(|| DbError::not_found("inbox item", id))?;
    Ok(moved.map(BucketMovementId::from_uuid))
}

/// What an item is taken for from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reclassified {
    /// What it was taken for; `None`: nobody had looked.
    pub from: Option<Intent>,
    /// The correction, as it is kept.
    pub id: ReclassificationId,
    /// From whom the message came.
    pub their_address: String,
    /// `sms`, `email` or `voice`.
    pub channel: String,
}

struct Row {
    intent: Option<String>,
    confidence: Option<i16>,
    rule: Option<String>,
    message_id: Uuid,
    their_address: String,
    channel: String,
    score: i16,
    is_first: bool,
}
from_row!(Row { intent, confidence, rule, message_id, their_address, channel, score, is_first });

const READ: &str = "
SELECT i.intent, i.confidence, i.rule, i.message_id, m.from_value AS their_address, m.channel,
       coalesce(l.score, 0::smallint) AS score,
       NOT EXISTS (SELECT FROM inbox_items e WHERE e.team_id = i.team_id AND e.conversation_id = i.conversation_id
                      AND e.received_at < i.received_at) AS is_first
  FROM inbox_items i JOIN messages m ON m.team_id = i.team_id AND m.id = i.message_id
  LEFT JOIN leads l ON l.team_id = i.team_id AND l.id = i.lead_id
 WHERE i.team_id = $1 AND i.id = $2 FOR UPDATE OF i";

const WRITE: &str = "
WITH said AS (UPDATE messages SET classification = $3 WHERE team_id = $1 AND id = $4)
UPDATE inbox_items SET intent = $5, confidence = 100, rule = NULL, classified_by = 'person', classified_at = $6,
       needs_person = false, temperature = $7, priority = $8, priority_score = $9
 WHERE team_id = $1 AND id = $2";

const KEEP: &str = "
INSERT INTO reclassifications (team_id, item_id, from_intent, from_confidence, from_rule, to_intent, by, why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";

/// Takes an item for something else, because a person says so, and puts it where that lies; keeps who and why. Whoever calls
/// this with an opt-out suppresses, in the same transaction.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such item; [`DbError::WrongState`] where it is taken for that already.
pub async fn reclassify(
    tx: &mut BulkTransaction,
    id: InboxItemId,
    to: Intent,
    by: UserId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<Reclassified> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, Row>(READ).bind(team).bind(id.uuid());
    let row = tx.first(query).await?.ok_or_else(|| DbError::not_found("inbox item", id))?;
    let from = row.intent.as_deref().and_then(intent_of);
    if from == Some(to) {
        return Err(DbError::WrongState {
            what: "inbox item",
            id: id.to_string(),
            found: format!("taken for {to} already"),
            wanted: "taken for something else".to_owned(),
        });
    }
    let score = u8::try_from(row.score.clamp(0, 100)).unwrap_or_default();
    let temperature = Temperature::of(to, row.is_first, false);
    let query = sqlx::query(WRITE).bind(team).bind(id.uuid()).bind(to.as_str().replace('_', "-"));
    let query = query.bind(row.message_id).bind(to.as_str()).bind(now).bind(temperature.as_str());
    tx.run(query.bind(i16::from(to.priority())).bind(i16::from(priority_score(to, score)))).await?;
    let query = sqlx::query_as::<_, (Uuid,)>(KEEP).bind(team).bind(id.uuid()).bind(&row.intent);
    let query = query.bind(row.confidence).bind(&row.rule).bind(to.as_str()).bind(by.uuid()).bind(why);
    let kept = tx.first(query).await?;
    let (kept,) =
        kept.ok_or_else(|| DbError::unreadable("reclassifications", "an insert answered with nothing"))?;
    move_to(tx, id, Bucket::of(to), Some(by), why).await?;
    Ok(Reclassified {
        from,
        id: ReclassificationId::from_uuid(kept),
        their_address: row.their_address,
        channel: row.channel,
    })
}

/// A correction of what an item was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reclassification {
    /// Its id.
    pub id: ReclassificationId,
    /// Which item.
    pub item: InboxItemId,
    /// What it was taken for.
    pub from: Option<String>,
    /// How certain that was.
    pub from_confidence: Option<i16>,
    /// What it is.
    pub to: String,
    /// Who says so.
    pub by: UserId,
    /// Why.
    pub why: String,
    /// When.
    pub at: DateTime<Utc>,
}

struct KeptRow {
    id: Uuid,
    item_id: Uuid,
    from_intent: Option<String>,
    from_confidence: Option<i16>,
    to_intent: String,
    by: Uuid,
    why: String,
    created_at: DateTime<Utc>,
}
from_row!(KeptRow { id, item_id, from_intent, from_confidence, to_intent, by, why, created_at });

/// The corrections of one conversation's items, or of all, the last first: what the table of quality is made of.
///
/// # Errors
/// Any [`DbError`].
pub async fn reclassifications(
    tx: &mut BulkTransaction,
    conversation: Option<domain::id::ConversationId>,
    limit: u32,
) -> Result<Vec<Reclassification>> {
    let query = sqlx::query_as::<_, KeptRow>(
        "SELECT r.id, r.item_id, r.from_intent, r.from_confidence, r.to_intent, r.by, r.why, r.created_at
           FROM reclassifications r JOIN inbox_items i ON i.team_id = r.team_id AND i.id = r.item_id
          WHERE r.team_id = $1 AND ($2::uuid IS NULL OR i.conversation_id = $2) ORDER BY r.created_at DESC, r.id DESC LIMIT $3",
    );
    let query = query.bind(tx.team_id().uuid()).bind(conversation.map(TypedId::uuid));
    let rows = tx.all(query.bind(i64::from(limit))).await?;
    let kept = rows.into_iter().map(|row| Reclassification {
        id: ReclassificationId::from_uuid(row.id),
        item: InboxItemId::from_uuid(row.item_id),
        from: row.from_intent,
        from_confidence: row.from_confidence,
        to: row.to_intent,
        by: UserId::from_uuid(row.by),
        why: row.why,
        at: row.created_at,
    });
    Ok(kept.collect())
}
