//! Nothing more is said in a conversation, until somebody clears it.

use chrono::{DateTime, Utc};
use domain::id::{ConversationId, TypedId, UserId};
use domain::reply::{ConversationState, HoldReason};
use uuid::Uuid;

use crate::{BulkTransaction, DbError, Result};

/// What was stopped with a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Silenced {
    /// The conversations that are held from now on, and were not before.
    pub conversations: Vec<ConversationId>,
    /// How many suggestions became stale.
    pub suggestions: u64,
    /// How many follow-ups were cancelled.
    pub follow_ups: u64,
    /// How many calls were cancelled.
    pub calls: u64,
    /// How many deliverables were cancelled.
    pub deliverables: u64,
}

/// In one order for all, as everybody locks them.
const FIND: &str = "
SELECT id FROM conversations WHERE team_id = $1 AND their_address = $2 ORDER BY id FOR UPDATE";

/// Keeps everybody else waiting who changes a conversation with this number or address, to the end of the transaction. Whoever
/// suppresses calls it first: those who see to messages lock conversations before leads and suppressions, too.
///
/// # Errors
/// [`DbError::Contention`] on a deadlock; any other [`DbError`].
pub async fn lock_with(tx: &mut BulkTransaction, their_address: &str) -> Result<()> {
    tx.run(sqlx::query(FIND).bind(tx.team_id().uuid()).bind(their_address)).await?;
    Ok(())
}

/// One that was held for a weaker reason is held for this one.
const HOLD: &str = "
WITH before AS (SELECT id, state FROM conversations WHERE team_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE)
UPDATE conversations c
   SET state = 'held', held_at = CASE b.state WHEN 'held' THEN c.held_at ELSE $4 END,
       hold_reason = CASE WHEN b.state = 'held' AND c.hold_reason = 'opted_out' THEN c.hold_reason ELSE $3 END
  FROM before b WHERE c.team_id = $1 AND c.id = b.id
RETURNING c.id, b.state <> 'held'";

/// Whose call may have left is left alone: it ends as the vendor says.
const STALE: &str = "
UPDATE reply_suggestions SET state = 'stale', why = $3
 WHERE team_id = $1 AND conversation_id = ANY($2) AND state IN ('proposed', 'approved', 'edited')
   AND origin <> 'confirmation'";
const FOLLOW_UPS: &str = "
UPDATE follow_ups SET state = 'cancelled', reason = $3, ended_at = $4
 WHERE team_id = $1 AND conversation_id = ANY($2) AND state = 'planned'";
const CALLS: &str = "
UPDATE call_queue SET state = 'cancelled', notes = concat_ws(E'\\n', nullif(notes, ''), 'cancelled: ' || $3),
       ended_at = $4, updated_at = $4
 WHERE team_id = $1 AND conversation_id = ANY($2) AND state IN ('queued', 'claimed')";
const DELIVERABLES: &str = "
UPDATE deliverables SET state = 'cancelled', ended_at = $4, updated_at = $4
 WHERE team_id = $1 AND conversation_id = ANY($2) AND state IN ('requested', 'handed_over', 'made') AND $3 <> ''";

/// Holds every conversation with this number or address, whichever of ours it was with, and stops whatever was to be said,
/// sent or done there. Call it in the transaction that suppresses, after it.
///
/// # Errors
/// [`DbError::Contention`] where it met somebody in another order: repeat the transaction; any other [`DbError`].
pub async fn silence(
    tx: &mut BulkTransaction,
    their_address: &str,
    reason: HoldReason,
    now: DateTime<Utc>,
) -> Result<Silenced> {
    let query = sqlx::query_as::<_, (Uuid,)>(FIND).bind(tx.team_id().uuid()).bind(their_address);
    let ids: Vec<Uuid> = tx.all(query).await?.into_iter().map(|(id,)| id).collect();
    hold_these(tx, &ids, reason, now).await
}

/// As [`silence`], of one conversation.
///
/// # Errors
/// As [`silence`].
pub async fn hold(
    tx: &mut BulkTransaction,
    conversation: ConversationId,
    reason: HoldReason,
    now: DateTime<Utc>,
) -> Result<Silenced> {
    hold_these(tx, &[conversation.uuid()], reason, now).await
}

