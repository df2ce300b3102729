//! Versions of the gate's rules that whoever runs the system has loaded. They are everybody's.

use chrono::{DateTime, Utc};
use domain::id::{RuleSetId, TypedId};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{Database, DbError, Result, fresh_id};

/// A version, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRules {
    /// Its name.
    pub version: String,
    /// From when on it holds.
    pub effective_from: DateTime<Utc>,
    /// Who wrote it, and after what.
    pub source: String,
    /// When it was loaded.
    pub created_at: DateTime<Utc>,
}
from_row!(StoredRules { version, effective_from, source, created_at });

/// Loads a version. Connect as the owner ([`Database::admin`]): the rules hold for every team. A version is never changed.
///
/// # Errors
/// [`DbError::Conflict`] with `rule_sets_version_key` where there is one of this name.
pub async fn load(
    admin: &Database,
    version: &str,
    effective_from: DateTime<Utc>,
    body: &Value,
    source: &str,
) -> Result<RuleSetId> {
    let id: RuleSetId = fresh_id();
    sqlx::query(
        "INSERT INTO rule_sets (id, version, effective_from, body, source) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id.uuid())
    .bind(version)
    .bind(effective_from)
    .bind(Json(body))
    .bind(source)
    .execute(admin.pool())
    .await?;
    Ok(id)
}

/// All versions that were loaded, the one that holds last first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(database: &Database) -> Result<Vec<StoredRules>> {
    let query = sqlx::query_as(
        "SELECT version, effective_from, source, created_at FROM rule_sets ORDER BY effective_from DESC, id DESC LIMIT 1000",
    );
    Ok(query.fetch_all(database.pool()).await?)
}

/// What a version says.
///
/// # Errors
/// [`DbError::NotFound`] where there is none of this name.
pub async fn body(database: &Database, version: &str) -> Result<Value> {
    let row: Option<(Value,)> = sqlx::query_as("SELECT body FROM rule_sets WHERE version = $1")
        .bind(version)
        .fetch_optional(database.pool())
        .await?;
    row.map(|(body,)| body).ok_or_else(|| DbError::not_found("rule set", version))
}

/// The id of a version.
///
/// # Errors
/// [`DbError::NotFound`] where there is none of this name.
pub async fn id(database: &Database, version: &str) -> Result<RuleSetId> {
    let row: Option<(Uuid,)> = sqlx::query_as("SELECT id FROM rule_sets WHERE version = $1")
        .bind(version)
        .fetch_optional(database.pool())
        .await?;
    row.map(|(id,)| RuleSetId::from_uuid(id)).ok_or_else(|| DbError::not_found("rule set", version))
}
