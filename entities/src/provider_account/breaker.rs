//! The circuit of an account: after some failures in a row nobody calls for a while, then one does, to see.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::enrichment::RateLimit;
use domain::id::TeamId;

use super::{AccountState, Circuit};
use crate::from_row::from_row;
use crate::rate_limit::{Bucket, Draws, Taken};
use crate::{BulkTransaction, Database, DbError, Result};

/// When a circuit opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// After how many failures in a row.
    pub failures: i32,
    /// How long nobody calls then.
    pub open_for: Duration,
    /// How long the one who calls to see has to tell, before another one does.
    pub probe_for: Duration,
}

impl Default for Breaker {
    /// Three failures, half a minute, a minute.
    fn default() -> Self {
        Self { failures: 3, open_for: Duration::from_secs(30), probe_for: Duration::from_secs(60) }
    }
}

/// Whether a call may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// It may, and whoever was told so is the only one: tell [`succeeded`] or [`failed`] whatever comes of it.
    Probe,
    /// Not before then.
    Circuit {
        /// When the circuit lets somebody try.
        until: DateTime<Utc>,
    },
    /// Not before a person has seen to it.
    Paused {
        /// Why.
        reason: String,
        /// Since when.
        since: DateTime<Utc>,
    },
}

struct Row {
    state: String,
    reason: Option<String>,
    since: DateTime<Utc>,
    circuit: String,
    open_until: Option<DateTime<Utc>>,
    due: bool,
}
from_row!(Row { state, reason, since, circuit, open_until, due });

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Draws from buckets where the account is simply open, and answers what became of it; `None` where it is not, and [`gate`] says
/// more. One question to the database, a transaction of its own.
///
/// # Errors
/// As [`crate::rate_limit::take_all`].
pub async fn take_if_open(
    database: &Database,
    team: TeamId,
    provider: &str,
    buckets: &[(Bucket, RateLimit)],
) -> Result<Option<Taken>> {
    let query = sqlx::query_as(
        "SELECT CASE WHEN coalesce(a.state = 'active' AND a.circuit = 'closed', true) \
                     THEN draw_tokens($2, $3, $4, $5, $6) END \
           FROM (SELECT $1::text AS provider) asked LEFT JOIN provider_accounts a USING (provider)",
    );
    let query = Draws::new(team, buckets).bind(query.bind(provider));
    let (told,): (Option<i64>,) = query.fetch_one(database.pool()).await?;
    Ok(told.map(Taken::told))
}

/// Whether the account may be called now. Of all who ask when an open circuit's time is over, one is the [`Gate::Probe`].
/// Commit before calling, or nobody else knows.
///
/// # Errors
/// Any [`DbError`].
pub async fn gate(tx: &mut BulkTransaction, provider: &str, breaker: Breaker) -> Result<Gate> {
    let unreadable = |error| DbError::unreadable("provider_accounts", error);
    let query = sqlx::query_as(
        "SELECT state, reason, since, circuit, open_until, \
                circuit <> 'closed' AND open_until <= clock_timestamp() AS due FROM provider_accounts WHERE provider = $1",
    );
    let Some(row) = tx.first::<Row>(query.bind(provider)).await? else { return Ok(Gate::Open) };
    if row.state.parse::<AccountState>().map_err(unreadable)? == AccountState::Paused {
        return Ok(Gate::Paused { reason: row.reason.unwrap_or_default(), since: row.since });
    }
    if row.circuit.parse::<Circuit>().map_err(unreadable)? == Circuit::Closed {
        return Ok(Gate::Open);
    }
    if row.due {
        let query = sqlx::query(
            "UPDATE provider_accounts SET circuit = 'half_open', updated_at = clock_timestamp(), \
                    open_until = clock_timestamp() + $2 * interval '1 microsecond' \
              WHERE provider = $1 AND state = 'active' AND circuit <> 'closed' AND open_until <= clock_timestamp()",
        );
        if tx.run(query.bind(provider).bind(micros(breaker.probe_for))).await? > 0 {
            return Ok(Gate::Probe);
        }
    }
    // Somebody else took the probe since: at the latest then it is over.
    let until = if row.due { None } else { row.open_until };
    let probe_for = chrono::TimeDelta::from_std(breaker.probe_for).unwrap_or_default();
    Ok(Gate::Circuit { until: until.unwrap_or_else(|| Utc::now() + probe_for) })
}

/// The vendor answered: what failed before is forgotten and the circuit closes. Writes nothing where there is nothing to
/// forget.
///
/// # Errors
/// Any [`DbError`].
pub async fn succeeded(tx: &mut BulkTransaction, provider: &str) -> Result<()> {
    let query = sqlx::query(
        "UPDATE provider_accounts SET circuit = 'closed', consecutive_failures = 0, open_until = NULL, \
                updated_at = clock_timestamp() \
          WHERE provider = $1 AND (circuit <> 'closed' OR consecutive_failures > 0)",
    );
    tx.run(query.bind(provider)).await?;
    Ok(())
}

/// A call failed, in a way that says something of the vendor and nothing of the request. Answers whether the circuit is
/// open now. Calls that were under way when it opened and fail too do not keep it open longer.
///
/// # Errors
/// Any [`DbError`].
pub async fn failed(tx: &mut BulkTransaction, provider: &str, breaker: Breaker) -> Result<bool> {
    let query = sqlx::query_as(
        "INSERT INTO provider_accounts AS a (provider, consecutive_failures, circuit, open_until) \
         VALUES ($1, 1, CASE WHEN $2 <= 1 THEN 'open' ELSE 'closed' END, \
                 CASE WHEN $2 <= 1 THEN clock_timestamp() + $3 * interval '1 microsecond' END) \
         ON CONFLICT (provider) DO UPDATE SET consecutive_failures = a.consecutive_failures + 1, \
                circuit = CASE WHEN a.circuit <> 'closed' OR a.consecutive_failures + 1 >= $2 THEN 'open' ELSE 'closed' END, \
                open_until = CASE WHEN a.circuit = 'open' THEN a.open_until \
                                  WHEN a.circuit = 'half_open' OR a.consecutive_failures + 1 >= $2 \
                                  THEN clock_timestamp() + $3 * interval '1 microsecond' END, \
                updated_at = clock_timestamp() \
         RETURNING circuit = 'open'",
    );
    let query = query.bind(provider).bind(breaker.failures).bind(micros(breaker.open_for));
    Ok(tx.first::<(bool,)>(query).await?.is_some_and(|(open,)| open))
}
