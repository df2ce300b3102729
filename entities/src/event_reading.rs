//! How far vendors' own records of events were read, and whose an event is that no webhook brought.

use chrono::{DateTime, Utc};
use domain::id::{TeamId, TypedId};
use uuid::Uuid;

use crate::{Database, Result};

/// Takes the reading of a vendor's record up, unless somebody has done so since `before`. Answers up to when it was read:
/// `Some(None)` where it never was.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn claim(
    database: &Database,
    provider: &str,
    before: DateTime<Utc>,
) -> Result<Option<Option<DateTime<Utc>>>> {
    let row: Option<(DateTime<Utc>, bool)> = sqlx::query_as(
        "INSERT INTO event_readings AS r (provider, read_until, read_at) VALUES ($1, '-infinity', clock_timestamp())
         ON CONFLICT (provider) DO UPDATE SET read_at = clock_timestamp() WHERE r.read_at < $2
         RETURNING CASE WHEN isfinite(r.read_until) THEN r.read_until ELSE '1970-01-01' END, isfinite(r.read_until)",
    )
    .bind(provider)
    .bind(before)
    .fetch_optional(database.pool())
    .await?;
    Ok(row.map(|(until, known)| known.then_some(until)))
}

/// Notes that a vendor's record was read up to `until`.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn done(database: &Database, provider: &str, until: DateTime<Utc>) -> Result<()> {
    sqlx::query("UPDATE event_readings SET read_until = greatest(read_until, $2) WHERE provider = $1")
        .bind(provider)
        .bind(until)
        .execute(database.pool())
        .await?;
    Ok(())
}

/// The team that has this number with this vendor; `None` where none has, or several say so.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn team_of_number(database: &Database, provider: &str, number: &str) -> Result<Option<TeamId>> {
    let row: (Option<Uuid>,) = sqlx::query_as("SELECT team_of_number($1, $2)")
        .bind(provider)
        .bind(number)
        .fetch_one(database.pool())
        .await?;
    Ok(row.0.map(TeamId::from_uuid))
}

/// The team that sent the message that a vendor knows by this id.
///
/// # Errors
/// Any [`crate::DbError`].
pub async fn team_of_message(
    database: &Database,
    provider: &str,
    external_id: &str,
) -> Result<Option<TeamId>> {
    let row: (Option<Uuid>,) = sqlx::query_as("SELECT team_of_message($1, $2)")
        .bind(provider)
        .bind(external_id)
        .fetch_one(database.pool())
        .await?;
    Ok(row.0.map(TeamId::from_uuid))
}
