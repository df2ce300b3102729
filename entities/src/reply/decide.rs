//! What people decide about a conversation: each decision once, by whoever holds the row.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::FailureCode;
use domain::id::{ConversationId, SuggestionId, TypedId, UserId};
use domain::reply::{CloseReason, ConversationState, Disposition};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::follow::cancel_follow_ups;
use super::standing::{changed, lock};
use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result, audit_log, conversation};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send the suggestion as it is.
    Approve(SuggestionId),
    /// Send the text that was put beside the suggestion; its SHA-256 says which.
    Edit(SuggestionId, [u8; 32]),
    /// Do not send it.
    Reject(SuggestionId),
    /// A person answers from now on.
    TakeOver,
    /// What kept it held is seen to.
    Release,
    /// It is over.
    Close(Disposition, CloseReason),
}

impl Decision {
    /// The word for the audit log, as `conversation.{word}`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve(_) => "approve_reply",
            Self::Edit(..) => "edit_reply",
            Self::Reject(_) => "reject_reply",
            Self::TakeOver => "take_over",
            Self::Release => "release",
            Self::Close(..) => "close",
        }
    }
}

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The code, for machines.
    pub code: FailureCode,
    /// Why, and what to do.
    pub says: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.says)
    }
}

/// What came of a decision.
pub type Decided = std::result::Result<(), Refused>;

struct Held {
    state: String,
    taken_over_by: Option<Uuid>,
    has_lead: bool,
}
from_row!(Held { state, taken_over_by, has_lead });

struct Suggested {
    state: String,
    expires_at: DateTime<Utc>,
    edited_text: Option<String>,
    decided_by: Option<Uuid>,
    origin: String,
}
from_row!(Suggested { state, expires_at, edited_text, decided_by, origin });

const NOT_OPEN: Refused = Refused {
    code: FailureCode::CloseWrongState,
    says: "the conversation is not open; release it, or wait for the next message, then decide",
};
const STALE: Refused = Refused {
    code: FailureCode::CopilotSuggestionStale,
    says: "something else was said meanwhile; read it, and decide about the newest suggestion",
};
const DECIDED: Refused = Refused {
    code: FailureCode::CopilotSuggestionDecided,
    says: "somebody has decided about it before, or its time is over; nothing was changed",
};
const OTHER_TEXT: Refused = Refused {
    code: FailureCode::CopilotSuggestionDecided,
    says: "somebody else has changed the text meanwhile; read it, and send it or change it again",
};
const SUPPRESSED: Refused = Refused {
    code: FailureCode::CloseWrongState,
    says: "the person is suppressed; an admin lifts a suppression, with the reason, before anything goes out again",
};
const IN_OTHER_HANDS: Refused = Refused {
    code: FailureCode::CopilotSuggestionDecided,
    says: "somebody else has the conversation in hand at this moment; wait until they are done",
};
const NO_LEAD: Refused = Refused {
    code: FailureCode::InboundNoLeadMatch,
    says: "nobody knows whose number it is; say which lead it is, then answer",
};

