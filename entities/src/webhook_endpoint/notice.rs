//! What is to be told to endpoints: taken by one sender at a time, told at least once, given up after a while.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::id::{NoticeId, TeamId, TypedId, WebhookEndpointId};
use domain::notice::NoticeKind;
use serde_json::{Value, json};
use uuid::Uuid;

use super::tally::{TellOutcome, count};
use crate::alert::{self, NewAlert};
use crate::from_row::from_row;
use crate::{BulkTransaction, Database, DbError, Result};

/// How many notices of one endpoint are taken at once while it hears; of one that does not, a single one.
const AT_ONCE: i64 = 20;

/// Something that is to be told to an endpoint now.
#[derive(Clone, PartialEq)]
pub struct Due {
    /// Its id: the same however often it is told.
    pub id: NoticeId,
    /// To whom.
    pub endpoint: WebhookEndpointId,
    /// Where that is.
    pub url: String,
    /// The endpoint's secret, encrypted, and the id of the key.
    pub secret: (Vec<u8>, String),
    /// What it is.
    pub kind: String,
    /// Ids and counts.
    pub payload: Value,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// How often it was tried before.
    pub attempts: i32,
}

impl fmt::Debug for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Due")
            .field("id", &self.id)
            .field("endpoint", &self.endpoint)
            .field("kind", &self.kind)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    endpoint_id: Uuid,
    url: String,
    secret_sealed: Vec<u8>,
    key_id: String,
    kind: String,
    payload: Value,
    happened_at: DateTime<Utc>,
    attempts: i32,
}
from_row!(Row { id, endpoint_id, url, secret_sealed, key_id, kind, payload, happened_at, attempts });

/// Teams whose endpoints have something to be told, the longest waiting first: for the sender, which belongs to none.
///
/// # Errors
/// Any [`DbError`].
pub async fn teams_with_notices(database: &Database, most: i32) -> Result<Vec<TeamId>> {
    let rows: Vec<(Uuid,)> = sqlx::query_as("SELECT team_id FROM teams_with_notices($1)")
        .bind(most)
        .fetch_all(database.pool())
        .await?;
    Ok(rows.into_iter().map(|(id,)| TeamId::from_uuid(id)).collect())
}

/// Takes what is to be told now, and leaves it alone for `lease`: whoever dies meanwhile leaves it to the next one. Of an
/// endpoint that did not hear lately only one is taken, to see.
///
/// # Errors
/// Any [`DbError`].
pub async fn take_due(tx: &mut BulkTransaction, lease: Duration) -> Result<Vec<Due>> {
    let query = sqlx::query_as::<_, Row>(
        "UPDATE endpoint_notices n
            SET attempts = n.attempts + 1, available_at = clock_timestamp() + $3 * interval '1 microsecond'
           FROM webhook_endpoints e
          WHERE n.team_id = $1 AND e.team_id = $1 AND e.id = n.endpoint_id AND n.id IN (
                SELECT t.id FROM endpoint_notices t JOIN (
                    SELECT d.id, row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.available_at, d.id) AS nth,
                           CASE WHEN o.failures = 0 THEN $2::bigint ELSE 1 END AS most
                      FROM endpoint_notices d JOIN webhook_endpoints o ON o.team_id = $1 AND o.id = d.endpoint_id
                     WHERE d.team_id = $1 AND d.told_at IS NULL AND d.given_up_at IS NULL
                       AND d.available_at <= clock_timestamp()) w ON w.id = t.id AND w.nth <= w.most
                 WHERE t.team_id = $1 AND t.told_at IS NULL AND t.given_up_at IS NULL
                   AND t.available_at <= clock_timestamp()
                   FOR UPDATE OF t SKIP LOCKED)
         RETURNING n.id, n.endpoint_id, e.url, e.secret_sealed, e.key_id, n.kind, n.payload, n.happened_at,
                   n.attempts - 1 AS attempts",
    );
    let lease = i64::try_from(lease.as_micros()).unwrap_or(i64::MAX);
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(AT_ONCE).bind(lease)).await?;
    let due = rows.into_iter().map(|row| Due {
        id: NoticeId::from_uuid(row.id),
        endpoint: WebhookEndpointId::from_uuid(row.endpoint_id),
        url: row.url,
        secret: (row.secret_sealed, row.key_id),
        kind: row.kind,
        payload: row.payload,
        happened_at: row.happened_at,
        attempts: row.attempts,
    });
    Ok(due.collect())
}

