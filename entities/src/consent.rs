//! Consents: what somebody agreed to, with what shows it. Evidence is revoked, never taken away.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::campaign::ConsentBasis;
use domain::id::{ConsentId, TypedId, UserId};
use domain::named_enum;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::from_row::from_row;
use crate::page::{MAX_PAGE, Page, PageRequest};
use crate::{BulkTransaction, DbError, Result, fresh_id};

named_enum! {
    /// To what a consent belongs.
    ConsentKind {
        /// A number, as E.164.
        Phone = "phone",
        /// An address, in lower case.
        Email = "email",
    }
}

/// A consent with its evidence.
#[derive(Clone, PartialEq)]
pub struct NewConsent {
    /// To what it belongs.
    pub kind: ConsentKind,
    /// The number (E.164) or address.
    pub value: String,
    /// What was agreed.
    pub basis: ConsentBasis,
    /// The text that was shown, word by word.
    pub text_shown: String,
    /// Where: a page, a form, a conversation.
    pub source: String,
    /// How: `web_form`, `keyword`, `paper`, `voice`, `import`.
    pub method: String,
    /// Of what programme; `None`: of all.
    pub programme: Option<String>,
    /// The number of the form and the like.
    pub identifiers: Value,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// Until when it holds.
    pub expires_at: Option<DateTime<Utc>>,
}

impl fmt::Debug for NewConsent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewConsent")
            .field("kind", &self.kind)
            .field("basis", &self.basis)
            .finish_non_exhaustive()
    }
}

/// Keeps consents, each once. Answers how many are new.
///
/// # Errors
/// [`DbError::Conflict`] for evidence that is empty.
pub async fn record(
    tx: &mut BulkTransaction,
    consents: &[NewConsent],
    by: Option<UserId>,
) -> Result<Vec<ConsentId>> {
    let mut kept = Vec::with_capacity(consents.len());
    for chunk in consents.chunks(1_000) {
        let ids: Vec<Uuid> = chunk.iter().map(|_| fresh_id::<ConsentId>().uuid()).collect();
        let kinds: Vec<&str> = chunk.iter().map(|one| one.kind.as_str()).collect();
        let values: Vec<&str> = chunk.iter().map(|one| one.value.as_str()).collect();
        let bases: Vec<&str> = chunk.iter().map(|one| one.basis.as_str()).collect();
        let texts: Vec<&str> = chunk.iter().map(|one| one.text_shown.as_str()).collect();
        let sources: Vec<&str> = chunk.iter().map(|one| one.source.as_str()).collect();
        let methods: Vec<&str> = chunk.iter().map(|one| one.method.as_str()).collect();
        let programmes: Vec<Option<&str>> = chunk.iter().map(|one| one.programme.as_deref()).collect();
        let identifiers: Vec<Json<&Value>> = chunk.iter().map(|one| Json(&one.identifiers)).collect();
        let given: Vec<DateTime<Utc>> = chunk.iter().map(|one| one.given_at).collect();
        let expires: Vec<Option<DateTime<Utc>>> = chunk.iter().map(|one| one.expires_at).collect();
        let query = sqlx::query_as::<_, (Uuid,)>(
            "INSERT INTO consents (team_id, created_by, id, kind, value, basis, text_shown, source, method, programme,
                                   identifiers, given_at, expires_at)
             SELECT $1, $2, c.* FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                    $10::text[], $11::jsonb[], $12::timestamptz[], $13::timestamptz[]) c
             ON CONFLICT ON CONSTRAINT consents_once DO NOTHING RETURNING id",
        );
        let query = query.bind(tx.team_id().uuid()).bind(by.map(TypedId::uuid)).bind(ids).bind(kinds);
        let query = query.bind(values).bind(bases).bind(texts).bind(sources).bind(methods).bind(programmes);
        let rows = tx.all(query.bind(identifiers).bind(given).bind(expires)).await?;
        kept.extend(rows.into_iter().map(|(id,)| ConsentId::from_uuid(id)));
    }
    Ok(kept)
}

/// A consent that was kept.
#[derive(Clone, PartialEq)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// `phone` or `email`.
    pub kind: String,
    /// The number or address.
    pub value: String,
    /// [`ConsentBasis`].
    pub basis: String,
    /// The text that was shown.
    pub text_shown: String,
    /// Where.
    pub source: String,
    /// How.
    pub method: String,
    /// Of what programme.
    pub programme: Option<String>,
    /// The number of the form and the like.
    pub identifiers: Value,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// Until when it holds.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// By whom or what.
    pub revoked_by: Option<String>,
    /// When it was kept.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for Consent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consent").field("id", &self.id).field("basis", &self.basis).finish_non_exhaustive()
    }
}

struct Row {
    id: Uuid,
    kind: String,
    value: String,
    basis: String,
    text_shown: String,
    source: String,
    method: String,
    programme: Option<String>,
    identifiers: Value,
    given_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_by: Option<String>,
    created_at: DateTime<Utc>,
}
from_row!(Row {
    id,
    kind,
    value,
    basis,
    text_shown,
    source,
    method,
    programme,
    identifiers,
    given_at,
    expires_at,
    revoked_at,
    revoked_by,
    created_at
});

impl From<Row> for Consent {
    fn from(row: Row) -> Self {
        Self {
            id: ConsentId::from_uuid(row.id),
            kind: row.kind,
            value: row.value,
            basis: row.basis,
            text_shown: row.text_shown,
            source: row.source,
            method: row.method,
            programme: row.programme,
            identifiers: row.identifiers,
            given_at: row.given_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            revoked_by: row.revoked_by,
            created_at: row.created_at,
        }
    }
}

/// The team's consents, of one number or address or of all, by id.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(
    tx: &mut BulkTransaction,
    value: Option<&str>,
    request: PageRequest<ConsentId>,
) -> Result<Page<Consent, ConsentId>> {
    let limit = request.limit.clamp(1, MAX_PAGE);
    let query = sqlx::query_as::<_, Row>(
        "SELECT id, kind, value, basis, text_shown, source, method, programme, identifiers, given_at, expires_at, revoked_at,
                revoked_by, created_at
           FROM consents WHERE team_id = $1 AND ($2::uuid IS NULL OR id > $2) AND ($3::text IS NULL OR value = $3)
          ORDER BY id LIMIT $4",
    );
    let query = query.bind(tx.team_id().uuid()).bind(request.after.map(TypedId::uuid)).bind(value);
    let mut items: Vec<Consent> = tx
        .all(query.bind(i64::try_from(limit + 1).unwrap_or(i64::MAX)))
        .await?
        .into_iter()
        .map(Consent::from)
        .collect();
    let more = items.len() as u64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = items.last().filter(|_| more).map(|consent| consent.id);
    Ok(Page { items, next })
}

/// Revokes a consent: what it allowed is not allowed from now on. Answers whether it held.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn revoke(tx: &mut BulkTransaction, id: ConsentId, by: &str) -> Result<bool> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE consents SET revoked_at = clock_timestamp(), revoked_by = $3
          WHERE team_id = $1 AND id = $2 AND revoked_at IS NULL",
    );
    if tx.run(query.bind(team).bind(id.uuid()).bind(by)).await? > 0 {
        return Ok(true);
    }
    let known = sqlx::query_as::<_, (bool,)>("SELECT true FROM consents WHERE team_id = $1 AND id = $2");
    let known = tx.first(known.bind(team).bind(id.uuid())).await?;
    known.map(|_| false).ok_or_else(|| DbError::not_found("consent", id))
}