/// Carries out a decision of `by`. One that is repeated, by the same person with the same outcome, is answered like the first.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such conversation or suggestion; any other [`DbError`].
pub async fn decide(
    tx: &mut BulkTransaction,
    of: ConversationId,
    decision: Decision,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Decided> {
    lock(tx, of).await?;
    if conversation::in_other_hands(tx, of, by, now).await?.is_some() {
        return Ok(Err(IN_OTHER_HANDS));
    }
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, Held>(
        "SELECT state, taken_over_by, lead_id IS NOT NULL AS has_lead FROM conversations
          WHERE team_id = $1 AND id = $2",
    );
    let held = tx.first(query.bind(team).bind(of.uuid())).await?;
    let held = held.ok_or_else(|| DbError::not_found("conversation", of))?;
    let state: ConversationState =
        held.state.parse().map_err(|error| DbError::unreadable("conversations.state", error))?;
    let done = match decision {
        Decision::Approve(suggestion) => send(tx, of, (state, &held), suggestion, None, by, now).await?,
        Decision::Edit(suggestion, hash) => {
            send(tx, of, (state, &held), suggestion, Some(hash), by, now).await?
        }
        Decision::Reject(suggestion) => reject(tx, of, suggestion, by, now).await?,
        Decision::TakeOver => take_over(tx, of, (state, &held), by, now).await?,
        Decision::Release => release(tx, of, (state, &held), by, now).await?,
        Decision::Close(disposition, reason) => {
            close(tx, of, state, (disposition.as_str(), reason.as_str()), Some(by), now).await?
        }
    };
    if done.is_ok() {
        let action = format!("conversation.{}", decision.as_str());
        let details = match decision {
            Decision::Approve(suggestion) | Decision::Edit(suggestion, _) | Decision::Reject(suggestion) => {
                json!({ "suggestion": suggestion })
            }
            Decision::Close(disposition, reason) => json!({ "disposition": disposition, "reason": reason }),
            Decision::TakeOver | Decision::Release => json!({}),
        };
        audit_log::record_in_bulk(tx, Some(by), &action, &of.to_string(), &details).await?;
    }
    Ok(done)
}

async fn suggested(
    tx: &mut BulkTransaction,
    of: ConversationId,
    suggestion: SuggestionId,
) -> Result<Suggested> {
    let query = sqlx::query_as::<_, Suggested>(
        "SELECT state, expires_at, edited_text, decided_by, origin FROM reply_suggestions
          WHERE team_id = $1 AND conversation_id = $2 AND id = $3 FOR UPDATE",
    );
    let query = query.bind(tx.team_id().uuid()).bind(of.uuid()).bind(suggestion.uuid());
    tx.first(query).await?.ok_or_else(|| DbError::not_found("suggestion", suggestion))
}

/// Releases a suggestion, as it is or with the text whose hash is named.
async fn send(
    tx: &mut BulkTransaction,
    of: ConversationId,
    (state, held): (ConversationState, &Held),
    suggestion: SuggestionId,
    edited: Option<[u8; 32]>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Decided> {
    let known = suggested(tx, of, suggestion).await?;
    let (before, after) = if edited.is_some() { ("edited", "edited") } else { ("approved", "approved") };
    let mine = known.decided_by == Some(by.uuid());
    match known.state.as_str() {
        // Answered like the first time.
        word if word == before && mine => return Ok(Ok(())),
        "sending" | "sent" if mine => return Ok(Ok(())),
        "proposed" => {}
        "stale" => return Ok(Err(STALE)),
        _ => return Ok(Err(DECIDED)),
    }
    if state != ConversationState::Open {
        return Ok(Err(NOT_OPEN));
    }
    if !held.has_lead {
        return Ok(Err(NO_LEAD));
    }
    if known.expires_at <= now {
        return Ok(Err(DECIDED));
    }
    if held.taken_over_by.is_some() && known.origin != "person" {
        return Ok(Err(STALE));
    }
    if let Some(hash) = edited {
        let kept = known.edited_text.as_deref().unwrap_or_default();
        if kept.is_empty() || Sha256::digest(kept.as_bytes()).as_slice() != hash.as_slice() {
            return Ok(Err(OTHER_TEXT));
        }
    }
    let query = sqlx::query(
        "UPDATE reply_suggestions SET state = $4, decided_by = $5, decided_at = $6, updated_at = $6,
                edited_text = CASE WHEN $4 = 'edited' THEN edited_text END
          WHERE team_id = $1 AND conversation_id = $2 AND id = $3 AND state = 'proposed'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(of.uuid()).bind(suggestion.uuid());
    tx.run(query.bind(after).bind(by.uuid()).bind(now)).await?;
    changed(tx, of, now).await?;
    Ok(Ok(()))
}

async fn reject(
    tx: &mut BulkTransaction,
    of: ConversationId,
    suggestion: SuggestionId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Decided> {
    let known = suggested(tx, of, suggestion).await?;
    match known.state.as_str() {
        "rejected" if known.decided_by == Some(by.uuid()) => return Ok(Ok(())),
        "proposed" => {}
        "stale" => return Ok(Err(STALE)),
        _ => return Ok(Err(DECIDED)),
    }
    let query = sqlx::query(
        "UPDATE reply_suggestions SET state = 'rejected', decided_by = $4, decided_at = $5, updated_at = $5
          WHERE team_id = $1 AND conversation_id = $2 AND id = $3 AND state = 'proposed'",
    );
    let query = query.bind(tx.team_id().uuid()).bind(of.uuid()).bind(suggestion.uuid());
    tx.run(query.bind(by.uuid()).bind(now)).await?;
    changed(tx, of, now).await?;
    Ok(Ok(()))
}

async fn take_over(
    tx: &mut BulkTransaction,
    of: ConversationId,
    (state, held): (ConversationState, &Held),
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Decided> {
    if state == ConversationState::Closed {
        return Ok(Err(NOT_OPEN));
    }
    if held.taken_over_by == Some(by.uuid()) {
        return Ok(Ok(()));
    }
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "WITH taken AS (
             UPDATE reply_suggestions SET state = 'taken_over', decided_by = $3, decided_at = $4, updated_at = $4
              WHERE team_id = $1 AND conversation_id = $2 AND state IN ('proposed', 'approved', 'edited')
                AND origin <> 'person' RETURNING id),
         dropped AS (
             UPDATE send_intents i SET state = 'cancelled', refusal = 'taken_over', ended_at = $4 FROM taken t
              WHERE i.team_id = $1 AND i.suggestion_id = t.id AND i.state IN ('planned', 'held'))
         UPDATE conversations SET taken_over_by = $3, taken_over_at = $4, assigned_to = coalesce(assigned_to, $3),
                updated_at = $4
          WHERE team_id = $1 AND id = $2",
    );
    tx.run(query.bind(team).bind(of.uuid()).bind(by.uuid()).bind(now)).await?;
    cancel_follow_ups(tx, of, "person", now).await?;
    Ok(Ok(()))
}

/// Lets what was held go on, and hands back what a person has taken over. A suppression that came of what the person said
/// without a word that opts out is lifted with it: somebody has read it and says that it was none. What a word said stays.
async fn release(
    tx: &mut BulkTransaction,
    of: ConversationId,
    (state, held): (ConversationState, &Held),
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Decided> {
    let team = tx.team_id().uuid();
    match state {
        ConversationState::Closed => return Ok(Err(NOT_OPEN)),
        ConversationState::Open if held.taken_over_by.is_none() => return Ok(Ok(())),
        ConversationState::Open => {
            let query = sqlx::query(
                "UPDATE conversations SET taken_over_by = NULL, taken_over_at = NULL, updated_at = $3 WHERE team_id = $1 AND id = $2",
            );
            tx.run(query.bind(team).bind(of.uuid()).bind(now)).await?;
        }
        ConversationState::Held => match conversation::clear(tx, of, by, now).await {
            Ok(()) => {}
            Err(DbError::WrongState { .. }) => return Ok(Err(SUPPRESSED)),
            Err(error) => return Err(error),
        },
    }
    Ok(Ok(()))
}

/// Ends a conversation: what was suggested or planned in it is dropped, and what came in counts as dealt with.
async fn close(
    tx: &mut BulkTransaction,
    of: ConversationId,
    state: ConversationState,
    (disposition, reason): (&str, &str),
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Decided> {
    let team = tx.team_id().uuid();
    if state == ConversationState::Closed {
        // The same again, perhaps with other notes.
        let query = sqlx::query(
            "UPDATE conversations SET close_notes = CASE WHEN closing_by = $5 AND closing_notes <> '' THEN closing_notes ELSE close_notes END,
                    closing_notes = NULL, closing_by = NULL
              WHERE team_id = $1 AND id = $2 AND closed_as = $3 AND close_reason = $4",
        );
        let query = query.bind(team).bind(of.uuid()).bind(disposition).bind(reason);
        let same = tx.run(query.bind(by.map(TypedId::uuid))).await? > 0;
        return Ok(if same { Ok(()) } else { Err(NOT_OPEN) });
    }
    let stale = sqlx::query(
        "UPDATE reply_suggestions SET state = 'stale', why = 'closed', updated_at = $3
          WHERE team_id = $1 AND conversation_id = $2 AND state IN ('proposed', 'approved', 'edited')",
    );
    tx.run(stale.bind(team).bind(of.uuid()).bind(now)).await?;
    cancel_follow_ups(tx, of, "person", now).await?;
    let query = sqlx::query(
        "WITH items AS (
             UPDATE inbox_items SET processed_by = $5, processed_at = $6, updated_at = $6
              WHERE team_id = $1 AND conversation_id = $2 AND processed_at IS NULL)
         UPDATE conversations SET state = 'closed', closed_as = $3, close_reason = $4, processed_by = $5, processed_at = $6,
                close_notes = CASE WHEN closing_by = $5 THEN nullif(closing_notes, '') END, closing_notes = NULL,
                closing_by = NULL, updated_at = $6
          WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(team).bind(of.uuid()).bind(disposition).bind(reason);
    tx.run(query.bind(by.map(TypedId::uuid)).bind(now)).await?;
    Ok(Ok(()))
}

/// Ends a conversation in which nobody has said anything since `last_at`, unless somebody has since, or it waits for a
/// person. Answers whether it ended.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; any other [`DbError`].
pub async fn close_quiet(
    tx: &mut BulkTransaction,
    of: ConversationId,
    last_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool> {
    lock(tx, of).await?;
    let standing = super::standing::standing(tx, of).await?;
    let newer = standing.last_at.map(|at| at.timestamp_millis()) > last_at.map(|at| at.timestamp_millis());
    // Held: what waits for a person does not end by being forgotten.
    if newer || standing.state != ConversationState::Open {
        return Ok(false);
    }
    let ending = (Disposition::Closed.as_str(), CloseReason::NoAnswer.as_str());
    let closed = close(tx, of, standing.state, ending, None, now).await?;
    Ok(closed.is_ok())
}
