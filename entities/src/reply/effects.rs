//! What a follow-up changes besides what it says: the newest item's bucket, the lead's score and tags.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, TypedId};
use domain::message::Values;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Moves the newest item of a conversation into another bucket, and says why. Answers whether it was elsewhere.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn move_newest(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    bucket: &str,
    why: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let query = sqlx::query(
        "WITH newest AS (SELECT id, bucket FROM inbox_items WHERE team_id = $1 AND conversation_id = $2
                          ORDER BY received_at DESC, id DESC LIMIT 1),
         moved AS (
             INSERT INTO bucket_movements (team_id, item_id, from_bucket, to_bucket, why, moved_at)
             SELECT $1, id, bucket, $3, $4, $5 FROM newest WHERE bucket <> $3)
         UPDATE inbox_items i SET bucket = $3 FROM newest n
          WHERE i.team_id = $1 AND i.id = n.id AND i.bucket <> $3",
    );
    let query = query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(bucket).bind(why);
    Ok(tx.run(query.bind(now)).await? > 0)
}

/// Adds to the score of a conversation's lead, within 0 and 100. Answers whether there is a lead.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn adjust_score(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    points: i16,
) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE leads l SET score = greatest(0, least(100, l.score + $3)) FROM conversations c
          WHERE c.team_id = $1 AND c.id = $2 AND l.team_id = $1 AND l.id = c.lead_id",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(points)).await? > 0)
}

/// Puts a tag on a conversation's lead, once. Answers whether it is new.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn tag(tx: &mut BulkTransaction, conversation: ConversationId, tag: &str) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE leads l SET tags = l.tags || ARRAY[$3::text] FROM conversations c
          WHERE c.team_id = $1 AND c.id = $2 AND l.team_id = $1 AND l.id = c.lead_id AND NOT $3 = ANY (l.tags)",
    );
    Ok(tx.run(query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(tag)).await? > 0)
}

struct Row {
    first_name: Option<String>,
    last_name: Option<String>,
    company_name: Option<String>,
    city: Option<String>,
}
from_row!(Row { first_name, last_name, company_name, city });

/// What a message of a conversation may say of the person.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn values(tx: &mut BulkTransaction, conversation: ConversationId) -> Result<Values> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT p.given_name AS first_name, p.family_name AS last_name, b.display_name AS company_name,
                coalesce(l.city, b.city) AS city
           FROM conversations c
           JOIN leads l ON l.team_id = $1 AND l.id = c.lead_id
           LEFT JOIN personas p ON p.team_id = $1 AND p.id = l.persona_id
           LEFT JOIN businesses b ON b.team_id = $1 AND b.id = l.business_id
          WHERE c.team_id = $1 AND c.id = $2",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
    let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    Ok(row.map_or_else(Values::default, |row| Values {
        first_name: text(row.first_name),
        last_name: text(row.last_name),
        company_name: text(row.company_name),
        city: text(row.city),
        ..Values::default()
    }))
}

/// Where e-mail to whoever a conversation is with goes: the address that they gave here last, or else the lead's own.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn address(tx: &mut BulkTransaction, conversation: ConversationId) -> Result<Option<String>> {
    let query = sqlx::query_as::<_, (Option<String>,)>(
        "SELECT coalesce((SELECT d.address FROM deliverables d WHERE d.team_id = $1 AND d.conversation_id = c.id
                           ORDER BY d.created_at DESC, d.id DESC LIMIT 1), lower(l.email))
           FROM conversations c LEFT JOIN leads l ON l.team_id = $1 AND l.id = c.lead_id
          WHERE c.team_id = $1 AND c.id = $2",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
    Ok(row.and_then(|(address,)| address))
}
