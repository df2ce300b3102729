//! How often vendors are called, across all workers and restarts: token buckets in the database.
//!
//! A bucket is one timestamp, the time at which it will be full again. Drawing moves it on; a draw that would move it
//! further ahead than the bucket is deep is refused, with the time to wait. The SQL function `draw_tokens` does it for all
//! buckets of a call at once, under the locks of their rows and by the database's clock, so that workers with other clocks count
//! as one, and a call that holds its permit asks once.

use std::time::Duration;

use domain::enrichment::RateLimit;
use domain::id::{TeamId, TypedId};
use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use sqlx::{AssertSqlSafe, Postgres};

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

const BLOCK: &str = "
INSERT INTO @table AS b (@key, full_at, blocked_until)
VALUES (@value, clock_timestamp(), clock_timestamp() + $2 * interval '1 microsecond')
ON CONFLICT (@key) DO UPDATE SET blocked_until = greatest(b.blocked_until, excluded.blocked_until)";

impl Bucket {
    /// The name that it is stored under.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Team(name) | Self::Account(name) => name,
        }
    }

    fn is_everybodys(&self) -> bool {
        matches!(self, Self::Account(_))
    }

    /// Fills in a statement: `@table` that it is in, its `@key` there, and the `@value` of that, of which `$1` is its name. All of
    /// it is our own text and the hex digits of an id.
    pub(crate) fn sql(&self, template: &str, team: TeamId) -> AssertSqlSafe<String> {
        let (table, key, value) = match self {
            Self::Team(_) => ("rate_buckets", "team_id, bucket", format!("'{}', $1", team.uuid())),
            Self::Account(_) => ("account_buckets", "bucket", "$1".to_owned()),
        };
        AssertSqlSafe(template.replace("@table", table).replace("@key", key).replace("@value", &value))
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// The parameters of the SQL function `draw_tokens`, a list for each.
pub(crate) struct Draws<'a> {
    team: TeamId,
    shared: Vec<bool>,
    names: Vec<&'a str>,
    costs: Vec<i64>,
    depths: Vec<i64>,
}

impl<'a> Draws<'a> {
    /// Draws of one call from each bucket. Locks are taken in one order by everybody, what is everybody's last.
    pub(crate) fn new(team: TeamId, buckets: &'a [(Bucket, RateLimit)]) -> Self {
        let mut ordered: Vec<&(Bucket, RateLimit)> = buckets.iter().collect();
        ordered.sort_by(|a, b| a.0.cmp(&b.0));
        Self {
            team,
            shared: ordered.iter().map(|(bucket, _)| bucket.is_everybodys()).collect(),
            names: ordered.iter().map(|(bucket, _)| bucket.name()).collect(),
            costs: ordered.iter().map(|(_, limit)| micros(limit.interval())).collect(),
            depths: ordered.iter().map(|(_, limit)| micros(limit.interval() * limit.burst())).collect(),
        }
    }

    /// The next five parameters of a query.
    pub(crate) fn bind<O>(
        self,
        query: QueryAs<'a, Postgres, O, PgArguments>,
    ) -> QueryAs<'a, Postgres, O, PgArguments> {
        let query = query.bind(self.team.uuid()).bind(self.shared).bind(self.names);
        query.bind(self.costs).bind(self.depths)
    }
}

impl Taken {
    /// What `draw_tokens` answered.
    pub(crate) fn told(micros: i64) -> Self {
        match micros {
            0 => Self::Granted,
            wait => Self::Wait(Duration::from_micros(wait.unsigned_abs())),
        }
    }
}

const TAKE: &str = "SELECT draw_tokens($1, $2, $3, $4, $5)";

/// Draws from each bucket or from none of them, in a transaction of its own, for whose end the disk is not waited for. Answers
/// the longest wait.
///
/// # Errors
/// Any [`crate::DbError`]; a transient one may have drawn or not, and repeating it draws too much rather than too little.
pub async fn take_all(database: &Database, team: TeamId, buckets: &[(Bucket, RateLimit)]) -> Result<Taken> {
    let query = Draws::new(team, buckets).bind(sqlx::query_as(TAKE));
    let (told,): (i64,) = query.fetch_one(database.pool()).await?;
    Ok(Taken::told(told))
}

/// [`take_all`] as the last thing of a transaction, which the disk is not waited for any more: the buckets stay locked to its
/// end, so make it a short one.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn take_each(tx: &mut BulkTransaction, buckets: &[(Bucket, RateLimit)]) -> Result<Taken> {
    let query = Draws::new(tx.team_id(), buckets).bind(sqlx::query_as(TAKE));
    let (told,): (i64,) = query.fetch_one(tx.connection()).await?;
    Ok(Taken::told(told))
}

/// Lets nobody draw from the bucket for so long from now: what a vendor's `Retry-After` says. A longer block that is
/// there already stays.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn block(tx: &mut BulkTransaction, bucket: &Bucket, time: Duration) -> Result<()> {
    let query = sqlx::query(bucket.sql(BLOCK, tx.team_id()));
    tx.run(query.bind(bucket.name()).bind(micros(time))).await?;
    Ok(())
}
