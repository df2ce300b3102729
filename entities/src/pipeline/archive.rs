//! The end of a file: its normalized rows as CSV, its counts, its completion.

use domain::id::TypedId;
use futures::Stream;
use futures::stream::StreamExt;
use serde_json::Value;
use sqlx::types::Json;

use super::staging::Staging;
use crate::{BulkTransaction, DbError, Result};

/// The file's normalized rows as CSV with a header line, in the order of the file.
///
/// # Errors
/// Any [`DbError`], at once or as an item.
pub async fn normalized_csv<'a>(
    tx: &'a mut BulkTransaction,
    staging: &Staging,
) -> Result<impl Stream<Item = Result<bytes::Bytes>> + 'a> {
    let copy = format!(
        "COPY (SELECT row_no, line_no, vendor_record_id, company_display AS company, company AS company_normalized, \
         dba, given_name, middle_name, family_name, name_suffix, title, seniority, email, email_class, phone, \
         phone_extension, phone_2, street, unit, city, state, zip5, zip4, county, time_zone, website, \
         employees_min, employees_max, revenue_min, revenue_max, revenue_tier, sic_delivered, sic4, \
         sic_description, year_founded, extras FROM {}) TO STDOUT (FORMAT csv, HEADER)",
        staging.normalized()
    );
    let stream = tx.connection().copy_out_raw(&copy).await?;
    Ok(stream.map(|chunk| chunk.map_err(DbError::from)))
}

/// What the list had, for the person who uploaded it: how many rows could be reached how, and where they are.
///
/// # Errors
/// Any [`DbError`].
pub async fn stats(tx: &mut BulkTransaction, staging: &Staging) -> Result<Value> {
    let sql = staging.sql(
        tx,
        "WITH places AS MATERIALIZED (
             SELECT state, county, city, count(*) AS n, count(phone) AS with_phone, count(email) AS with_email,
                    count(street) AS with_address,
                    count(*) FILTER (WHERE phone IS NULL AND email IS NULL) AS needs_skip_trace
               FROM {normalized} GROUP BY 1, 2, 3)
         SELECT jsonb_build_object(
             'total', coalesce(sum(n), 0), 'with_phone', coalesce(sum(with_phone), 0),
             'with_email', coalesce(sum(with_email), 0), 'with_address', coalesce(sum(with_address), 0),
             'needs_skip_trace', coalesce(sum(needs_skip_trace), 0),
             'states', (SELECT coalesce(jsonb_object_agg(state, c), '{}') FROM
                 (SELECT state, sum(n) AS c FROM places WHERE state IS NOT NULL GROUP BY 1) s),
             'counties', (SELECT count(DISTINCT (state, county)) FROM places WHERE county IS NOT NULL),
             'cities', (SELECT count(DISTINCT (state, city)) FROM places WHERE city IS NOT NULL))
           FROM places",
    );
    let row: Option<(Json<Value>,)> = tx.first(sqlx::query_as(sql)).await?;
    Ok(row.map(|(Json(stats),)| stats).unwrap_or_default())
}

/// The counts of a completed file.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Rows of the file that are not blank.
    pub rows_read: i64,
    /// Rows set aside.
    pub rows_rejected: i64,
    /// Rows that landed on a lead of this file or an earlier one.
    pub duplicates: i64,
    /// Leads created.
    pub leads: i64,
    /// Businesses not known before.
    pub businesses: i64,
    /// People not known before.
    pub personas: i64,
    /// Leads that probably decide.
    pub decision_makers: i64,
    /// Blocks made.
    pub blocks: i64,
    /// See [`stats`].
    pub stats: Value,
    /// Where the archive is.
    pub archive_key: String,
}

/// Completes the file.
///
/// # Errors
/// Any [`DbError`].
pub async fn complete(tx: &mut BulkTransaction, staging: &Staging, outcome: &Outcome) -> Result<u64> {
    tx.run(
        sqlx::query(
            "UPDATE data_sources SET status = 'completed', rows_read = $2, rows_rejected = $3, duplicates = $4, \
             leads = $5, businesses = $6, personas = $7, decision_makers = $8, blocks = $9, stats = $10, \
             archive_key = $11, completed_at = now(), updated_at = now() \
             WHERE id = $1 AND status = 'processing'",
        )
        .bind(staging.source().uuid())
        .bind(outcome.rows_read)
        .bind(outcome.rows_rejected)
        .bind(outcome.duplicates)
        .bind(outcome.leads)
        .bind(outcome.businesses)
        .bind(outcome.personas)
        .bind(outcome.decision_makers)
        .bind(outcome.blocks)
        .bind(Json(&outcome.stats))
        .bind(&outcome.archive_key),
    )
    .await
}
