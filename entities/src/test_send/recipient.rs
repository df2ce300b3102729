//! Numbers and addresses of the team's own.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{TestRecipientId, TypedId, UserId};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::suppression::SuppressedKind;
use crate::{BulkTransaction, DbError, Result, fresh_id};

/// The constraint that keeps one from being listed twice.
pub const VALUE_CONSTRAINT: &str = "test_recipients_value";

/// How often a code may be tried.
const MOST_TRIES: i16 = 5;

/// A number or address of the team's own, to be confirmed.
#[derive(Clone, Copy)]
pub struct NewRecipient<'a> {
    /// A number or an address.
    pub kind: SuppressedKind,
    /// E.164, or in lower case.
    pub value: &'a str,
    /// Whose it is, as the team calls them.
    pub name: &'a str,
    /// SHA-256 of the code that is sent there.
    pub code_hash: [u8; 32],
    /// Until when the code is good.
    pub code_until: DateTime<Utc>,
}

impl fmt::Debug for NewRecipient<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRecipient").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A number or address of the team's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its id.
    pub id: TestRecipientId,
    /// `phone` or `email`.
    pub kind: String,
    /// E.164, or in lower case.
    pub value: String,
    /// Whose it is.
    pub name: String,
    /// Since when it is known to be the team's.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When it was listed.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("id", &self.id).finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    kind: String,
    value: String,
    name: String,
    confirmed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}
from_row!(Row { id, kind, value, name, confirmed_at, created_at });

impl From<Row> for Recipient {
    fn from(row: Row) -> Self {
        Self {
            id: TestRecipientId::from_uuid(row.id),
            kind: row.kind,
            value: row.value,
            name: row.name,
            confirmed_at: row.confirmed_at,
            created_at: row.created_at,
        }
    }
}

/// Whether somebody of the team's lists is reached at this number or address.
///
/// # Errors
/// Any [`DbError`].
pub async fn is_lead(tx: &mut BulkTransaction, kind: SuppressedKind, value: &str) -> Result<bool> {
    let query = sqlx::query_as::<_, (bool,)>("SELECT is_a_lead($1, $2)").bind(kind.as_str()).bind(value);
    Ok(tx.first(query).await?.is_some_and(|(is,)| is))
}

/// Lists one, not confirmed yet.
///
/// # Errors
/// [`DbError::Conflict`] with [`VALUE_CONSTRAINT`] where it is listed.
pub async fn add(
    tx: &mut BulkTransaction,
    new: NewRecipient<'_>,
    by: Option<UserId>,
) -> Result<TestRecipientId> {
    let id: TestRecipientId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO test_recipients (team_id, id, kind, value, name, code_hash, code_until, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(new.kind.as_str()).bind(new.value);
    let query = query.bind(new.name).bind(new.code_hash.as_slice()).bind(new.code_until);
    tx.run(query.bind(by.map(TypedId::uuid))).await?;
    Ok(id)
}

/// The team's own with this id.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn get(tx: &mut BulkTransaction, id: TestRecipientId) -> Result<Recipient> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, kind, value, name, confirmed_at, created_at FROM test_recipients WHERE team_id = $1 AND id = $2",
    );
    let row = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    row.map(Recipient::from).ok_or_else(|| DbError::not_found("test recipient", id))
}

/// All of the team's own, newest first: they are few.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(tx: &mut BulkTransaction) -> Result<Vec<Recipient>> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, kind, value, name, confirmed_at, created_at FROM test_recipients WHERE team_id = $1 ORDER BY id DESC LIMIT 500",
    );
    let rows = tx.all(query.bind(tx.team_id().uuid())).await?;
    Ok(rows.into_iter().map(Recipient::from).collect())
}

/// What came of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is the team's, now or before.
    Yes,
    /// It was another code.
    Wrong,
    /// Too late, or tried too often: take it off the list and list it anew.
    Over,
}

/// Confirms one by the hash of its code. A wrong one counts as a try.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn confirm(
    tx: &mut BulkTransaction,
    id: TestRecipientId,
    code_hash: [u8; 32],
    now: DateTime<Utc>,
    by: Option<UserId>,
) -> Result<Confirmed> {
    let query = sqlx::query_as::<_, (bool, bool)>(
        "UPDATE test_recipients
            SET tries = least(tries + 1, $6),
                confirmed_at = coalesce(confirmed_at, CASE WHEN code_hash = $3 AND code_until > $4 AND tries < $6 THEN $4 END),
                confirmed_by = coalesce(confirmed_by, CASE WHEN code_hash = $3 AND code_until > $4 AND tries < $6 THEN $5 END)
          WHERE team_id = $1 AND id = $2 RETURNING confirmed_at IS NOT NULL, code_until <= $4 OR tries >= $6",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(code_hash.as_slice()).bind(now);
    let row = tx.first(query.bind(by.map(TypedId::uuid)).bind(MOST_TRIES)).await?;
    match row.ok_or_else(|| DbError::not_found("test recipient", id))? {
        (true, _) => Ok(Confirmed::Yes),
        (false, true) => Ok(Confirmed::Over),
        (false, false) => Ok(Confirmed::Wrong),
    }
}

/// Takes one off the list, with what was sent to it.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn remove(tx: &mut BulkTransaction, id: TestRecipientId) -> Result<()> {
    let query = sqlx::query("DELETE FROM test_recipients WHERE team_id = $1 AND id = $2");
    if tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid())).await? == 0 {
        return Err(DbError::not_found("test recipient", id));
    }
    Ok(())
}