async fn hold_these(
    tx: &mut BulkTransaction,
    ids: &[Uuid],
    reason: HoldReason,
    now: DateTime<Utc>,
) -> Result<Silenced> {
    if ids.is_empty() {
        return Ok(Silenced::default());
    }
    let (team, word) = (tx.team_id().uuid(), reason.as_str());
    let query = sqlx::query_as::<_, (Uuid, bool)>(HOLD).bind(team).bind(ids).bind(word).bind(now);
    let held = tx.all(query).await?;
    let suggestions = tx.run(sqlx::query(STALE).bind(team).bind(ids).bind(word)).await?;
    let follow_ups = tx.run(sqlx::query(FOLLOW_UPS).bind(team).bind(ids).bind(word).bind(now)).await?;
    let calls = tx.run(sqlx::query(CALLS).bind(team).bind(ids).bind(word).bind(now)).await?;
    let deliverables = tx.run(sqlx::query(DELIVERABLES).bind(team).bind(ids).bind(word).bind(now)).await?;
    Ok(Silenced {
        conversations: held
            .into_iter()
            .filter(|(_, new)| *new)
            .map(|(id, _)| ConversationId::from_uuid(id))
            .collect(),
        suggestions,
        follow_ups,
        calls,
        deliverables,
    })
}

/// What the program read out of somebody's words was read wrongly: a person says so.
const LIFT: &str = "
UPDATE suppressions SET lifted_at = $4, lifted_by = $3
 WHERE team_id = $1 AND value = $2 AND reason = 'opt_out' AND method = 'language' AND lifted_at IS NULL";
const SUPPRESSED: &str = "
SELECT is_suppressed(c.their_address, l.persona_id, s.brand, c.our_address)
  FROM conversations c LEFT JOIN leads l ON l.team_id = c.team_id AND l.id = c.lead_id
  LEFT JOIN senders s ON s.team_id = c.team_id AND s.id = c.sender_id
 WHERE c.team_id = $1 AND c.id = $2";
const CLEAR: &str = "
UPDATE conversations SET state = 'open', cleared_by = $3, cleared_how = 'person', cleared_at = greatest($4, held_at)
 WHERE team_id = $1 AND id = $2 AND state = 'held'";

/// Lets a conversation that is held go on, because a person looked at it. An opt-out that the program read out of somebody's
/// own words is lifted with it; one that was said by a word, or came from elsewhere, is not, and holds the conversation.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::WrongState`] where it is not held, or somebody is suppressed whom
/// this does not clear.
pub async fn clear(
    tx: &mut BulkTransaction,
    id: ConversationId,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, (String, String, Option<String>)>(
        "SELECT state, their_address, hold_reason FROM conversations WHERE team_id = $1 AND id = $2 FOR UPDATE",
    );
    let found = tx.first(query.bind(team).bind(id.uuid())).await?;
    let (state, theirs, reason) = found.ok_or_else(|| DbError::not_found("conversation", id))?;
    let wrong = |found: String, wanted: &str| DbError::WrongState {
        what: "conversation",
        id: id.to_string(),
        found,
        wanted: wanted.to_owned(),
    };
    if state != ConversationState::Held.as_str() {
        return Err(wrong(state, "held"));
    }
    let held_for: Option<HoldReason> = reason.as_deref().and_then(|word| word.parse().ok());
    if held_for.is_some_and(HoldReason::lifts_suppression) {
        tx.run(sqlx::query(LIFT).bind(team).bind(&theirs).bind(by.uuid()).bind(now)).await?;
    }
    let query = sqlx::query_as::<_, (bool,)>(SUPPRESSED).bind(team).bind(id.uuid());
    if tx.first(query).await?.is_some_and(|(suppressed,)| suppressed) {
        return Err(wrong(
            format!("held, and the person is suppressed ({})", reason.unwrap_or_default()),
            "with somebody who is not suppressed; an admin lifts a suppression, with the reason",
        ));
    }
    tx.run(sqlx::query(CLEAR).bind(team).bind(id.uuid()).bind(by.uuid()).bind(now)).await?;
    Ok(())
}

const OPTED_IN: &str = "
UPDATE conversations c SET state = 'open', cleared_by = NULL, cleared_how = 'opt_in', cleared_at = greatest($3, held_at)
 WHERE c.team_id = $1 AND c.their_address = $2 AND c.state = 'held' AND c.hold_reason = 'opted_out'
   AND NOT is_suppressed(c.their_address, (SELECT l.persona_id FROM leads l WHERE l.team_id = $1 AND l.id = c.lead_id),
                         (SELECT s.brand FROM senders s WHERE s.team_id = $1 AND s.id = c.sender_id), c.our_address)";

/// Lets conversations with somebody go on who had opted out by a word and took it back by one. Call it after
/// [`crate::suppression::opt_in`]; where anything else forbids it, nothing goes on. Answers how many do.
///
/// # Errors
/// Any [`DbError`].
pub async fn opted_in(tx: &mut BulkTransaction, their_address: &str, now: DateTime<Utc>) -> Result<u64> {
    tx.run(sqlx::query(OPTED_IN).bind(tx.team_id().uuid()).bind(their_address).bind(now)).await
}
