//! The book of suppressions: entries by hand and by list, looked at, and lifted.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{SuppressionId, TypedId, UserId};
use uuid::Uuid;

use super::{SuppressedKind, SuppressionMethod, SuppressionReason, SuppressionScope};
use crate::from_row::from_row;
use crate::page::{MAX_PAGE, Page, PageRequest};
use crate::{BulkTransaction, DbError, Result};

/// An entry to be made by hand or with a list.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// What it is.
    pub kind: SuppressedKind,
    /// Its value: a number (E.164), an address in lower case, or the id of a person.
    pub value: String,
    /// Why.
    pub reason: SuppressionReason,
    /// To whose texts it applies.
    pub scope: SuppressionScope,
    /// The brand or number; of the team's scope empty.
    pub subject: String,
    /// Until when; `None`: until it is lifted.
    pub expires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for NewEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEntry")
            .field("kind", &self.kind)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// What became of entries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// Not known before.
    pub new: u64,
    /// Known; those that had been lifted hold again.
    pub known: u64,
}

/// Makes entries, by a person of the team. One that was lifted holds again.
///
/// # Errors
/// [`DbError::Conflict`] with `suppressions_subject` where a scope has not the subject that it needs.
pub async fn add(
    tx: &mut BulkTransaction,
    source: &str,
    method: SuppressionMethod,
    by: Option<UserId>,
    entries: &[NewEntry],
) -> Result<Added> {
    if entries.is_empty() {
        return Ok(Added::default());
    }
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
    let values: Vec<&str> = entries.iter().map(|entry| entry.value.as_str()).collect();
    let reasons: Vec<&str> = entries.iter().map(|entry| entry.reason.as_str()).collect();
    let scopes: Vec<&str> = entries.iter().map(|entry| entry.scope.as_str()).collect();
    let subjects: Vec<&str> = entries.iter().map(|entry| entry.subject.as_str()).collect();
    let expiries: Vec<Option<DateTime<Utc>>> = entries.iter().map(|entry| entry.expires_at).collect();
    let query = sqlx::query_as::<_, (bool,)>(
        "INSERT INTO suppressions AS s (team_id, kind, value, reason, scope, subject, expires_at, source, method, created_by)
         SELECT DISTINCT ON (n.kind, n.value, n.scope, n.subject, n.reason)
                $1::uuid, n.kind, n.value, n.reason, n.scope, n.subject, n.expires, $8::text, $9::text, $10::uuid
           FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
                n (kind, value, reason, scope, subject, expires)
          ORDER BY n.kind, n.value, n.scope, n.subject, n.reason, n.expires DESC NULLS FIRST
         ON CONFLICT ON CONSTRAINT suppressions_once DO UPDATE
            SET confirmed_at = clock_timestamp(), lifted_at = NULL, lifted_by = NULL, expires_at = excluded.expires_at
         RETURNING xmax = 0",
    );
    let query = query.bind(tx.team_id().uuid()).bind(kinds).bind(values).bind(reasons).bind(scopes);
    let query = query.bind(subjects).bind(expiries).bind(source).bind(method.as_str());
    let rows = tx.all(query.bind(by.map(TypedId::uuid))).await?;
    let new = rows.iter().filter(|(new,)| *new).count() as u64;
    Ok(Added { new, known: rows.len() as u64 - new })
}

/// An entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Its id.
    pub id: SuppressionId,
    /// `phone`, `email` or `persona`.
    pub kind: String,
    /// The number, address or id.
    pub value: String,
    /// `global`, `team`, `brand` or `number`.
    pub scope: String,
    /// The brand or number.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// How it came about.
    pub method: String,
    /// Who says so.
    pub source: String,
    /// The user who said so.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was lifted.
    pub lifted_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for Suppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suppression")
            .field("id", &self.id)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    kind: String,
    value: String,
    scope: String,
    subject: String,
    reason: String,
    method: String,
    source: String,
    created_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    lifted_at: Option<DateTime<Utc>>,
}
from_row!(Row {
    id,
    kind,
    value,
    scope,
    subject,
    reason,
    method,
    source,
    created_by,
    created_at,
    expires_at,
    lifted_at
});

impl From<Row> for Suppression {
    fn from(row: Row) -> Self {
        Self {
            id: SuppressionId::from_uuid(row.id),
            kind: row.kind,
            value: row.value,
            scope: row.scope,
            subject: row.subject,
            reason: row.reason,
            method: row.method,
            source: row.source,
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: row.created_at,
            expires_at: row.expires_at,
            lifted_at: row.lifted_at,
        }
    }
}

/// Which entries. An empty filter is all that hold.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<SuppressedKind>,
    /// Of this value.
    pub value: Option<String>,
    /// For this reason.
    pub reason: Option<SuppressionReason>,
    /// Also those that were lifted or have run out.
    pub past: bool,
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter")
            .field("kind", &self.kind)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// The team's entries that fit, by id; everybody's are not among them.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    tx: &mut BulkTransaction,
    filter: &Filter,
    request: PageRequest<SuppressionId>,
) -> Result<Page<Suppression, SuppressionId>> {
    let limit = request.limit.clamp(1, MAX_PAGE);
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, kind, value, scope, subject, reason, method, source, created_by, created_at, expires_at, lifted_at
           FROM suppressions
          WHERE team_id = $1 AND ($2::uuid IS NULL OR id > $2) AND ($3::text IS NULL OR kind = $3)
            AND ($4::text IS NULL OR value = $4) AND ($5::text IS NULL OR reason = $5)
            AND ($6 OR (lifted_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())))
          ORDER BY id LIMIT $7",
    );
    let query = query.bind(tx.team_id().uuid()).bind(request.after.map(TypedId::uuid));
    let query = query.bind(filter.kind.map(SuppressedKind::as_str)).bind(filter.value.as_deref());
    let query = query.bind(filter.reason.map(SuppressionReason::as_str)).bind(filter.past);
    let mut items: Vec<Suppression> = tx
        .all(query.bind(i64::try_from(limit + 1).unwrap_or(i64::MAX)))
        .await?
        .into_iter()
        .map(Suppression::from)
        .collect();
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = items.last().filter(|_| more).map(|entry| entry.id);
    Ok(Page { items, next })
}

/// The team's entry with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn by_id(tx: &mut BulkTransaction, id: SuppressionId) -> Result<Suppression> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, kind, value, scope, subject, reason, method, source, created_by, created_at, expires_at, lifted_at
           FROM suppressions WHERE team_id = $1 AND id = $2",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    row.map(Suppression::from).ok_or_else(|| DbError::not_found("suppression", id))
}

/// Lifts an entry, as a person of the team decides. Answers whether it held.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn lift(tx: &mut BulkTransaction, id: SuppressionId, by: Option<UserId>) -> Result<bool> {
    let query = sqlx::query(
        "UPDATE suppressions SET lifted_at = clock_timestamp(), lifted_by = $3
          WHERE team_id = $1 AND id = $2 AND lifted_at IS NULL",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(by.map(TypedId::uuid));
    if tx.run(query).await? > 0 {
        return Ok(true);
    }
    by_id(tx, id).await.map(|_| false)
}
