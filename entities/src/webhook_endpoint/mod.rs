//! Where a team wants to be told what happens, and whether it hears.

mod notice;
mod tally;

use chrono::{DateTime, Utc};
use domain::id::{NoticeId, TypedId, UserId, WebhookEndpointId};
use serde_json::json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, DbError, Result, fresh_id};

pub use notice::{
    Delivery, Due, Failure, forget_told, give_up, list_notices, not_told, take_due, teams_with_notices, told,
};
pub use tally::{TellOutcome, tallies};

/// The constraint that a second endpoint of one address breaks.
pub const URL_CONSTRAINT: &str = "webhook_endpoints_url";

/// The most endpoints of a team: each of them is told each matter.
pub const MOST: i64 = 20;

/// An endpoint, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Where it is.
    pub url: String,
    /// Which kinds it wants, or `noun.*`; empty: all.
    pub kinds: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it is told nothing any more.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Why.
    pub disabled_reason: Option<String>,
    /// How often in a row it did not take what it was told.
    pub failures: i32,
    /// Since when it has not.
    pub failing_since: Option<DateTime<Utc>>,
    /// What it answered last.
    pub last_status: Option<i32>,
    /// When it last took something.
    pub last_told_at: Option<DateTime<Utc>>,
}

struct Row {
    id: Uuid,
    url: String,
    kinds: Vec<String>,
    created_at: DateTime<Utc>,
    disabled_at: Option<DateTime<Utc>>,
    disabled_reason: Option<String>,
    failures: i32,
    failing_since: Option<DateTime<Utc>>,
    last_status: Option<i32>,
    last_told_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    url,
    kinds,
    created_at,
    disabled_at,
    disabled_reason,
    failures,
    failing_since,
    last_status,
    last_told_at
});

impl From<Row> for WebhookEndpoint {
    fn from(row: Row) -> Self {
        Self {
            id: WebhookEndpointId::from_uuid(row.id),
            url: row.url,
            kinds: row.kinds,
            created_at: row.created_at,
            disabled_at: row.disabled_at,
            disabled_reason: row.disabled_reason,
            failures: row.failures,
            failing_since: row.failing_since,
            last_status: row.last_status,
            last_told_at: row.last_told_at,
        }
    }
}

/// An endpoint to be made.
#[derive(Clone, Copy)]
pub struct NewEndpoint<'a> {
    /// Where it is.
    pub url: &'a str,
    /// Which kinds it wants, or `noun.*`; empty: all.
    pub kinds: &'a [String],
    /// Its secret, encrypted, and the id of the key.
    pub secret: (&'a [u8], &'a str),
    /// Who makes it.
    pub by: Option<UserId>,
}

/// Makes an endpoint.
///
/// # Errors
/// [`DbError::Conflict`] with [`URL_CONSTRAINT`] where the team has one at this address.
pub async fn create(tx: &mut BulkTransaction, new: NewEndpoint<'_>) -> Result<WebhookEndpointId> {
    let id: WebhookEndpointId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO webhook_endpoints (team_id, id, url, kinds, secret_sealed, key_id, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(new.url).bind(new.kinds);
    let (sealed, key_id) = new.secret;
    tx.run(query.bind(sealed).bind(key_id).bind(new.by.map(TypedId::uuid))).await?;
    Ok(id)
}

/// The team's endpoints, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(tx: &mut BulkTransaction) -> Result<Vec<WebhookEndpoint>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, url, kinds, created_at, disabled_at, disabled_reason, failures, failing_since, last_status, last_told_at
           FROM webhook_endpoints WHERE team_id = $1 ORDER BY id DESC",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid())).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// One of the team's endpoints.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: WebhookEndpointId) -> Result<WebhookEndpoint> {
    let all = list(tx).await?;
    all.into_iter()
        .find(|endpoint| endpoint.id == id)
        .ok_or_else(|| DbError::not_found("webhook endpoint", id))
}

/// Takes an endpoint away, with what was still to be told to it.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn remove(tx: &mut BulkTransaction, id: WebhookEndpointId) -> Result<()> {
    let query = sqlx::query("DELETE FROM webhook_endpoints WHERE team_id = $1 AND id = $2");
    match tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await? {
        0 => Err(DbError::not_found("webhook endpoint", id)),
        _ => Ok(()),
    }
}

/// Has an endpoint told that it is being tried, even where it is told nothing any more. Answers the notice's id.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such endpoint.
pub async fn try_out(tx: &mut BulkTransaction, id: WebhookEndpointId) -> Result<NoticeId> {
    let notice: NoticeId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO endpoint_notices (team_id, id, endpoint_id, notice_id, kind, payload, happened_at)
         SELECT team_id, $3, id, $3, $4, $5, clock_timestamp() FROM webhook_endpoints WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(notice.uuid());
    let kind = domain::notice::NoticeKind::EndpointTest.as_str();
    match tx.run(query.bind(kind).bind(sqlx::types::Json(json!({ "endpoint": id })))).await? {
        0 => Err(DbError::not_found("webhook endpoint", id)),
        _ => Ok(notice),
    }
}
