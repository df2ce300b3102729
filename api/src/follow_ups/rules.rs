//! `/v1/follow-up-rules`: the rules of following up, the team's own and those it began with.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{FollowUpRuleId, UserId};
use domain::reply::FollowUpRule;
use domain::role::Permission;
use entities::follow_up_rule::{self, NAME_CONSTRAINT, StoredRule};
use entities::{BulkTransaction, DbError};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::page::Page;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// A rule of following up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowUpRuleEntry {
    #[schema(value_type = String, example = "frule_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: FollowUpRuleId,
    /// What it is called that the program came with; absent where the team made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped: Option<String>,
    /// `name`, `trigger`, `after_minutes`, `conditions`, `actions`, `enabled`, `version`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    rule: FollowUpRule,
    /// A switch stops it, or all.
    stopped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<StoredRule> for FollowUpRuleEntry {
    fn from(stored: StoredRule) -> Self {
        Self {
            id: stored.id,
            shipped: stored.shipped,
            rule: stored.rule,
            stopped: stored.stopped,
            created_by: stored.created_by,
            created_at: stored.created_at,
            updated_at: stored.updated_at,
        }
    }
}

/// A rule that somebody sent.
pub(super) fn checked(sent: Value) -> Result<FollowUpRule, Problem> {
    let rule: FollowUpRule =
        serde_json::from_value(sent).map_err(|error| Problem::http(HttpCode::Invalid, error.to_string()))?;
    rule.check().map_err(|fault| Problem::http(HttpCode::Invalid, fault.to_string()))?;
    Ok(rule)
}

fn refused(error: DbError) -> Problem {
    if error.violates(NAME_CONSTRAINT) {
        return Problem::http(HttpCode::Conflict, "there is a rule of this name already; take another name");
    }
    error.into()
}

/// The team's rules by name. A team begins with four.
#[utoipa::path(
    get, path = "/v1/follow-up-rules", tag = "inbox", responses((status = 200, body = Page<FollowUpRuleEntry>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<FollowUpRuleEntry>>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    follow_up_rule::ensure_shipped(&mut tx).await?;
    let rules = follow_up_rule::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(Page { items: rules.into_iter().map(Into::into).collect(), next_cursor: None }))
}

/// Makes a rule. What it sends goes through the gate like all else. Try it on the past first: `…/dry-run`.
#[utoipa::path(
    post, path = "/v1/follow-up-rules", tag = "inbox",
    request_body(content = Object, description = "name, trigger, after_minutes, conditions {lines, least_score}, actions \
        [{do: send_sms, text} | {do: send_email, subject, text} | {do: create_task, title, priority} | {do: move_bucket, bucket} | \
        {do: adjust_score, points} | {do: tag, tag} | {do: notify, text}], enabled"),
    responses(
        (status = 201, body = FollowUpRuleEntry),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(sent): JsonBody<Value>,
) -> Result<(StatusCode, Json<FollowUpRuleEntry>), Problem> {
    caller.may(Permission::Send)?;
    let rule = checked(sent)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    follow_up_rule::ensure_shipped(&mut tx).await?;
    let id = follow_up_rule::create(&mut tx, &rule, caller.user).await.map_err(refused)?;
    record(&mut tx, &caller, "follow_up_rule.create", id, &rule).await?;
    let made = follow_up_rule::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

async fn record(
    tx: &mut BulkTransaction,
    caller: &Caller,
    action: &str,
    id: FollowUpRuleId,
    rule: &FollowUpRule,
) -> Result<(), Problem> {
    let details = json!({
        "trigger": rule.trigger, "after_minutes": rule.after_minutes, "actions": rule.actions.len(), "enabled": rule.enabled,
    });
    Ok(caller.record_in_bulk(tx, action, id, details).await?)
}

/// One rule.
#[utoipa::path(
    get, path = "/v1/follow-up-rules/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = FollowUpRuleEntry)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FollowUpRuleId>,
) -> Result<Json<FollowUpRuleEntry>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = follow_up_rule::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(found.into()))
}

/// Writes a rule anew, all of it. What was planned before is done as it was planned.
#[utoipa::path(
    put, path = "/v1/follow-up-rules/{id}", tag = "inbox", params(("id" = String, Path)),
    request_body(content = Object, description = "As for POST"),
    responses(
        (status = 200, body = FollowUpRuleEntry),
        (status = 409, body = crate::problem::ProblemBody, description = "There is one of this name"),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FollowUpRuleId>,
    sent: Result<JsonBody<Value>, Problem>,
) -> Result<Json<FollowUpRuleEntry>, Problem> {
    caller.may(Permission::Send)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    // What is another team's is not found, whatever is said about it.
    follow_up_rule::get(&mut tx, id).await?;
    let rule = checked(sent?.0)?;
    follow_up_rule::update(&mut tx, id, &rule, caller.user).await.map_err(refused)?;
    record(&mut tx, &caller, "follow_up_rule.update", id, &rule).await?;
    let written = follow_up_rule::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(written.into()))
}

/// Puts a rule away, with what was planned by it.
#[utoipa::path(
    delete, path = "/v1/follow-up-rules/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 204, description = "It is put away, and nothing is planned by it any more")),
)]
pub(crate) async fn archive(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FollowUpRuleId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::Send)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let cancelled = follow_up_rule::archive(&mut tx, id, caller.user, Utc::now()).await?;
    caller.record_in_bulk(&mut tx, "follow_up_rule.archive", id, json!({ "cancelled": cancelled })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
