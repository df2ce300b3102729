//! Answers that come later, to an address that nobody can guess.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{ProviderCallId, TeamId, TypedId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::CallState;
use crate::from_row::from_row;
use crate::{BulkTransaction, Database, DbError, Result};

/// A call whose answer, or the rest of it, comes later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateCall {
    /// Whose.
    pub team: TeamId,
    /// Which.
    pub call: ProviderCallId,
    /// Of which vendor, by its word.
    pub provider: String,
    /// How far it has come.
    pub state: CallState,
    /// Until when it is awaited.
    pub deadline: Option<DateTime<Utc>>,
}

struct Row {
    team_id: Uuid,
    call_id: Uuid,
    provider: String,
    state: String,
    late_deadline: Option<DateTime<Utc>>,
}
from_row!(Row { team_id, call_id, provider, state, late_deadline });

fn hash(capability: &[u8]) -> Vec<u8> {
    Sha256::digest(capability).to_vec()
}

/// Notes the secret of the address that goes to the vendor with the call, as its SHA-256, and for how long the answer is
/// awaited. Before the call leaves: the answer may be faster than we are.
///
/// # Errors
/// [`DbError::Conflict`] with `provider_calls_capability` for a secret that was used before.
pub async fn await_later(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    capability: &[u8],
    patience: Duration,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE provider_calls SET capability_hash = $3, \
                late_deadline = clock_timestamp() + $4 * interval '1 microsecond' WHERE team_id = $1 AND id = $2",
    );
    let patience = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
    tx.run(query.bind(tx.team_id().uuid()).bind(call.uuid()).bind(hash(capability)).bind(patience)).await?;
    Ok(())
}

/// The call that an address belongs to, of whatever team: whoever knows the secret is the vendor.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_late(database: &Database, capability: &[u8]) -> Result<Option<LateCall>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT team_id, call_id, provider, state, late_deadline FROM find_call_by_capability($1)",
    )
    .bind(hash(capability))
    .fetch_optional(database.pool())
    .await?;
    row.map(|row| {
        Ok(LateCall {
            team: TeamId::from_uuid(row.team_id),
            call: ProviderCallId::from_uuid(row.call_id),
            provider: row.provider,
            state: row.state.parse().map_err(|error| DbError::unreadable("provider_calls.state", error))?,
            deadline: row.late_deadline,
        })
    })
    .transpose()
}
