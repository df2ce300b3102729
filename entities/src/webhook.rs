//! The doors through which vendors report: tokens that name a team, and what was delivered, once each.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::id::{DeliveryId, TeamId, TypedId, UserId, WebhookTokenId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::from_row::from_row;
use crate::{BulkTransaction, Database, DbError, Result, fresh_id};

/// A door, found by its token.
#[derive(Clone, PartialEq, Eq)]
pub struct Door {
    /// Whose it is.
    pub team: TeamId,
    /// Its row.
    pub token: WebhookTokenId,
    /// The vendor that it was given to, by its word.
    pub provider: String,
    /// The vendor's signing secrets, a JSON list, encrypted, and the key they are encrypted with.
    pub sealed_secrets: Option<(Vec<u8>, String)>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("token", &self.token)
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

struct Row {
    team_id: Uuid,
    token_id: Uuid,
    provider: String,
    secrets_sealed: Option<Vec<u8>>,
    key_id: Option<String>,
}
from_row!(Row { team_id, token_id, provider, secrets_sealed, key_id });

fn hash(token: &[u8]) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// The door that a token opens; `None` where nobody was given this one. The vendor knows no team, so this is asked outside
/// of any.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_door(database: &Database, token: &[u8]) -> Result<Option<Door>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT team_id, token_id, provider, secrets_sealed, key_id FROM find_webhook_token($1)",
    )
    .bind(hash(token))
    .fetch_optional(database.pool())
    .await?;
    Ok(row.map(|row| Door {
        team: TeamId::from_uuid(row.team_id),
        token: WebhookTokenId::from_uuid(row.token_id),
        provider: row.provider,
        sealed_secrets: row.secrets_sealed.zip(row.key_id),
    }))
}

/// Makes a door for a vendor. Only the hash of the token is kept.
///
/// # Errors
/// Any [`DbError`].
pub async fn make_door(
    tx: &mut BulkTransaction,
    provider: &str,
    token: &[u8],
    sealed_secrets: Option<(&[u8], &str)>,
    by: Option<UserId>,
) -> Result<WebhookTokenId> {
    let id: WebhookTokenId = fresh_id();
    let (sealed, key_id) = sealed_secrets.unzip();
    let query = sqlx::query(
        "INSERT INTO webhook_tokens (team_id, id, provider, token_hash, secrets_sealed, key_id, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(provider).bind(hash(token));
    tx.run(query.bind(sealed).bind(key_id).bind(by.map(TypedId::uuid))).await?;
    Ok(id)
}

/// What a door that is open is locked with: encrypted, and the key it is encrypted with.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such door, or it is closed.
pub async fn sealed(tx: &mut BulkTransaction, id: WebhookTokenId) -> Result<(Vec<u8>, String)> {
    let query = sqlx::query_as::<_, (Option<Vec<u8>>, Option<String>)>(
        "SELECT secrets_sealed, key_id FROM webhook_tokens WHERE team_id = $1 AND id = $2 AND revoked_at IS NULL FOR UPDATE",
    );
    let found = tx.first(query.bind(tx.team_id().uuid()).bind(id.uuid())).await?;
    found.and_then(|(sealed, key_id)| sealed.zip(key_id)).ok_or_else(|| DbError::not_found("webhook", id))
}

/// Gives a door other signing secrets, as after a rotation.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such door, or it is closed.
pub async fn set_secrets(
    tx: &mut BulkTransaction,
    id: WebhookTokenId,
    sealed: &[u8],
    key_id: &str,
) -> Result<()> {
    let query = sqlx::query(
        "UPDATE webhook_tokens SET secrets_sealed = $3, key_id = $4 WHERE team_id = $1 AND id = $2 AND revoked_at IS NULL",
    );
    let changed = tx.run(query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(sealed).bind(key_id)).await?;
    if changed == 0 { Err(DbError::not_found("webhook", id)) } else { Ok(()) }
}

/// Closes a door for good. Answers whether it was open.
///
/// # Errors
/// [`DbError::NotFound`] where there is none.
pub async fn close_door(tx: &mut BulkTransaction, id: WebhookTokenId) -> Result<bool> {
    let team = tx.team_id().uuid();
    let query = sqlx::query(
        "UPDATE webhook_tokens SET revoked_at = clock_timestamp() WHERE team_id = $1 AND id = $2 AND revoked_at IS NULL",
    );
    if tx.run(query.bind(team).bind(id.uuid())).await? > 0 {
        return Ok(true);
    }
    let known =
        sqlx::query_as::<_, (bool,)>("SELECT true FROM webhook_tokens WHERE team_id = $1 AND id = $2");
    let known = tx.first(known.bind(team).bind(id.uuid())).await?;
    known.map(|_| false).ok_or_else(|| DbError::not_found("webhook", id))
}

/// A door as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDoor {
    /// Its row.
    pub id: Uuid,
    /// The vendor that it was given to.
    pub provider: String,
    /// Whether what comes through it has to be signed.
    pub signed: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
from_row!(OpenDoor { id, provider, signed, created_at });

/// The team's doors that are open, newest first.
///
/// # Errors
/// Any [`DbError`].
pub async fn doors(tx: &mut BulkTransaction) -> Result<Vec<OpenDoor>> {
    let query = sqlx::query_as(
        "SELECT id, provider, secrets_sealed IS NOT NULL AS signed, created_at FROM webhook_tokens
          WHERE team_id = $1 AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 200",
    );
    tx.all(query.bind(tx.team_id().uuid())).await
}

/// Keeps what a vendor delivered, encrypted, once, as dealt with: what it says is done in the same transaction. `None`: it was
/// there.
///
/// # Errors
/// Any [`DbError`].
pub async fn keep(
    tx: &mut BulkTransaction,
    door: &Door,
    delivery_key: &str,
    raw: &[u8],
    key_id: &str,
) -> Result<Option<DeliveryId>> {
    let id: DeliveryId = fresh_id();
    let query = sqlx::query(
        "INSERT INTO webhook_deliveries (team_id, id, token_id, provider, delivery_key, raw, key_id, attempts, processed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, clock_timestamp()) ON CONFLICT ON CONSTRAINT webhook_deliveries_once DO NOTHING",
    );
    let query = query.bind(tx.team_id().uuid()).bind(id.uuid()).bind(door.token.uuid()).bind(&door.provider);
    let kept = tx.run(query.bind(delivery_key).bind(raw).bind(key_id)).await?;
    Ok((kept > 0).then_some(id))
}

/// What the team's open doors of a vendor are locked with, the newest first: encrypted, and the keys they are encrypted with.
///
/// # Errors
/// Any [`DbError`].
pub async fn locks(tx: &mut BulkTransaction, provider: &str) -> Result<Vec<(Vec<u8>, String)>> {
    let query = sqlx::query_as(
        "SELECT secrets_sealed, key_id FROM webhook_tokens
          WHERE team_id = $1 AND provider = $2 AND revoked_at IS NULL AND secrets_sealed IS NOT NULL AND key_id IS NOT NULL
          ORDER BY created_at DESC, id DESC LIMIT 20",
    );
    tx.all(query.bind(tx.team_id().uuid()).bind(provider)).await
}
