//! How often vendors are called, across all workers and restarts: token buckets in the database.
//!
//! A bucket is one timestamp, the time at which it will be full again. Drawing moves it on; a draw that would move it
//! further ahead than the bucket is deep is refused, with the time to wait. One statement does it, under the lock of the
//! row, by the database's clock, so that workers with other clocks count as one.

use std::time::Duration;

use domain::enrichment::RateLimit;
use domain::id::{TeamId, TypedId};
use sqlx::AssertSqlSafe;

use crate::{BulkTransaction, Database, Result};

/// Whose calls are counted together, under a name such as `apollo` or `apollo:people_match`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// The team's.
    Team(String),
    /// Everybody's, as the vendor's account counts them.
    Account(String),
}

/// What became of a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Go.
    Granted,
    /// Not now, but after this time it may well be.
    Wait(Duration),
}

/// `@table`, `@key`, `@value`; `@cost` and `@depth` in microseconds.
const TAKE: &str = "
INSERT INTO @table AS b (@key, full_at) VALUES (@value, clock_timestamp() + @cost * interval '1 microsecond')
ON CONFLICT (@key) DO UPDATE SET (full_at, told_to_wait) = (
    SELECT CASE WHEN w.wait <= interval '0' THEN greatest(b.full_at, c.now) + @cost * interval '1 microsecond'
                ELSE b.full_at END,
           greatest(w.wait, interval '0')
      FROM (SELECT clock_timestamp() AS now OFFSET 0) c
     CROSS JOIN LATERAL (SELECT greatest(
               greatest(b.full_at, c.now) + (@cost - @depth) * interval '1 microsecond' - c.now,
               b.blocked_until - c.now) AS wait) w)
RETURNING ceil(extract(epoch FROM told_to_wait) * 1000000)::bigint AS wait";

const BLOCK: &str = "
INSERT INTO @table AS b (@key, full_at, blocked_until)
VALUES (@value, clock_timestamp(), clock_timestamp() + @cost * interval '1 microsecond')
ON CONFLICT (@key) DO UPDATE SET blocked_until = greatest(b.blocked_until, excluded.blocked_until)";

impl Bucket {
    /// The name that it is stored under.
    fn name(&self) -> &str {
        match self {
            Self::Team(name) | Self::Account(name) => name,
        }
    }

    /// Fills in a template, whose parameters are those after the first `before`: name, cost, depth. The rest of it is our
    /// own text and the hex digits of an id.
    fn sql(&self, template: &str, team: TeamId, before: usize) -> String {
        let [name, cost, depth] = [1, 2, 3].map(|at| format!("${}", before + at));
        let (table, key, value) = match self {
            Self::Team(_) => ("rate_buckets", "team_id, bucket", format!("'{}', {name}", team.uuid())),
            Self::Account(_) => ("account_buckets", "bucket", name),
        };
        let filled = template.replace("@table", table).replace("@key", key).replace("@value", &value);
        filled.replace("@cost", &cost).replace("@depth", &depth)
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Draws from each bucket or from none of them, in a transaction of its own. Answers the longest wait.
///
/// # Errors
/// Any [`crate::DbError`]; a transient one may have drawn or not, and repeating it draws too much rather than too little.
pub async fn take_all(database: &Database, team: TeamId, buckets: &[(Bucket, RateLimit)]) -> Result<Taken> {
    let mut tx = database.team_unhurried(team).await?;
    let taken = take_each(&mut tx, buckets).await?;
    if taken == Taken::Granted {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(taken)
}

/// Draws from each bucket, as the last thing of a transaction: a bucket that is not there is made full, and all stay
/// locked to the transaction's end, so make it a short one, or use [`take_all`]. Commit where the answer is
/// [`Taken::Granted`], and roll back where it is not, or some of them are drawn from and others are not.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn take_each(tx: &mut BulkTransaction, buckets: &[(Bucket, RateLimit)]) -> Result<Taken> {
    let mut ordered: Vec<&(Bucket, RateLimit)> = buckets.iter().collect();
    // Locks are taken in one order by everybody: parts of a statement run in the order in which `greatest` wants them.
    ordered.sort_by(|a, b| a.0.cmp(&b.0));
    let (mut parts, mut waits) = (Vec::new(), Vec::new());
    for (at, (bucket, _)) in ordered.iter().enumerate() {
        parts.push(format!("b{at} AS ({})", bucket.sql(TAKE, tx.team_id(), at * 3)));
        waits.push(format!("(SELECT wait FROM b{at})"));
    }
    if parts.is_empty() {
        return Ok(Taken::Granted);
    }
    let sql = format!("WITH {} SELECT greatest({})", parts.join(", "), waits.join(", "));
    let mut query = sqlx::query_as(AssertSqlSafe(sql));
    for (bucket, limit) in ordered {
        let depth = micros(limit.interval() * limit.burst());
        query = query.bind(bucket.name()).bind(micros(limit.interval())).bind(depth);
    }
    // A bucket that was not there told nobody to wait.
    let told: Option<(Option<i64>,)> = tx.first(query).await?;
    Ok(match told {
        None | Some((None | Some(0),)) => Taken::Granted,
        Some((Some(wait),)) => Taken::Wait(Duration::from_micros(wait.unsigned_abs())),
    })
}

/// Lets nobody draw from the bucket for so long from now: what a vendor's `Retry-After` says. A longer block that is
/// there already stays.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn block(tx: &mut BulkTransaction, bucket: &Bucket, time: Duration) -> Result<()> {
    let sql = bucket.sql(BLOCK, tx.team_id(), 0);
    tx.run(sqlx::query(AssertSqlSafe(sql)).bind(bucket.name()).bind(micros(time))).await?;
    Ok(())
}
