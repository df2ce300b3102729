//! The file itself, as its import moves it from state to state.

use domain::FailureCode;
use domain::id::{DataSourceId, TypedId, UserId};
use serde_json::Value;
use sqlx::types::Json;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// Begins an attempt: the file is being worked on and has this `shape` (`intake::FileShape`).
///
/// # Errors
/// [`DbError::NotFound`] where the file is not waiting or under way: it has ended meanwhile.
pub async fn begin(tx: &mut BulkTransaction, source: DataSourceId, shape: &Value) -> Result<()> {
    let query = sqlx::query(
        "UPDATE data_sources SET status = 'processing', shape = $2, started_at = coalesce(started_at, now()), \
         updated_at = now() WHERE id = $1 AND status IN ('uploaded', 'processing')",
    );
    let changed = tx.run(query.bind(source.uuid()).bind(Json(shape))).await?;
    one(changed, source)
}

/// Ends an attempt that did not complete, as `status` (`failed` or `cancelled`), with why and what to do. A
/// repetition changes nothing.
///
/// # Errors
/// Any [`DbError`].
pub async fn end(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    status: &str,
    code: FailureCode,
    detail: &str,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE data_sources SET status = $2, failure_code = $3, failure_detail = $4, completed_at = now(), \
         updated_at = now() WHERE id = $1 AND status IN ('uploaded', 'processing')",
    );
    tx.run(query.bind(source.uuid()).bind(status).bind(code.as_str()).bind(detail)).await?;
    Ok(())
}

/// Marks a completed file as taken back and notes in the audit log who wanted it and what it came to.
///
/// # Errors
/// [`DbError::NotFound`] where the file is not completed.
pub async fn undone(
    tx: &mut BulkTransaction,
    source: DataSourceId,
    user: Option<UserId>,
    details: &Value,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE data_sources SET status = 'undone', updated_at = now() WHERE id = $1 AND status = 'completed'",
    );
    let changed = tx.run(query.bind(source.uuid())).await?;
    one(changed, source)?;
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "INSERT INTO audit_log (id, team_id, user_id, action, subject, details) \
         VALUES ($1, $2, $3, 'upload.undone', $4, $5)",
    );
    let id = fresh_id::<domain::id::AuditId>().uuid();
    let user = user.map(TypedId::uuid);
    tx.run(query.bind(id).bind(team).bind(user).bind(source.to_string()).bind(Json(details))).await?;
    Ok(())
}

/// What the stages of a file came to, added up from their checkpoints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Rows of the file that are not blank.
    pub rows_read: i64,
    /// Rows set aside.
    pub rows_rejected: i64,
    /// Businesses not known before.
    pub businesses: i64,
    /// People not known before.
    pub personas: i64,
    /// Leads created.
    pub leads: i64,
    /// Leads that probably decide.
    pub decision_makers: i64,
    /// Blocks made.
    pub blocks: i64,
}
from_row!(Sums { rows_read, rows_rejected, businesses, personas, leads, decision_makers, blocks });

/// Adds up what is written down; what was folded into others after it was made is counted off.
///
/// # Errors
/// Any [`DbError`].
pub async fn sums(tx: &mut BulkTransaction, source: DataSourceId) -> Result<Sums> {
    let query = sqlx::query_as(
        "SELECT coalesce(sum(rows) FILTER (WHERE stage = 'stream_chunk'), 0)::bigint AS rows_read, \
                (SELECT count(*) FROM rejected_rows WHERE data_source_id = $1) AS rows_rejected, \
                coalesce(sum((output->>'businesses')::bigint) FILTER (WHERE (stage = 'resolve' AND chunk > 0) \
                         OR stage = 'prepare_leads'), \
                         0)::bigint AS businesses, \
                coalesce(sum((output->>'personas')::bigint) FILTER (WHERE (stage = 'resolve' AND chunk > 0) \
                         OR stage = 'prepare_leads'), \
                         0)::bigint AS personas, \
                coalesce(sum((output->>'leads')::bigint) FILTER (WHERE stage = 'prepare_leads'), 0)::bigint \
                    AS leads, \
                coalesce(sum((output->>'decision_makers')::bigint) FILTER (WHERE stage = 'prepare_leads'), \
                         0)::bigint AS decision_makers, \
                coalesce(sum((output->>'blocks')::bigint) FILTER (WHERE stage = 'stage_blocks'), 0)::bigint \
                    AS blocks \
           FROM stage_runs WHERE data_source_id = $1",
    );
    Ok(tx.first(query.bind(source.uuid())).await?.unwrap_or_default())
}

fn one(changed: u64, source: DataSourceId) -> Result<()> {
    if changed == 1 {
        return Ok(());
    }
    Err(DbError::NotFound { what: "upload in a state that allows this", id: source.to_string() })
}
