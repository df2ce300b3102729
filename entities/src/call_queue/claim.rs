//! Whoever calls takes a call first, so that nobody else makes it, and says what came of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{QueuedCallId, TypedId, UserId};

use super::{COLUMNS, Call, CallOutcome, Quiet, Row, hours, of_campaign};
use crate::send_intent::Stop;
use crate::{BulkTransaction, DbError, Result};

/// What became of an attempt to take a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is the caller's until then.
    Yours(DateTime<Utc>),
    /// Somebody else is calling, until then.
    Theirs(UserId, DateTime<Utc>),
    /// Nobody's: what a campaign wanted said may not be said any more, or not now. Commit all the same.
    Stopped(Stop),
    /// Nobody's: it is no hour at which that number may be called.
    Quiet(Quiet),
}

/// Takes a call, for so long; whoever has it keeps it longer. One that a campaign wants made is looked at once more: since it
/// was put into the queue the person may have opted out, or a switch may have been set. And each is taken only at an hour at
/// which the gate lets somebody call, one that a conversation asks for too: to answer somebody at night is held until the
/// morning, whoever writes the answer, and a telephone that rings wakes more people than a text.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::WrongState`] where it is dealt with; [`DbError::Unreadable`] for rules
/// or hours that this version does not know: nobody is called by half of them.
pub async fn claim(
    tx: &mut BulkTransaction,
    id: QueuedCallId,
    by: UserId,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Taken> {
    let call = hold(tx, id, now).await?;
    if let (Some(holder), Some(until)) = (call.claimed_by, call.claimed_until)
        && holder != by
    {
        return Ok(Taken::Theirs(holder, until));
    }
    if let Some(stop) = of_campaign::stopped(tx, id, now).await? {
        return Ok(Taken::Stopped(stop));
    }
    if let Some(quiet) = hours::quiet(tx, id, now).await? {
        return Ok(Taken::Quiet(quiet));
    }
    let until = now + lease;
    let query = sqlx::query(
        "UPDATE call_queue SET state = 'claimed', claimed_by = $3, claimed_at = $5, claimed_until = $4, assigned_to = $3,
                attempts = attempts + CASE WHEN state = 'queued' OR claimed_by <> $3 THEN 1 ELSE 0 END
          WHERE team_id = $1 AND id = $2",
    );
    tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.uuid()).bind(until).bind(now)).await?;
    Ok(Taken::Yours(until))
}

/// Notes what came of a call. Answers who else is calling, where somebody is: then nothing is noted.
///
/// # Errors
/// [`DbError::NotFound`] where there is none; [`DbError::WrongState`] where it is dealt with.
pub async fn done(
    tx: &mut BulkTransaction,
    id: QueuedCallId,
    outcome: CallOutcome,
    notes: &str,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Option<UserId>> {
    let call = hold(tx, id, now).await?;
    if let Some(holder) = call.claimed_by.filter(|holder| *holder != by) {
        return Ok(Some(holder));
    }
    let query = sqlx::query(
        "UPDATE call_queue SET state = 'done', outcome = $3, notes = concat_ws(E'\\n', nullif(notes, ''), nullif($4, '')),
                done_by = $5, ended_at = $6 WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(outcome.as_str()).bind(notes);
    tx.run(query.bind(by.uuid()).bind(now)).await?;
    Ok(None)
}

/// The call as it is, held to the end of the transaction, if it waits.
async fn hold(tx: &mut BulkTransaction, id: QueuedCallId, now: DateTime<Utc>) -> Result<Call> {
    // All of it is text of this file.
    let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} AND id = $3 FOR UPDATE"));
    let query = sqlx::query_as::<_, Row>(sql).bind(tx.team_id().uuid()).bind(now).bind(id.uuid());
    let call = tx.first(query).await?.map(Call::from).ok_or_else(|| DbError::not_found("call", id))?;
    if call.ended_at.is_some() {
        return Err(DbError::WrongState {
            what: "call",
            id: id.to_string(),
            found: call.state,
            wanted: "waiting to be made".to_owned(),
        });
    }
    Ok(call)
}
