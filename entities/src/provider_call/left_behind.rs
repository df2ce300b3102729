//! Calls whose worker died, and that nobody came to ask again.

use std::time::Duration;

use domain::id::{ProviderCallId, TeamId, TypedId};
use domain::money::MicroDollars;
use uuid::Uuid;

use super::CallState;
use crate::{BulkTransaction, Database, DbError, Result, budget};

/// What became of a call that was left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abandoned {
    /// Nothing had left: it was given back, with what was put aside for it.
    GivenBack,
    /// It may have left: nobody knows what came of it, and it counts as having cost the most that it may have.
    Lost(MicroDollars),
    /// Somebody is at it again, or it has ended.
    Nothing,
}

/// Calls of the last week whose lease has been over for `patience`, of all teams.
///
/// # Errors
/// Any [`DbError`].
pub async fn left_behind(database: &Database, patience: Duration) -> Result<Vec<(TeamId, ProviderCallId)>> {
    let query = sqlx::query_as::<_, (Uuid, Uuid)>(
        "SELECT team_id, call_id FROM calls_left_behind($1 * interval '1 microsecond')",
    );
    let micros = i64::try_from(patience.as_micros()).unwrap_or(i64::MAX);
    let rows = query.bind(micros).fetch_all(database.pool()).await?;
    Ok(rows
        .into_iter()
        .map(|(team, call)| (TeamId::from_uuid(team), ProviderCallId::from_uuid(call)))
        .collect())
}

/// Ends a call whose lease is over, as [`super::claim()`] does where somebody comes to ask the same; and its money.
///
/// # Errors
/// Any [`DbError`].
pub async fn abandon(tx: &mut BulkTransaction, call: ProviderCallId) -> Result<Abandoned> {
    let query = sqlx::query_as::<_, (String, i64)>(
        "UPDATE provider_calls SET state = CASE state WHEN 'claimed' THEN 'released' ELSE 'unknown' END, verdict = 'lost', \
                settled_micros = CASE state WHEN 'claimed' THEN 0 ELSE reserved_micros END, answered_at = clock_timestamp() \
          WHERE team_id = $1 AND id = $2 AND state IN ('claimed', 'in_flight') AND superseded_at IS NULL \
            AND lease_until < clock_timestamp() RETURNING state, settled_micros",
    );
    let Some((state, micros)) = tx.first(query.bind(tx.team_id().uuid()).bind(call.uuid())).await? else {
        return Ok(Abandoned::Nothing);
    };
    let state: CallState =
        state.parse().map_err(|error| DbError::unreadable("provider_calls.state", error))?;
    if state == CallState::Released {
        budget::release(tx, call).await?;
        return Ok(Abandoned::GivenBack);
    }
    let most = MicroDollars::new(micros);
    budget::settle(tx, call, most).await?;
    Ok(Abandoned::Lost(most))
}
