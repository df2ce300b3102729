//! What the operator of the installation does from the command line: teams, users, members, keys. Runs on a
//! [`Database::admin`] connection, as the owner of the schema: the application itself may not.
//!
//! The wall binds the owner too (`FORCE ROW LEVEL SECURITY`) unless it is a superuser, so whatever belongs to a
//! team is written in that team's transaction here as anywhere else.

use chrono::Utc;
use domain::id::{TeamId, TypedId, UserId};
use uuid::Uuid;

use crate::api_key::{self, ApiKey, Scope, Secret};
use crate::audit_log;
use crate::membership::Role;
use crate::team::TeamSettings;
use crate::{Database, DbError, Result, fresh_id};

/// Makes a team with default settings.
///
/// # Errors
/// [`DbError::Conflict`] with `teams_name_key` where there is one of this name.
pub async fn create_team(admin: &Database, name: &str) -> Result<TeamId> {
    let id: TeamId = fresh_id();
    sqlx::query("INSERT INTO teams (id, name) VALUES ($1, $2)")
        .bind(id.uuid())
        .bind(name)
        .execute(admin.pool())
        .await?;
    Ok(id)
}

/// The team with this name, if any.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_team(admin: &Database, name: &str) -> Result<Option<TeamId>> {
    let found: Option<(Uuid,)> = sqlx::query_as("SELECT id FROM teams WHERE name = $1")
        .bind(name)
        .fetch_optional(admin.pool())
        .await?;
    Ok(found.map(|(id,)| TeamId::from_uuid(id)))
}

/// All teams, by name.
///
/// # Errors
/// Any [`DbError`].
pub async fn list_teams(admin: &Database) -> Result<Vec<(TeamId, String)>> {
    let teams: Vec<(Uuid, String)> =
        sqlx::query_as("SELECT id, name FROM teams ORDER BY name").fetch_all(admin.pool()).await?;
    Ok(teams.into_iter().map(|(id, name)| (TeamId::from_uuid(id), name)).collect())
}

/// Sets a team's limits and preferences.
///
/// # Errors
/// [`DbError::NotFound`] where there is no such team; [`DbError::Conflict`] with `teams_time_zone` for a time zone that there
/// is not.
pub async fn set_settings(admin: &Database, team_id: TeamId, settings: &TeamSettings) -> Result<()> {
    let done = sqlx::query("UPDATE teams SET settings = $2 WHERE id = $1")
        .bind(team_id.uuid())
        .bind(sqlx::types::Json(settings))
        .execute(admin.pool())
        .await?;
    match done.rows_affected() {
        0 => Err(DbError::not_found("team", team_id)),
        _ => Ok(()),
    }
}

/// Makes a user, who is a member of no team yet.
///
/// # Errors
/// [`DbError::Conflict`] with `users_email_key` where there is one with this address.
pub async fn create_user(admin: &Database, email: &str, name: &str) -> Result<UserId> {
    let id: UserId = fresh_id();
    sqlx::query("INSERT INTO users (id, email, name) VALUES ($1, $2, $3)")
        .bind(id.uuid())
        .bind(email.trim().to_lowercase())
        .bind(name)
        .execute(admin.pool())
        .await?;
    Ok(id)
}

/// The user with this address, if any.
///
/// # Errors
/// Any [`DbError`].
pub async fn find_user(admin: &Database, email: &str) -> Result<Option<UserId>> {
    let found: Option<(Uuid,)> = sqlx::query_as("SELECT id FROM users WHERE email = $1")
        .bind(email.trim().to_lowercase())
        .fetch_optional(admin.pool())
        .await?;
    Ok(found.map(|(id,)| UserId::from_uuid(id)))
}

/// Makes a user a member of a team, or gives a member another role.
///
/// # Errors
/// [`DbError::Conflict`] where there is no such team or user.
pub async fn add_member(admin: &Database, team_id: TeamId, user_id: UserId, role: Role) -> Result<()> {
    let mut tx = admin.team_bulk(team_id).await?;
    tx.run(
        sqlx::query(
            "INSERT INTO memberships (team_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (team_id, user_id) DO UPDATE SET role = excluded.role",
        )
        .bind(team_id.uuid())
        .bind(user_id.uuid())
        .bind(role.as_str())
        .bind(Utc::now()),
    )
    .await?;
    tx.commit().await
}

/// Makes a key for a member, and says so in the audit log. The secret is in the answer and nowhere else.
///
/// # Errors
/// [`DbError::Conflict`] where the user is no member of the team.
pub async fn create_key(
    admin: &Database,
    team_id: TeamId,
    user_id: UserId,
    name: &str,
    scopes: &[Scope],
) -> Result<(ApiKey, Secret)> {
    let team = admin.team(team_id).await?;
    let (key, secret) = api_key::create(&team, user_id, name, scopes).await?;
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let details = serde_json::json!({"user": user_id, "scopes": scopes, "by": "command line"});
    audit_log::record(&team, None, "key.create", &key.id.to_string(), details).await?;
    team.commit().await?;
    Ok((key, secret))
}
