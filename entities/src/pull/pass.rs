//! One way through a list, from its first page to its end or to something known; several pulls may share it.
//!
//! A pull that was stopped, had enough or failed leaves its way unfinished, and the next pull of the question goes on where
//! it was left. Records that are added meanwhile shift the rest down, so ids that came earlier on the same way come again
//! and mean nothing; ids of a way that was finished mean that the rest is known. What was added is on top, for the next way.

use chrono::{DateTime, Utc};
use domain::enrichment::QuerySignature;
use domain::id::TypedId;

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// How far the way through a list is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pass {
    /// When the last way through it was finished; `None` where none was.
    pub after: Option<DateTime<Utc>>,
    /// Pages fetched since.
    pub pages: i64,
    /// Records in them: so many are to be skipped.
    pub records: i64,
}
from_row!(Pass { after, pages, records });

const PASS: &str = "
SELECT f.after, count(e.id) AS pages, coalesce(sum(cardinality(e.seen_vendor_ids)), 0)::bigint AS records
  FROM (SELECT max(p.ended_at) AS after FROM pulls p
         WHERE p.team_id = $1 AND p.source = $2 AND p.query_sig = $3 AND p.ended_by IN ('known', 'end')) f
  LEFT JOIN lead_source_events e ON e.team_id = $1 AND e.source = $2 AND e.query_sig = $3
                                AND e.created_at > coalesce(f.after, '-infinity')
 GROUP BY f.after";

/// How far the way through the list is that is under way, or would begin now.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn pass(tx: &mut BulkTransaction, source: &str, sig: &QuerySignature) -> Result<Pass> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as(PASS).bind(team).bind(source).bind(sig.as_str());
    Ok(tx.first(query).await?.unwrap_or_default())
}

/// Whether any of the vendor's ids came on a way through the list that was finished at `after` or before: the rest is known
/// then. Where the pages of no way are unfinished it is [`super::seen`].
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn known(
    tx: &mut BulkTransaction,
    source: &str,
    sig: &QuerySignature,
    vendor_ids: &[String],
    after: DateTime<Utc>,
) -> Result<bool> {
    let query = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM lead_source_events e WHERE e.team_id = $1 AND e.source = $2 AND e.query_sig = $3 \
                           AND e.seen_vendor_ids && $4 AND e.created_at <= $5)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(source).bind(sig.as_str()).bind(vendor_ids).bind(after);
    Ok(tx.first::<(bool,)>(query).await?.is_some_and(|(known,)| known))
}

/// Puts the bookmark back before the first page: a way that was finished is begun anew.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn rewind(tx: &mut BulkTransaction, source: &str, sig: &QuerySignature) -> Result<()> {
    let query = sqlx::query(
        "UPDATE source_bookmarks SET last_page_fetched = 0, updated_at = clock_timestamp() \
          WHERE team_id = $1 AND source = $2 AND query_sig = $3 AND last_page_fetched > 0",
    );
    let team = tx.team_id().uuid();
    tx.run(query.bind(team).bind(source).bind(sig.as_str())).await?;
    Ok(())
}
