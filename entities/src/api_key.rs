//! API keys: who calls, from a secret that is shown once and stored as its SHA-256.

use chrono::Utc;
use domain::id::{ApiKeyId, TeamId, TypedId, UserId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use crate::membership::Role;
use crate::{Database, DbError, Result, Stored, TeamTransaction, fresh_id};

pub use entity::Model as ApiKey;

/// How every secret begins, so that scanners of leaked secrets know it.
pub const SECRET_PREFIX: &str = "rk_";

/// What a key may be used for, whatever its user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Asking.
    Read,
    /// Changing.
    Write,
}

impl Scope {
    /// The scope as it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            other => Err(DbError::unreadable("api_keys.scopes", format_args!("{other:?} is not a scope"))),
        }
    }
}

/// A key's secret. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new secret of 256 random bits.
    pub fn fresh() -> Self {
        Self(format!("{SECRET_PREFIX}{}", hex::encode(rand::random::<[u8; 32]>())))
    }

    /// The secret itself, to be shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// With which key.
    pub key_id: ApiKeyId,
    /// For which team.
    pub team_id: TeamId,
    /// Which user.
    pub user_id: UserId,
    /// What the user is in the team.
    pub role: Role,
    /// What the key may be used for.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// Whether the caller may do what needs `role` and `scope`: the smaller of the user's role and the key's
    /// scopes decides.
    pub fn may(&self, role: Role, scope: Scope) -> bool {
        self.role >= role && self.scopes.contains(&scope)
    }
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    /// A key's record, without its secret.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_keys")]
    pub struct Model {
        /// Its id.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Stored<ApiKeyId>,
        /// For which team it speaks.
        pub team_id: Stored<TeamId>,
        /// For which user it speaks.
        pub user_id: Stored<UserId>,
        /// What it is called.
        pub name: String,
        /// SHA-256 of the secret.
        pub secret_hash: Vec<u8>,
        /// What it may be used for, as [`Scope::as_str`].
        pub scopes: Vec<String>,
        /// When it was made.
        pub created_at: DateTimeUtc,
        /// When it was last used, to the minute.
        pub last_used_at: Option<DateTimeUtc>,
        /// Since when it is of no more use.
        pub revoked_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Makes a key for a member of the team. The secret is in the answer and nowhere else.
///
/// # Errors
/// [`DbError::Conflict`] where the user is no member.
pub async fn create(
    team: &TeamTransaction,
    user_id: UserId,
    name: &str,
    scopes: &[Scope],
) -> Result<(ApiKey, Secret)> {
    let secret = Secret::fresh();
    let key = entity::ActiveModel {
        id: Set(fresh_id::<ApiKeyId>().into()),
        team_id: Set(team.team_id().into()),
        user_id: Set(user_id.into()),
        name: Set(name.to_owned()),
        secret_hash: Set(hash(secret.expose())),
        scopes: Set(scopes.iter().map(|scope| scope.as_str().to_owned()).collect()),
        created_at: Set(Utc::now()),
        ..Default::default()
    };
    Ok((key.insert(team).await?, secret))
}

/// Who calls with this secret; `None` where it is nobody's, or revoked.
///
/// # Errors
/// Any [`DbError`].
pub async fn authenticate(database: &Database, secret: &str) -> Result<Option<Caller>> {
    if !secret.starts_with(SECRET_PREFIX) {
        return Ok(None);
    }
    let row = sqlx::query("SELECT key_id, team_id, user_id, role, scopes FROM authenticate_api_key($1)")
        .bind(hash(secret))
        .fetch_optional(database.pool())
        .await?;
    let Some(row) = row else { return Ok(None) };
    let role: String = row.try_get("role")?;
    let scopes: Vec<String> = row.try_get("scopes")?;
    Ok(Some(Caller {
        key_id: ApiKeyId::from_uuid(row.try_get::<Uuid, _>("key_id")?),
        team_id: TeamId::from_uuid(row.try_get::<Uuid, _>("team_id")?),
        user_id: UserId::from_uuid(row.try_get::<Uuid, _>("user_id")?),
        role: role.parse().map_err(|error| DbError::unreadable("memberships.role", error))?,
        scopes: scopes.iter().map(|scope| Scope::parse(scope)).collect::<Result<_>>()?,
    }))
}

/// Ends a key's use for good. Ending it again changes nothing.
///
/// # Errors
/// [`DbError::NotFound`] where the team has no such key.
pub async fn revoke(team: &TeamTransaction, id: ApiKeyId) -> Result<ApiKey> {
    let key = entity::Entity::find_by_id(Stored(id))
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .one(team)
        .await?
        .ok_or_else(|| DbError::not_found("API key", id))?;
    if key.revoked_at.is_some() {
        return Ok(key);
    }
    let mut key = entity::ActiveModel::from(key);
    key.revoked_at = Set(Some(Utc::now()));
    Ok(key.update(team).await?)
}

/// The team's keys, newest first, revoked ones too.
///
/// # Errors
/// Any [`DbError`].
pub async fn list(team: &TeamTransaction) -> Result<Vec<ApiKey>> {
    let mine = entity::Column::TeamId.eq(Stored(team.team_id()));
    Ok(entity::Entity::find().filter(mine).order_by_desc(entity::Column::Id).all(team).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_bits_and_stays_out_of_debug() {
        let secret = Secret::fresh();
        assert_eq!(secret.expose().len(), SECRET_PREFIX.len() + 64);
        assert_ne!(secret, Secret::fresh());
        assert!(!format!("{secret:?}").contains(&secret.expose()[3..]));
    }

    #[test]
    fn the_smaller_of_role_and_scope_decides() {
        let caller = |role, scopes: &[Scope]| Caller {
            key_id: fresh_id(),
            team_id: fresh_id(),
            user_id: fresh_id(),
            role,
            scopes: scopes.to_vec(),
        };
        assert!(caller(Role::Admin, &[Scope::Read, Scope::Write]).may(Role::Operator, Scope::Write));
        assert!(!caller(Role::Admin, &[Scope::Read]).may(Role::Operator, Scope::Write));
        assert!(!caller(Role::Viewer, &[Scope::Read, Scope::Write]).may(Role::Operator, Scope::Write));
    }
}
