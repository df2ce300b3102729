//! What becomes of a call that was claimed.

use std::time::Duration;

use chrono::TimeDelta;
use domain::id::{ProviderCallId, TypedId};
use domain::money::MicroDollars;
use uuid::Uuid;

use super::CallState;
use crate::{BulkTransaction, Result};

/// How long an answer spares another call: 30 days, also where nobody was found.
const VALID_FOR: TimeDelta = TimeDelta::days(30);

/// $1 team, $2 calls, $3 claimant, $4 lease in microseconds.
const LEAVE: &str = "
UPDATE provider_calls SET state = 'in_flight', sent_at = clock_timestamp(),
       lease_until = clock_timestamp() + $4 * interval '1 microsecond'
 WHERE team_id = $1 AND id = ANY($2) AND claimed_by = $3 AND state = 'claimed' AND superseded_at IS NULL
RETURNING id";

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Notes that the bytes are about to leave. Commit before they do. Answers whether the claim is the caller's still; where
/// it is not, do not call. What is noted and does not leave is given back, unless its worker dies: then it counts as lost.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn leave(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    claimed_by: &str,
    lease: Duration,
) -> Result<bool> {
    Ok(!leave_together(tx, &[call], claimed_by, lease).await?.is_empty())
}

/// [`leave`] for calls that go in one request. Answers those of them whose claim is the caller's still: call for no others.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn leave_together(
    tx: &mut BulkTransaction,
    calls: &[ProviderCallId],
    claimed_by: &str,
    lease: Duration,
) -> Result<Vec<ProviderCallId>> {
    let query = sqlx::query_as::<_, (Uuid,)>(LEAVE);
    let ids: Vec<Uuid> = calls.iter().map(|call| call.uuid()).collect();
    let query = query.bind(tx.team_id().uuid()).bind(ids).bind(claimed_by).bind(micros(lease));
    Ok(tx.all(query).await?.into_iter().map(|(id,)| ProviderCallId::from_uuid(id)).collect())
}

/// Keeps others off for so long from now. Answers whether the call is the caller's still.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn extend(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    claimed_by: &str,
    lease: Duration,
) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE provider_calls SET lease_until = clock_timestamp() + $4 * interval '1 microsecond' \
          WHERE team_id = $1 AND id = $2 AND claimed_by = $3 AND state IN ('claimed', 'in_flight') \
            AND superseded_at IS NULL",
    );
    let query = query.bind(tx.team_id().uuid()).bind(call.uuid()).bind(claimed_by).bind(micros(lease));
    Ok(tx.run(query).await? > 0)
}

/// Notes how much was put aside for the call, for whoever reads the ledger.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn set_reserved(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    amount: MicroDollars,
) -> Result<()> {
    let query = sqlx::query("UPDATE provider_calls SET reserved_micros = $3 WHERE team_id = $1 AND id = $2");
    tx.run(query.bind(tx.team_id().uuid()).bind(call.uuid()).bind(amount.micros())).await?;
    Ok(())
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    /// A state from [`CallState::Match`] to [`CallState::Permanent`].
    pub state: CallState,
    /// The adapter's word for it, without personal data.
    pub verdict: &'a str,
    /// The HTTP status, where there was one.
    pub http_status: Option<i16>,
    /// The vendor's own id of the request.
    pub request_id: Option<&'a str>,
    /// The same for all subjects of one HTTP call.
    pub batch: Option<Uuid>,
    /// What it cost; of an unknown outcome the most it may have.
    pub cost: MicroDollars,
    /// How long the vendor took, where it was waited for: the call may have been noted as leaving well before it left.
    pub took: Option<Duration>,
}

/// Notes how a call ended; it then spares others for 30 days, and longer where the outcome is unknown. Answers whether
/// that was still to be noted: a repetition changes nothing, and neither does anything that comes after an answer. What was
/// `unknown` or `pending` may still get its answer.
///
/// # Errors
/// [`crate::DbError::WrongState`] for a state that is no end.
pub async fn finish(tx: &mut BulkTransaction, call: ProviderCallId, end: Finished<'_>) -> Result<bool> {
    if matches!(end.state, CallState::Claimed | CallState::InFlight | CallState::Released) {
        return Err(crate::DbError::WrongState {
            what: "end of call",
            id: call.to_string(),
            found: end.state.to_string(),
            wanted: "match, no_match, ambiguous, pending, unknown or permanent".to_owned(),
        });
    }
    let query = sqlx::query(
        "UPDATE provider_calls SET state = $3, verdict = $4, http_status = coalesce($5, http_status), \
                request_id = coalesce($6, request_id), batch_id = coalesce($7, batch_id), settled_micros = $8, \
                answered_at = coalesce(CASE WHEN state = 'pending' THEN answered_at END, clock_timestamp()), \
                sent_at = coalesce(clock_timestamp() - $10 * interval '1 microsecond', sent_at), \
                valid_until = CASE WHEN $3 <> 'unknown' THEN clock_timestamp() + $9 * interval '1 second' END \
          WHERE team_id = $1 AND id = $2 AND superseded_at IS NULL \
            AND (state IN ('claimed', 'in_flight') \
                 OR state = 'unknown' AND $3 <> 'unknown' OR state = 'pending' AND $3 NOT IN ('pending', 'unknown'))",
    );
    let query = query.bind(tx.team_id().uuid()).bind(call.uuid()).bind(end.state.as_str()).bind(end.verdict);
    let query = query.bind(end.http_status).bind(end.request_id).bind(end.batch).bind(end.cost.micros());
    let query = query.bind(VALID_FOR.num_seconds()).bind(end.took.map(micros));
    Ok(tx.run(query).await? > 0)
}

/// Notes that a call certainly was neither answered nor charged (429, connection refused, 5xx before anything was done): it
/// may be claimed again. Release its money too. Answers whether that was still to be noted.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn give_back(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    claimed_by: &str,
    verdict: &str,
    http_status: Option<i16>,
) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE provider_calls SET state = 'released', verdict = $4, http_status = $5, settled_micros = 0, \
                answered_at = clock_timestamp() \
          WHERE team_id = $1 AND id = $2 AND claimed_by = $3 AND state IN ('claimed', 'in_flight') \
            AND superseded_at IS NULL",
    );
    let query =
        query.bind(tx.team_id().uuid()).bind(call.uuid()).bind(claimed_by).bind(verdict).bind(http_status);
    Ok(tx.run(query).await? > 0)
}
