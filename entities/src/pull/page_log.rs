//! Which pages of a vendor's list were fetched, and where to go on.

use domain::enrichment::QuerySignature;
use domain::id::{PullId, TypedId};

use crate::from_row::from_row;
use crate::{BulkTransaction, Result};

/// Where a question was left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bookmark {
    /// The last page that was fetched; 0 where none was. The next is one more.
    pub last_page_fetched: i32,
    /// The vendor's id of the last record that was seen.
    pub last_seen_vendor_id: Option<String>,
}
from_row!(Bookmark { last_page_fetched, last_seen_vendor_id });

/// Where this question was left, by whichever pull.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn bookmark(tx: &mut BulkTransaction, source: &str, sig: &QuerySignature) -> Result<Bookmark> {
    let query = sqlx::query_as(
        "SELECT last_page_fetched, last_seen_vendor_id FROM source_bookmarks \
          WHERE team_id = $1 AND source = $2 AND query_sig = $3",
    );
    let team = tx.team_id().uuid();
    Ok(tx.first(query.bind(team).bind(source).bind(sig.as_str())).await?.unwrap_or_default())
}

/// Whether any of the vendor's ids came with an earlier page of this question: then it is time to stop.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn seen(
    tx: &mut BulkTransaction,
    source: &str,
    sig: &QuerySignature,
    vendor_ids: &[String],
) -> Result<bool> {
    let query = sqlx::query_as("SELECT has_vendor_ids_been_seen($1, $2, $3)");
    let answer: Option<(bool,)> = tx.first(query.bind(source).bind(sig.as_str()).bind(vendor_ids)).await?;
    Ok(answer.is_some_and(|(seen,)| seen))
}

/// A page that was fetched and whose records are leads now.
#[derive(Debug, Clone, Copy)]
pub struct PulledPage<'a> {
    /// Its number.
    pub number: i32,
    /// The vendor's ids of its records, in its order.
    pub vendor_ids: &'a [String],
    /// How many leads it made.
    pub leads_new: i32,
    /// How many were known.
    pub leads_known: i32,
    /// Whether the bookmark moves on to it. Not where it was asked for again from the first page on.
    pub moves_bookmark: bool,
}

const LOG: &str = "
WITH logged AS (
    INSERT INTO lead_source_events (team_id, pull_id, source, query_sig, pull_params, page_number, seen_vendor_ids, first_id,
                                    last_id)
    SELECT p.team_id, p.id, p.source, p.query_sig, p.pull_params, $3, $4, ($4::text[])[1], ($4::text[])[cardinality($4)]
      FROM pulls p WHERE p.team_id = $1 AND p.id = $2
    ON CONFLICT ON CONSTRAINT lead_source_events_page DO NOTHING RETURNING source, query_sig, last_id),
marked AS (
    INSERT INTO source_bookmarks AS b (team_id, source, query_sig, last_page_fetched, last_seen_vendor_id)
    SELECT $1, source, query_sig, $3, last_id FROM logged WHERE $7
    ON CONFLICT (team_id, source, query_sig) DO UPDATE
       SET last_page_fetched = greatest(b.last_page_fetched, excluded.last_page_fetched),
           last_seen_vendor_id = coalesce(excluded.last_seen_vendor_id, b.last_seen_vendor_id),
           updated_at = clock_timestamp())
UPDATE pulls p SET pages = p.pages + 1, records = p.records + cardinality($4::text[]), leads_new = p.leads_new + $5,
                   leads_known = p.leads_known + $6
  FROM logged WHERE p.team_id = $1 AND p.id = $2";

/// Notes a page, moves the bookmark and counts: in the transaction that made its leads. Answers whether that was still to
/// be done; where it was not, roll the transaction back: an earlier attempt was through with the page.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn log_page(tx: &mut BulkTransaction, pull: PullId, page: PulledPage<'_>) -> Result<bool> {
    let query = sqlx::query(LOG)
        .bind(tx.team_id().uuid())
        .bind(pull.uuid())
        .bind(page.number)
        .bind(page.vendor_ids)
        .bind(page.leads_new)
        .bind(page.leads_known)
        .bind(page.moves_bookmark);
    Ok(tx.run(query).await? > 0)
}

/// Whether a page of this pull was fetched and its records are leads.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn is_logged(tx: &mut BulkTransaction, pull: PullId, number: i32) -> Result<bool> {
    let query = sqlx::query_as(
        "SELECT EXISTS (SELECT FROM lead_source_events WHERE team_id = $1 AND pull_id = $2 AND page_number = $3)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(pull.uuid()).bind(number);
    Ok(tx.first::<(bool,)>(query).await?.is_some_and(|(logged,)| logged))
}
