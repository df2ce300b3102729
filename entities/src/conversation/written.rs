//! What people write in a conversation, before it is decided: the words stay here, an order names their row.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{ConversationId, SuggestionId, TypedId, UserId};
use uuid::Uuid;

use crate::{BulkTransaction, DbError, Result, fresh_id};

/// Puts a person's text beside a suggestion that waits. It is sent only by an order that names its hash.
///
/// # Errors
/// [`DbError::NotFound`] where the conversation has no such suggestion; [`DbError::WrongState`] where it does not wait any
/// more.
pub async fn put_edited(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    suggestion: SuggestionId,
    text: &str,
) -> Result<()> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE reply_suggestions SET edited_text = $4
          WHERE team_id = $1 AND conversation_id = $2 AND id = $3 AND state = 'proposed'",
    );
    let query = query.bind(team).bind(conversation.uuid()).bind(suggestion.uuid()).bind(text);
    if tx.run(query).await? > 0 {
        return Ok(());
    }
    let found = state(tx, conversation, suggestion).await?;
    Err(DbError::WrongState {
        what: "suggestion",
        id: suggestion.to_string(),
        found,
        wanted: "proposed; read what was said meanwhile, and decide about the newest one".to_owned(),
    })
}

/// How far a suggestion has come.
///
/// # Errors
/// [`DbError::NotFound`] where the conversation has no such suggestion.
pub async fn state(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    suggestion: SuggestionId,
) -> Result<String> {
    let query = sqlx::query_as::<_, (String,)>(
        "SELECT state FROM reply_suggestions WHERE team_id = $1 AND conversation_id = $2 AND id = $3",
    );
    let query = query.bind(tx.team_id().uuid()).bind(conversation.uuid()).bind(suggestion.uuid());
    tx.first(query).await?.map(|(state,)| state).ok_or_else(|| DbError::not_found("suggestion", suggestion))
}

/// The newest suggestion of a conversation that waits for somebody.
///
/// # Errors
/// Any [`DbError`].
pub async fn proposed(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
) -> Result<Option<SuggestionId>> {
    let query = sqlx::query_as::<_, (Uuid,)>(
        "SELECT id FROM reply_suggestions WHERE team_id = $1 AND conversation_id = $2 AND state = 'proposed'",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(conversation.uuid())).await?;
    Ok(row.map(|(id,)| SuggestionId::from_uuid(id)))
}

/// Puts a person's own text there, as something that is proposed; what was proposed before gives way to it. It is sent only by
/// an order.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such conversation.
pub async fn write(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    text: &str,
    by: UserId,
    keep: TimeDelta,
    now: DateTime<Utc>,
) -> Result<SuggestionId> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, (String,)>(
        "SELECT stage FROM conversations WHERE team_id = $1 AND id = $2 FOR UPDATE",
    );
    let found = tx.first(query.bind(team).bind(conversation.uuid())).await?;
    let (stage,) = found.ok_or_else(|| DbError::not_found("conversation", conversation))?;
    let query = sqlx::query(
        "UPDATE reply_suggestions SET state = 'taken_over', decided_by = $3, decided_at = $4,
                why = 'somebody wrote an answer of their own'
          WHERE team_id = $1 AND conversation_id = $2 AND state = 'proposed'",
    );
    tx.run(query.bind(team).bind(conversation.uuid()).bind(by.uuid()).bind(now)).await?;
    let id: SuggestionId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO reply_suggestions (team_id, id, conversation_id, item_id, origin, stage, text, expires_at)
         SELECT $1, $2, $3, (SELECT id FROM inbox_items WHERE team_id = $1 AND conversation_id = $3
                              ORDER BY received_at DESC, id DESC LIMIT 1), 'person', $4, $5, $6",
    );
    let query = query.bind(team).bind(id.uuid()).bind(conversation.uuid()).bind(stage).bind(text);
    tx.run(query.bind(now + keep)).await?;
    Ok(id)
}

/// Puts down what a person says of how a conversation is to end, in their words: kept with the end if the next order of this
/// person ends it, in the transaction that does, and otherwise dropped.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such conversation.
pub async fn put_close_notes(
    tx: &mut BulkTransaction,
    id: ConversationId,
    notes: &str,
    by: UserId,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE conversations SET closing_notes = $3, closing_by = $4 WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(notes).bind(by.uuid());
    match tx.run(query).await? {
        0 => Err(DbError::not_found("conversation", id)),
        _ => Ok(()),
    }
}
