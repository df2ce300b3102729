//! What a team has in each sector bucket, counted anew for the buckets a file touched.

use domain::id::{DataSourceId, TypedId};

use super::blocks::id_range;
use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// How many leads the file brought to one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketCount {
    /// `domain::sector`'s number of the subsector.
    pub subsector: i16,
    /// Two letters; `None` where no state is known.
    pub state: Option<String>,
    /// Leads.
    pub leads: i64,
}
from_row!(BucketCount { subsector, state, leads });

/// The file's leads by bucket.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn brought(tx: &mut BulkTransaction, source: DataSourceId) -> Result<Vec<BucketCount>> {
    let (first, last) = id_range(source);
    let team = tx.team_id().uuid();
    tx.all(
        sqlx::query_as(
            "SELECT subsector, state, count(*) AS leads FROM leads \
              WHERE team_id = $1 AND id BETWEEN $2 AND $3 AND subsector IS NOT NULL \
              GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .bind(team)
        .bind(first)
        .bind(last),
    )
    .await
}

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
            "INSERT INTO sector_buckets (team_id, bucket_id, leads, index_key, stale) \
             SELECT $1, b.*, true FROM unnest($2::text[], $3::bigint[], $4::text[]) b ORDER BY 2 \
             ON CONFLICT (team_id, bucket_id) DO UPDATE \
                SET leads = sector_buckets.leads + excluded.leads, stale = true, updated_at = now()",
        )
        .bind(team)
        .bind(bucket_ids)
        .bind(leads)
        .bind(index_keys),
    )
    .await?;
    Ok(())
}