/// Locked before its notices, by everybody, so that two senders of one endpoint take turns.
async fn hold(tx: &mut BulkTransaction, endpoint: WebhookEndpointId) -> Result<()> {
    let query = sqlx::query_as::<_, (Uuid,)>(
        "SELECT id FROM webhook_endpoints WHERE team_id = $1 AND id = $2 FOR NO KEY UPDATE",
    );
    tx.first(query.bind(tx.team_id().uuid()).bind(endpoint.uuid())).await?;
    Ok(())
}

/// Notes that something was taken by its endpoint, which is in order then, and told again where it was told nothing any more.
///
/// # Errors
/// Any [`DbError`].
pub async fn told(tx: &mut BulkTransaction, due: &Due, status: u16) -> Result<()> {
    let team = tx.team_id().uuid();
    hold(tx, due.endpoint).await?;
    let query = sqlx::query(
        "UPDATE endpoint_notices SET told_at = clock_timestamp(), last_status = $3, failure = NULL
          WHERE team_id = $1 AND id = $2",
    );
    tx.run(query.bind(team).bind(due.id.uuid()).bind(i32::from(status))).await?;
    let query = sqlx::query(
        "UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, disabled_at = NULL, disabled_reason = NULL,
                last_status = $3, last_told_at = clock_timestamp() WHERE team_id = $1 AND id = $2",
    );
    tx.run(query.bind(team).bind(due.endpoint.uuid()).bind(i32::from(status))).await?;
    count(tx, TellOutcome::Told, 1).await
}

/// Why something was not taken, and what follows.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// What the endpoint answered, if anything.
    pub status: Option<u16>,
    /// Why, in words without personal data.
    pub why: &'a str,
    /// When to try it again; `None`: never.
    pub again: Option<Duration>,
    /// Whether the endpoint is out of order, and not only this notice: then nothing else is tried before that either.
    pub endpoint_down: bool,
    /// How long an endpoint may be out of order before it is told nothing any more.
    pub patience: Duration,
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Notes why something was not taken. Answers whether the endpoint has been out of order for longer than is waited for: call
/// [`give_up`] then.
///
/// # Errors
/// Any [`DbError`].
pub async fn not_told(tx: &mut BulkTransaction, due: &Due, failure: Failure<'_>) -> Result<bool> {
    let team = tx.team_id().uuid();
    let status = failure.status.map(i32::from);
    hold(tx, due.endpoint).await?;
    let query = sqlx::query(
        "UPDATE endpoint_notices SET last_status = $3, failure = $4, given_up_at = CASE WHEN $5::bigint IS NULL THEN
                clock_timestamp() END, available_at = clock_timestamp() + coalesce($5, 0) * interval '1 microsecond'
          WHERE team_id = $1 AND id = $2",
    );
    let query = query.bind(team).bind(due.id.uuid()).bind(status).bind(failure.why);
    tx.run(query.bind(failure.again.map(micros))).await?;
    if failure.endpoint_down
        && let Some(again) = failure.again
    {
        let query = sqlx::query(
            "UPDATE endpoint_notices SET available_at = clock_timestamp() + $3 * interval '1 microsecond'
              WHERE team_id = $1 AND endpoint_id = $2 AND told_at IS NULL AND given_up_at IS NULL
                AND available_at < clock_timestamp() + $3 * interval '1 microsecond' AND kind <> $4",
        );
        let query = query.bind(team).bind(due.endpoint.uuid()).bind(micros(again));
        tx.run(query.bind(NoticeKind::EndpointTest.as_str())).await?;
    }
    let query = sqlx::query_as::<_, (bool,)>(
        "UPDATE webhook_endpoints SET failures = failures + 1, last_status = $3,
                failing_since = coalesce(failing_since, clock_timestamp()) WHERE team_id = $1 AND id = $2
         RETURNING disabled_at IS NULL AND failing_since < clock_timestamp() - $4 * interval '1 microsecond'",
    );
    let query = query.bind(team).bind(due.endpoint.uuid()).bind(status).bind(micros(failure.patience));
    let out_of_patience = tx.first(query).await?.is_some_and(|(out_of_patience,)| out_of_patience);
    // In the order in which everybody counts.
    count(tx, TellOutcome::Failed, 1).await?;
    count(tx, TellOutcome::GivenUp, u64::from(failure.again.is_none())).await?;
    Ok(out_of_patience)
}

