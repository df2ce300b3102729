//! `GET /v1/call-workers`, `PUT` and `DELETE /v1/call-workers/{id}`: those who call.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::UserId;
use domain::role::Permission;
use entities::{call_queue, conversation};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

/// The most skills, and the longest of them in bytes.
const MAX_SKILLS: usize = 20;
const MAX_SKILL: usize = 50;
/// The most calls at once.
const MOST: u8 = 100;

/// Somebody who calls.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CallWorker {
    #[schema(value_type = String)]
    user: UserId,
    skills: Vec<String>,
    /// How many calls they take at once.
    most: i16,
    /// Whether they are given calls.
    active: bool,
    /// How many they have.
    load: i64,
    updated_at: DateTime<Utc>,
}

/// What somebody who calls knows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CallWorkerSkills)]
pub(crate) struct Skills {
    /// Words such as `spanish` or `closing`; a call that wants one goes to nobody without it.
    #[serde(default)]
    skills: Vec<String>,
    /// How many calls they take at once, 1 to 100; 5 where it is not said.
    #[serde(default = "five")]
    most: u8,
    /// Whether they are given calls.
    #[serde(default = "yes")]
    active: bool,
}

const fn five() -> u8 {
    5
}

const fn yes() -> bool {
    true
}

/// Those who call, with what they have.
#[utoipa::path(
    get, path = "/v1/call-workers", tag = "inbox", responses((status = 200, body = Page<CallWorker>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<CallWorker>>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(Page { items: all(&state, &caller).await?, next_cursor: None }))
}

async fn all(state: &AppState, caller: &Caller) -> Result<Vec<CallWorker>, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let workers = call_queue::workers(&mut tx).await?;
    tx.commit().await?;
    let shown = workers.into_iter().map(|worker| CallWorker {
        user: worker.user,
        skills: worker.skills,
        most: worker.most,
        active: worker.active,
        load: worker.load,
        updated_at: worker.updated_at,
    });
    Ok(shown.collect())
}

/// Says what a member of the team knows and how many calls they take at once. Calls that are nobody's and that they can take
/// are given to them.
#[utoipa::path(
    put, path = "/v1/call-workers/{id}", tag = "inbox", params(("id" = String, Path)), request_body = Skills,
    responses((status = 200, body = CallWorker)),
)]
pub(crate) async fn put(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
    skills: Result<JsonBody<Skills>, Problem>,
) -> Result<Json<CallWorker>, Problem> {
    caller.may(Permission::Send)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    // Who is no member is not found, whatever is said about them.
    conversation::member(&mut tx, id).await?;
    let said = skills?.0;
    if !(1..=MOST).contains(&said.most) {
        return Err(Problem::invalid("/most", format!("must be 1 to {MOST}")));
    }
    let words: Vec<String> = said.skills.iter().map(|skill| skill.trim().to_lowercase()).collect();
    if words.len() > MAX_SKILLS || words.iter().any(|word| !(1..=MAX_SKILL).contains(&word.len())) {
        return Err(Problem::invalid(
            "/skills",
            format!("must be {MAX_SKILLS} words at the most, each of 1 to {MAX_SKILL} bytes"),
        ));
    }
    let given = call_queue::put_worker(&mut tx, id, &words, said.most, said.active, caller.user).await?;
    let details = json!({ "skills": words.len(), "most": said.most, "active": said.active, "given": given });
    caller.record_in_bulk(&mut tx, "call_worker.put", id, details).await?;
    tx.commit().await?;
    let worker = all(&state, &caller).await?.into_iter().find(|worker| worker.user == id);
    worker.map(Json).ok_or_else(|| Problem::not_found("call worker", id))
}

/// Somebody calls no more. What they were to call and have not begun is nobody's.
#[utoipa::path(
    delete, path = "/v1/call-workers/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 204, description = "They are given no more calls")),
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::Send)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let left = call_queue::remove_worker(&mut tx, id).await?;
    caller.record_in_bulk(&mut tx, "call_worker.remove", id, json!({ "calls": left })).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
