//! What a team's calls of a vendor were like.

use domain::id::TypedId;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// The calls of one vendor.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderStats {
    /// The vendor, by its word.
    pub provider: String,
    /// Calls that were answered.
    pub answered: i64,
    /// Of those, how many found somebody.
    pub matched: i64,
    /// Calls of which nobody knows what came.
    pub unknown: i64,
    /// Calls that are under way.
    pub open: i64,
    /// What they cost, in micro-dollars; of unknown ones the most they may have.
    pub spent_micros: i64,
    /// Half of them were answered within so many milliseconds; `None` without an answer.
    pub median_ms: Option<f64>,
    /// Of a hundred, 95 were.
    pub p95_ms: Option<f64>,
}
from_row!(ProviderStats { provider, answered, matched, unknown, open, spent_micros, median_ms, p95_ms });

impl ProviderStats {
    /// The share of answered calls that found somebody, 0 to 1; `None` without an answer.
    pub fn hit_rate(&self) -> Option<f64> {
        (self.answered > 0).then(|| self.matched as f64 / self.answered as f64)
    }
}

/// The team's calls of the last `days` days, by vendor.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn stats(tx: &mut BulkTransaction, days: i32) -> Result<Vec<ProviderStats>> {
    let query = sqlx::query_as(
        "SELECT provider, count(*) FILTER (WHERE hit IS NOT NULL) AS answered, count(*) FILTER (WHERE hit) AS matched, \
                count(*) FILTER (WHERE state = 'unknown') AS unknown, \
                count(*) FILTER (WHERE state IN ('claimed', 'in_flight')) AS open, \
                coalesce(sum(settled_micros), 0)::bigint AS spent_micros, \
                percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE hit IS NOT NULL) AS median_ms, \
                percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) FILTER (WHERE hit IS NOT NULL) AS p95_ms \
           FROM (SELECT provider, state, settled_micros, \
                        CASE WHEN state IN ('match', 'pending', 'ambiguous') THEN true WHEN state = 'no_match' THEN false END \
                        AS hit, extract(epoch FROM answered_at - sent_at)::float8 * 1000 AS ms \
                   FROM provider_calls WHERE team_id = $1 AND created_at > now() - $2 * interval '1 day') c \
          GROUP BY provider ORDER BY provider",
    );
    let team = tx.team_id().uuid();
    tx.all(query.bind(team).bind(days)).await
}
