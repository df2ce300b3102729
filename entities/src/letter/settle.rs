//! What came of letters, written down once, with what is owed and the conversation told of it.

use chrono::{DateTime, Utc};
use domain::FailureCode;
use domain::id::{LetterId, TypedId};
use sha2::{Digest, Sha256};

use super::call::{Found, Stage};
use crate::send_intent::{MAX_ATTEMPTS, Outcome};
use crate::{BulkTransaction, DbError, Result};

/// What is owed follows its letter.
const TELL: &str = "
UPDATE deliverables d
   SET state = CASE l.state WHEN 'accepted' THEN 'sent' WHEN 'unknown' THEN 'failed' WHEN 'planned' THEN 'made'
                            WHEN 'withheld' THEN CASE WHEN l.why = 'suppression' THEN 'cancelled' ELSE 'handed_over' END
                            ELSE 'handed_over' END,
       sent_at = CASE WHEN l.state = 'accepted' THEN l.called_at END,
       provider = CASE WHEN l.state = 'accepted' THEN 'smtp' END, external_id = l.external_id,
       failure = CASE WHEN l.state = 'unknown' THEN $4 END,
       ended_at = CASE WHEN l.state IN ('accepted', 'unknown') OR (l.state = 'withheld' AND l.why = 'suppression') THEN $3 END
  FROM letters l
 WHERE l.team_id = $1 AND l.id = $2 AND d.team_id = $1 AND d.id = l.deliverable_id AND d.state IN ('made', 'sending')";

async fn tell(tx: &mut BulkTransaction, id: LetterId, now: DateTime<Utc>) -> Result<()> {
    let query = sqlx::query(TELL).bind(tx.team_id().uuid()).bind(id.uuid()).bind(now);
    tx.run(query.bind(FailureCode::SendOutcomeUnknown.as_str())).await?;
    Ok(())
}

/// What the mail server took is a message of the conversation. Nothing more is heard of it.
const KEEP: &str = "
WITH said AS (
    INSERT INTO messages (team_id, direction, channel, lead_id, provider, external_id, sender_id, from_value, to_value, subject,
                          body, text_hash, segments, status, price_micros, sent_at, conversation_id)
    SELECT l.team_id, 'outbound', 'email', l.lead_id, 'smtp', l.external_id, l.sender_id, l.from_value, l.to_value, l.subject,
           l.body, $4, 1, 'sent', l.price_micros, l.called_at, l.conversation_id
      FROM letters l WHERE l.team_id = $1 AND l.id = $2 AND l.state = 'accepted'
    ON CONFLICT ON CONSTRAINT messages_external DO NOTHING RETURNING conversation_id)
UPDATE conversations c
   SET last_outbound_at = greatest(c.last_outbound_at, $3), outbound_count = c.outbound_count + 1, updated_at = $3
  FROM said s WHERE c.team_id = $1 AND c.id = s.conversation_id";

const SETTLE: &str = "
UPDATE letters
   SET state = CASE WHEN $3 = 'planned' AND $6 AND attempt >= $8 THEN 'refused' ELSE $3 END,
       external_id = $4, why = CASE WHEN $3 = 'planned' AND $6 AND attempt >= $8 THEN 'too_many_attempts' ELSE $5 END,
       attempt = attempt - ($3 = 'planned' AND NOT $6)::integer, due_at = coalesce($7, due_at),
       ended_at = CASE WHEN $3 <> 'planned' OR ($6 AND attempt >= $8) THEN $9::timestamptz END
 WHERE team_id = $1 AND id = $2 AND state = 'calling' RETURNING state";

/// Writes down what came of a call, once. Answers how far the letter is then; `None`: it was written down before. Budgets are
/// the caller's.
///
/// # Errors
/// Any [`DbError`].
pub async fn settle(
    tx: &mut BulkTransaction,
    letter: &Found,
    outcome: &Outcome<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Stage>> {
    let (state, external, why, due, tried) = match outcome {
        Outcome::Accepted { external_id, .. } => (Stage::Accepted, Some(*external_id), None, None, true),
        Outcome::Refused { code } => (Stage::Refused, None, Some(*code), None, true),
        Outcome::Unknown => (Stage::Unknown, None, None, None, true),
        Outcome::Back { due_at, tried } => (Stage::Planned, None, Some("back"), Some(*due_at), *tried),
    };
    let query = sqlx::query_as::<_, (String,)>(SETTLE).bind(tx.team_id().uuid()).bind(letter.id.uuid());
    let query = query.bind(state.as_str()).bind(external).bind(why).bind(tried).bind(due);
    let Some((state,)) = tx.first(query.bind(MAX_ATTEMPTS).bind(now)).await? else { return Ok(None) };
    let state: Stage = state.parse().map_err(|error| DbError::unreadable("letters.state", error))?;
    tell(tx, letter.id, now).await?;
    if state == Stage::Accepted {
        let hash: [u8; 32] = Sha256::digest(letter.body.as_bytes()).into();
        let query = sqlx::query(KEEP).bind(tx.team_id().uuid()).bind(letter.id.uuid()).bind(now);
        tx.run(query.bind(hash.as_slice())).await?;
    }
    Ok(Some(state))
}

/// Ends a letter whose call was begun by somebody who died: it may have left, and is not sent again.
///
/// # Errors
/// Any [`DbError`].
pub async fn lose(tx: &mut BulkTransaction, letter: &Found, now: DateTime<Utc>) -> Result<()> {
    settle(tx, letter, &Outcome::Unknown, now).await.map(drop)
}

/// Ends a letter of which nothing has left. Where the person is not to be contacted, what was owed is owed no more; else it is
/// the people's again.
///
/// # Errors
/// Any [`DbError`].
pub async fn withhold(tx: &mut BulkTransaction, id: LetterId, why: &str, now: DateTime<Utc>) -> Result<()> {
    let query = sqlx::query(
        "UPDATE letters SET state = 'withheld', why = $3, ended_at = $4 WHERE team_id = $1 AND id = $2 AND state = 'planned'",
    );
    let withheld = tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(why).bind(now)).await?;
    if withheld > 0 {
        tell(tx, id, now).await?;
    }
    Ok(())
}
