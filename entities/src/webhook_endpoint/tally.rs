//! How often endpoints of all teams took what they were told, for whoever watches the installation.
//!
//! Counted in the database, since those who tell are other processes than the one that is asked.

use domain::named_enum;

use crate::{BulkTransaction, Database, DbError, Result};

named_enum! {
    /// What became of an attempt to tell an endpoint something.
    TellOutcome {
        /// The endpoint took it.
        Told = "told",
        /// It did not, this time.
        Failed = "failed",
        /// The notice is not tried any more.
        GivenUp = "given_up",
    }
}

/// Counts. Everybody counts in the same three rows, so this is done last in a transaction.
pub(super) async fn count(tx: &mut BulkTransaction, outcome: TellOutcome, times: u64) -> Result<()> {
    if times == 0 {
        return Ok(());
    }
    let query = sqlx::query("UPDATE endpoint_tallies SET times = times + $2 WHERE outcome = $1");
    let times = i64::try_from(times).unwrap_or(i64::MAX);
    tx.run(query.bind(outcome.as_str()).bind(times)).await?;
    Ok(())
}

/// How often each has happened since the installation was made.
///
/// # Errors
/// Any [`DbError`].
pub async fn tallies(database: &Database) -> Result<Vec<(TellOutcome, u64)>> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT outcome, times FROM endpoint_tallies ORDER BY outcome")
            .fetch_all(database.pool())
            .await?;
    let read = |(outcome, times): (String, i64)| {
        let outcome = outcome.parse().map_err(|error| DbError::unreadable("endpoint_tallies", error))?;
        Ok((outcome, times.unsigned_abs()))
    };
    rows.into_iter().map(read).collect()
}