/// Tells an endpoint nothing any more: what waits is given up, and a person hears of it once.
///
/// # Errors
/// Any [`DbError`].
pub async fn give_up(tx: &mut BulkTransaction, endpoint: WebhookEndpointId, why: &str) -> Result<()> {
    let team = tx.team_id().uuid();
    let query = sqlx::query_as::<_, (DateTime<Utc>,)>(
        "UPDATE webhook_endpoints SET disabled_at = clock_timestamp(), disabled_reason = $3
          WHERE team_id = $1 AND id = $2 AND disabled_at IS NULL RETURNING disabled_at",
    );
    let Some((at,)) = tx.first(query.bind(team).bind(endpoint.uuid()).bind(why)).await? else {
        return Ok(());
    };
    let query = sqlx::query(
        "UPDATE endpoint_notices SET given_up_at = clock_timestamp(), failure = coalesce(failure, $3)
          WHERE team_id = $1 AND endpoint_id = $2 AND told_at IS NULL AND given_up_at IS NULL",
    );
    let given_up = tx.run(query.bind(team).bind(endpoint.uuid()).bind(why)).await?;
    let subject = endpoint.to_string();
    let detail = json!({ "why": why });
    let dedup_key = format!("webhook_endpoint.disabled:{subject}:{}", at.timestamp_micros());
    let alert = NewAlert {
        kind: "webhook_endpoint.disabled",
        subject: &subject,
        detail: &detail,
        dedup_key: &dedup_key,
    };
    alert::raise(tx, alert).await?;
    count(tx, TellOutcome::GivenUp, given_up).await
}

/// Something that was told to an endpoint, or is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Its id, as the endpoint sees it.
    pub id: NoticeId,
    /// What it is.
    pub kind: String,
    /// Ids and counts.
    pub payload: Value,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i32,
    /// What the endpoint answered last.
    pub last_status: Option<i32>,
    /// Why it was not taken.
    pub failure: Option<String>,
    /// When it was taken.
    pub told_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// When it is tried next, where it waits.
    pub available_at: DateTime<Utc>,
}

struct DeliveryRow {
    id: Uuid,
    kind: String,
    payload: Value,
    happened_at: DateTime<Utc>,
    attempts: i32,
    last_status: Option<i32>,
    failure: Option<String>,
    told_at: Option<DateTime<Utc>>,
    given_up_at: Option<DateTime<Utc>>,
    available_at: DateTime<Utc>,
}
from_row!(DeliveryRow {
    id,
    kind,
    payload,
    happened_at,
    attempts,
    last_status,
    failure,
    told_at,
    given_up_at,
    available_at
});

/// What an endpoint was told of late, newest first, 200 at the most.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such endpoint.
pub async fn list_notices(tx: &mut BulkTransaction, endpoint: WebhookEndpointId) -> Result<Vec<Delivery>> {
    super::get(tx, endpoint).await?;
    let query = sqlx::query_as::<_, DeliveryRow>(
        "SELECT id, kind, payload, happened_at, attempts, last_status, failure, told_at, given_up_at, available_at
           FROM endpoint_notices WHERE team_id = $1 AND endpoint_id = $2 ORDER BY id DESC LIMIT 200",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid()).bind(endpoint.uuid())).await?;
    let deliveries = rows.into_iter().map(|row| Delivery {
        id: NoticeId::from_uuid(row.id),
        kind: row.kind,
        payload: row.payload,
        happened_at: row.happened_at,
        attempts: row.attempts,
        last_status: row.last_status,
        failure: row.failure,
        told_at: row.told_at,
        given_up_at: row.given_up_at,
        available_at: row.available_at,
    });
    Ok(deliveries.collect())
}

/// Takes away what was told, done or given up longer than so long ago, of all teams. Answers how much it was.
///
/// # Errors
/// Any [`DbError`].
pub async fn forget_told(database: &Database, older_than: Duration) -> Result<u64> {
    let (forgotten,): (i64,) = sqlx::query_as("SELECT forget_told($1 * interval '1 microsecond')")
        .bind(micros(older_than))
        .fetch_one(database.pool())
        .await?;
    u64::try_from(forgotten).map_err(|error| DbError::unreadable("forget_told", error))
}
