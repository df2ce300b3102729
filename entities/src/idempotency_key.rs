//! Idempotency keys: a request that is sent twice under one key is done once.

use std::time::Duration;

use domain::id::TeamId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};

use crate::{DbError, Result, Stored, TeamTransaction};

/// After this long, a request that was begun and never finished counts as lost, and may be begun again.
pub const LOST_AFTER: Duration = Duration::from_secs(300);

/// What is known of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// Nothing: do it, then [`finish`] or [`release`].
    New,
    /// It is being done at this moment.
    InFlight,
    /// It was done, and answered with this status and body.
    Replay(u16, serde_json::Value),
    /// The key was used for another request.
    Mismatch,
}

mod entity {
    use sea_orm::entity::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) team_id: Stored<TeamId>,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) key: String,
        pub(crate) request: String,
        pub(crate) status: Option<i16>,
        pub(crate) response: Option<Json>,
        pub(crate) created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes that `request` (method, path, SHA-256 of the body) is begun under `key`. Commit before doing it, or
/// do it in the same transaction: until then a second request waits.
///
/// # Errors
/// Any [`DbError`].
pub async fn begin(team: &TeamTransaction, key: &str, request: &str) -> Result<Begun> {
    let claim = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "INSERT INTO idempotency_keys (team_id, key, request) VALUES ($1, $2, $3) \
         ON CONFLICT (team_id, key) DO UPDATE SET created_at = now() \
           WHERE idempotency_keys.request = excluded.request AND idempotency_keys.status IS NULL \
             AND idempotency_keys.created_at < now() - make_interval(secs => $4)",
        [Stored(team.team_id()).into(), key.into(), request.into(), LOST_AFTER.as_secs_f64().into()],
    );
    if team.execute_raw(claim).await?.rows_affected() == 1 {
        return Ok(Begun::New);
    }
    let known = entity::Entity::find_by_id((Stored(team.team_id()), key.to_owned())).one(team).await?;
    Ok(match known {
        // Released between the two statements: as good as in flight, the caller asks again.
        None => Begun::InFlight,
        Some(known) if known.request != request => Begun::Mismatch,
        Some(entity::Model { status: Some(status), response, .. }) => {
            let status = u16::try_from(status)
                .map_err(|error| DbError::unreadable("idempotency_keys.status", error))?;
            Begun::Replay(status, response.unwrap_or_default())
        }
        Some(_) => Begun::InFlight,
    })
}

/// Keeps what the request was answered with.
///
/// # Errors
/// Any [`DbError`].
pub async fn finish(
    team: &TeamTransaction,
    key: &str,
    status: u16,
    response: &serde_json::Value,
) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(entity::Column::Status, Expr::value(status.cast_signed()))
        .col_expr(entity::Column::Response, Expr::value(response.clone()))
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::Key.eq(key))
        .exec(team)
        .await?;
    Ok(())
}

/// Says that the request under `key` is still being done, so that it does not count as lost: for work that may
/// take longer than [`LOST_AFTER`], as a large upload.
///
/// # Errors
/// Any [`DbError`].
pub async fn keep(team: &TeamTransaction, key: &str) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(entity::Column::CreatedAt, Expr::current_timestamp())
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::Key.eq(key))
        .filter(entity::Column::Status.is_null())
        .exec(team)
        .await?;
    Ok(())
}

/// Forgets a request that was begun and came to nothing, so that it may be sent again.
///
/// # Errors
/// Any [`DbError`].
pub async fn release(team: &TeamTransaction, key: &str) -> Result<()> {
    entity::Entity::delete_many()
        .filter(entity::Column::TeamId.eq(Stored(team.team_id())))
        .filter(entity::Column::Key.eq(key))
        .filter(entity::Column::Status.is_null())
        .exec(team)
        .await?;
    Ok(())
}
