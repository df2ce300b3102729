//! Whose number it is that nobody was written to at, because a person says so.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, TypedId};
use domain::reply::{Intent, priority_score};
use uuid::Uuid;

use super::intent_of;
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result, lead};

struct Held {
    conversation_id: Uuid,
    lead_id: Option<Uuid>,
    has_lead: bool,
}
from_row!(Held { conversation_id, lead_id, has_lead });

struct Item {
    id: Uuid,
    intent: Option<String>,
    needs_person: bool,
}
from_row!(Item { id, intent, needs_person });

/// Gives the conversation of an item its lead, where it has none: all that came in, and what is planned or to be called in it, is
/// the lead's from now on, what was said moves the lead's score, and the items take the place that has in the inbox. Answers
/// the conversation, and whether it is new: the same lead again changes nothing.
///
/// # Errors
/// [`DbError::NotFound`] where the team has no such item or lead; [`DbError::WrongState`] where another lead has it.
pub async fn give_lead(
    tx: &mut BulkTransaction,
    item: InboxItemId,
    to: LeadId,
    now: DateTime<Utc>,
) -> Result<(ConversationId, bool)> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, Held>(
        "SELECT i.conversation_id, c.lead_id, l.id IS NOT NULL AS has_lead
           FROM inbox_items i
           JOIN conversations c ON c.team_id = i.team_id AND c.id = i.conversation_id
           LEFT JOIN leads l ON l.team_id = i.team_id AND l.id = $3
          WHERE i.team_id = $1 AND i.id = $2 FOR UPDATE OF c",
    );
    let held = tx.first(query.bind(team).bind(item.uuid()).bind(to.uuid())).await?;
    let held = held.ok_or_else(|| DbError::not_found("inbox item", item))?;
    if !held.has_lead {
        return Err(DbError::not_found("lead", to));
    }
    let conversation = ConversationId::from_uuid(held.conversation_id);
    match held.lead_id.map(LeadId::from_uuid) {
        Some(before) if before == to => return Ok((conversation, false)),
        Some(before) => {
            return Err(DbError::WrongState {
                what: "conversation",
                id: conversation.to_string(),
                found: format!("that of {before}"),
                wanted: "one of which nobody knows whose it is".to_owned(),
            });
        }
        None => {}
    }
    for sql in [
        "UPDATE conversations SET lead_id = $3, other_leads = array_remove(other_leads, $3), updated_at = $4
          WHERE team_id = $1 AND id = $2",
        "UPDATE messages SET lead_id = $3 WHERE team_id = $1 AND conversation_id = $2 AND lead_id IS NULL
            AND $4::timestamptz IS NOT NULL",
        "UPDATE follow_ups SET lead_id = $3 WHERE team_id = $1 AND conversation_id = $2 AND lead_id IS NULL
            AND $4::timestamptz IS NOT NULL",
        "UPDATE call_queue SET lead_id = $3 WHERE team_id = $1 AND conversation_id = $2 AND lead_id IS NULL
            AND $4::timestamptz IS NOT NULL",
        "UPDATE deliverables SET lead_id = $3 WHERE team_id = $1 AND conversation_id = $2 AND lead_id IS NULL
            AND $4::timestamptz IS NOT NULL",
    ] {
        let query = sqlx::query(sql).bind(team).bind(conversation.uuid()).bind(to.uuid()).bind(now);
        tx.run(query).await?;
    }
    for one in items(tx, conversation).await? {
        place(tx, &one, to).await?;
    }
    Ok((conversation, true))
}

async fn items(tx: &mut BulkTransaction, of: ConversationId) -> Result<Vec<Item>> {
    let query = sqlx::query_as::<_, Item>(
        "SELECT id, intent, needs_person FROM inbox_items
          WHERE team_id = $1 AND conversation_id = $2 AND lead_id IS NULL ORDER BY received_at, id",
    );
    tx.all(query.bind(tx.team_id().uuid()).bind(of.uuid())).await
}

/// What it says moves the lead's score, but for what a person has to read first; and the score its place.
async fn place(tx: &mut BulkTransaction, item: &Item, to: LeadId) -> Result<()> {
    let intent: Option<Intent> = item.intent.as_deref().and_then(intent_of);
    let doubtful = item.needs_person && intent == Some(Intent::OptOut);
    if let Some(what) = intent.and_then(Intent::engagement).filter(|_| !doubtful) {
        lead::engage(tx, &[(to, what)]).await?;
    }
    let query = sqlx::query_as::<_, (i16,)>("SELECT score FROM leads WHERE team_id = $1 AND id = $2");
    let score = tx.first(query.bind(tx.team_id().uuid()).bind(to.uuid())).await?.map_or(0, |(score,)| score);
    let score = u8::try_from(score.clamp(0, 100)).unwrap_or_default();
    let ranked = intent.map_or(0, |intent| i16::from(priority_score(intent, score)));
    let query = sqlx::query(
        "UPDATE inbox_items SET lead_id = $3, priority_score = $4 WHERE team_id = $1 AND id = $2",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(item.id).bind(to.uuid()).bind(ranked)).await?;
    Ok(())
}
