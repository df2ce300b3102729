//! Vendors' accounts, as all teams and workers see them: whether they may be called at all, and whether calls have been
//! failing. No team owns them and nothing in them is about anybody.

mod breaker;

use chrono::{DateTime, Utc};
use domain::named_enum;
use serde_json::json;

use crate::alert::{self, NewAlert};
use crate::from_row::from_row;
use crate::{BulkTransaction, Database, DbError, Result};

pub use breaker::{Breaker, Gate, failed, gate, succeeded, take_if_open};

named_enum! {
    /// Whether an account may be used.
    AccountState {
        /// It may.
        Active = "active",
        /// Not before a person has seen to it.
        Paused = "paused",
    }
}

named_enum! {
    /// What calls of late were like.
    Circuit {
        /// They are answered.
        Closed = "closed",
        /// They failed, one after the other; nobody calls for a while.
        Open = "open",
        /// One calls, to see.
        HalfOpen = "half_open",
    }
}

/// A vendor's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderAccount {
    /// The vendor, by its word.
    pub provider: String,
    /// Whether it may be used.
    pub state: AccountState,
    /// Why it may not.
    pub reason: Option<String>,
    /// Since when its state is so.
    pub since: DateTime<Utc>,
    /// What calls of late were like.
    pub circuit: Circuit,
    /// How many calls failed since one was answered.
    pub consecutive_failures: i32,
    /// Until when nobody calls; half open: until when the one who does has to have told.
    pub open_until: Option<DateTime<Utc>>,
}

struct Row {
    provider: String,
    state: String,
    reason: Option<String>,
    since: DateTime<Utc>,
    circuit: String,
    consecutive_failures: i32,
    open_until: Option<DateTime<Utc>>,
}
from_row!(Row { provider, state, reason, since, circuit, consecutive_failures, open_until });

impl TryFrom<Row> for ProviderAccount {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable = |error| DbError::unreadable("provider_accounts", error);
        Ok(Self {
            provider: row.provider,
            state: row.state.parse().map_err(unreadable)?,
            reason: row.reason,
            since: row.since,
            circuit: row.circuit.parse().map_err(unreadable)?,
            consecutive_failures: row.consecutive_failures,
            open_until: row.open_until,
        })
    }
}

const LIST: &str = "
SELECT provider, state, reason, since, circuit, consecutive_failures, open_until FROM provider_accounts ORDER BY provider";

/// All accounts that anything is known of, by provider. One that is missing is active and closed.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(tx: &mut BulkTransaction) -> Result<Vec<ProviderAccount>> {
    let rows: Vec<Row> = tx.all(sqlx::query_as(LIST)).await?;
    rows.into_iter().map(ProviderAccount::try_from).collect()
}

/// Pauses an account for everybody, with a reason without personal data. Only the first one to do so alerts, in its own
/// team. Answers whether this was the first.
///
/// # Errors
/// Any [`DbError`].
pub async fn pause(tx: &mut BulkTransaction, provider: &str, reason: &str) -> Result<bool> {
    let query = sqlx::query_as(
        "INSERT INTO provider_accounts AS a (provider, state, reason) VALUES ($1, 'paused', $2) \
         ON CONFLICT (provider) DO UPDATE SET state = 'paused', reason = excluded.reason, since = clock_timestamp(), \
                updated_at = clock_timestamp() WHERE a.state = 'active' RETURNING since",
    );
    let Some((since,)) = tx.first::<(DateTime<Utc>,)>(query.bind(provider).bind(reason)).await? else {
        return Ok(false);
    };
    let detail = json!({ "provider": provider, "reason": reason, "since": since });
    let dedup_key = format!("provider:{provider}:{}", since.timestamp_micros());
    alert::raise(
        tx,
        NewAlert { kind: "provider.paused", subject: provider, detail: &detail, dedup_key: &dedup_key },
    )
    .await?;
    Ok(true)
}

/// Lets an account be used again, its circuit closed. Answers whether it was paused. The account is everybody's, so this is for
/// the operator of the installation, on a [`Database::admin`] connection: the application's own role may not.
///
/// # Errors
/// [`DbError::RowSecurity`] as the application; any other [`DbError`].
pub async fn resume(admin: &Database, provider: &str) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE provider_accounts SET state = 'active', reason = NULL, since = clock_timestamp(), circuit = 'closed', \
                consecutive_failures = 0, open_until = NULL, updated_at = clock_timestamp() \
          WHERE provider = $1 AND state = 'paused'",
    );
    Ok(query.bind(provider).execute(admin.pool()).await?.rows_affected() > 0)
}

/// As [`list`], for the operator of the installation, who is in no team.
///
/// # Errors
/// Any [`DbError`].
pub async fn list_all(admin: &Database) -> Result<Vec<ProviderAccount>> {
    let rows: Vec<Row> = sqlx::query_as(LIST).fetch_all(admin.pool()).await?;
    rows.into_iter().map(ProviderAccount::try_from).collect()
}
