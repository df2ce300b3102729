//! What a team has in each sector bucket, counted anew for the buckets a file touched.

use chrono::{DateTime, Utc};
use domain::id::{TeamId, TypedId};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Database, Result};

/// Adds `leads` to the team's `bucket_ids` (parallel slices) and marks them for a new index. `index_keys` says
/// where each bucket's index lives.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn add(
    tx: &mut BulkTransaction,
    bucket_ids: &[String],
    leads: &[i64],
    index_keys: &[String],
) -> Result<()> {
    let team = tx.team_id().uuid();
    tx.run(
        sqlx::query(
            "INSERT INTO sector_buckets (team_id, bucket_id, leads, index_key) \
             SELECT $1, b.* FROM unnest($2::text[], $3::bigint[], $4::text[]) b ORDER BY 2 \
             ON CONFLICT (team_id, bucket_id) DO UPDATE \
                SET leads = sector_buckets.leads + excluded.leads, updated_at = now(), \
                    stale_since = coalesce(sector_buckets.stale_since, now())",
        )
        .bind(team)
        .bind(bucket_ids)
        .bind(leads)
        .bind(index_keys),
    )
    .await?;
    Ok(())
}

/// A bucket whose index is older than its leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleBucket {
    /// The team.
    pub team: TeamId,
    /// `{state|us}-{sector}-{subsector}`.
    pub bucket_id: String,
    /// Where its index lives.
    pub index_key: String,
}

/// Buckets of all teams whose index is to be written anew, the longest waiting first; 2,000 at the most. Those of a
/// team that is importing wait until it is done, two minutes at the most.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn stale(database: &Database) -> Result<Vec<StaleBucket>> {
    let rows: Vec<(Uuid, String, String)> =
        sqlx::query_as("SELECT team_id, bucket_id, index_key FROM stale_buckets()")
            .fetch_all(database.pool())
            .await?;
    Ok(rows
        .into_iter()
        .map(|(team, bucket_id, index_key)| StaleBucket {
            team: TeamId::from_uuid(team),
            bucket_id,
            index_key,
        })
        .collect())
}

/// Marks buckets as having an index as young as their leads. Do it in the transaction that counts them, before
/// counting: what comes later marks them stale again.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn mark_fresh(tx: &mut BulkTransaction, bucket_ids: &[String]) -> Result<()> {
    let query = sqlx::query("UPDATE sector_buckets SET stale_since = NULL WHERE bucket_id = ANY($1)");
    tx.run(query.bind(bucket_ids)).await?;
    Ok(())
}

/// One line of a bucket's counts: so many leads have this value of one dimension, the others being `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexCount {
    /// `domain::sector`'s number of the subsector.
    pub subsector: i16,
    /// Two letters; `None` where no state is known.
    pub state: Option<String>,
    /// What is counted: `total`, `county`, `city`, `sic4` or `source`.
    pub dimension: String,
    /// The dimension's value; `None` for `total` and where it is not known.
    pub value: Option<String>,
    /// Leads.
    pub leads: i64,
    /// Those of them that enrichment has answered for.
    pub enriched: i64,
    /// Those with a phone.
    pub with_phone: i64,
    /// Those with an e-mail address.
    pub with_email: i64,
    /// Those with neither.
    pub needs_skip_trace: i64,
}
from_row!(IndexCount {
    subsector,
    state,
    dimension,
    value,
    leads,
    enriched,
    with_phone,
    with_email,
    needs_skip_trace
});

/// Counts the leads of the buckets (parallel slices of subsector and state, `''` for no state) by every dimension
/// of their index, in one pass over the team's leads.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn index_counts(
    tx: &mut BulkTransaction,
    subsectors: &[i16],
    states: &[String],
) -> Result<Vec<IndexCount>> {
    let team = tx.team_id().uuid();
    tx.all(
        sqlx::query_as(
            "SELECT l.subsector, l.state, \
                    CASE WHEN grouping(l.county) = 0 THEN 'county' WHEN grouping(l.city) = 0 THEN 'city' \
                         WHEN grouping(l.sic4) = 0 THEN 'sic4' WHEN grouping(l.data_source_id) = 0 THEN 'source' \
                         ELSE 'total' END AS dimension, \
                    coalesce(l.county, l.city, l.sic4, l.data_source_id::text) AS value, \
                    count(*) AS leads, count(*) FILTER (WHERE l.enrichment_status = 'answered') AS enriched, \
                    count(l.phone) AS with_phone, count(l.email) AS with_email, \
                    count(*) FILTER (WHERE l.phone IS NULL AND l.email IS NULL) AS needs_skip_trace \
               FROM leads l JOIN unnest($2::smallint[], $3::text[]) b (subsector, state) \
                    ON b.subsector = l.subsector AND b.state = coalesce(l.state, '') \
              WHERE l.team_id = $1 \
              GROUP BY GROUPING SETS ((l.subsector, l.state), (l.subsector, l.state, l.county), \
                       (l.subsector, l.state, l.city), (l.subsector, l.state, l.sic4), \
                       (l.subsector, l.state, l.data_source_id))",
        )
        .bind(team)
        .bind(subsectors)
        .bind(states),
    )
    .await
}

/// What an index says of a file beside its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedFile {
    /// The file.
    pub id: Uuid,
    /// What it was called.
    pub original_name: String,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}
from_row!(IndexedFile { id, original_name, created_at });

/// The team's files.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn files(tx: &mut BulkTransaction) -> Result<Vec<IndexedFile>> {
    tx.all(sqlx::query_as("SELECT id, original_name, created_at FROM data_sources")).await
}
