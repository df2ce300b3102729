//! Tasks: what somebody has to do.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{ConversationId, LeadId, TaskId, UserId};
use domain::role::Permission;
use entities::task::{self, NewTask, TaskPriority, TaskState};
use entities::{conversation, lead};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody, OptionalJson, Params};
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

/// The longest title, in bytes.
const MAX_TITLE: usize = 200;
/// The longest notes, in bytes.
const MAX_NOTES: usize = 2_000;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get)).routes(routes!(end))
}

/// Something to be done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Task {
    #[schema(value_type = String, example = "task_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: TaskId,
    /// What it is about, in a word: `by_hand` where a person made it.
    kind: String,
    title: String,
    notes: String,
    /// `low`, `normal` or `high`.
    priority: String,
    /// `open`, `done` or `cancelled`.
    state: String,
    due_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    conversation: Option<ConversationId>,
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    #[schema(value_type = Option<String>)]
    assigned_to: Option<UserId>,
    /// Absent where the system made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    #[schema(value_type = Option<String>)]
    done_by: Option<UserId>,
    done_notes: Option<String>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<task::Task> for Task {
    fn from(task: task::Task) -> Self {
        Self {
            id: task.id,
            kind: task.kind,
            title: task.title,
            notes: task.notes,
            priority: task.priority,
            state: task.state,
            due_at: task.due_at,
            conversation: task.conversation,
            lead: task.lead,
            assigned_to: task.assigned_to,
            created_by: task.created_by,
            created_at: task.created_at,
            done_by: task.done_by,
            done_notes: task.done_notes,
            ended_at: task.ended_at,
        }
    }
}

/// Which tasks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    /// `open`, `done` or `cancelled`; open where it is not said.
    #[param(value_type = Option<String>)]
    state: Option<TaskState>,
    /// Those of the caller alone.
    mine: bool,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's tasks, newest first.
#[utoipa::path(
    get, path = "/v1/tasks", tag = "inbox", params(Which), responses((status = 200, body = Page<Task>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Task>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let wanted = which.state.unwrap_or(TaskState::Open);
    let mut tx = caller.bulk_transaction(&state).await?;
    let tasks = task::list(&mut tx, wanted, which.mine.then_some(caller.user), request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(tasks, Into::into)))
}

/// A task as somebody wants it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTask)]
pub(crate) struct New {
    /// What to do, in a line.
    title: String,
    /// What to know.
    #[serde(default)]
    notes: String,
    /// `low`, `normal` or `high`.
    #[serde(default)]
    priority: Option<String>,
    #[serde(default)]
    due_at: Option<DateTime<Utc>>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    conversation: Option<ConversationId>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    /// Who does it; nobody where it is left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    assigned_to: Option<UserId>,
}

/// Makes a task.
#[utoipa::path(
    post, path = "/v1/tasks", tag = "inbox", request_body = New, responses((status = 201, body = Task)),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<(StatusCode, Json<Task>), Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let title = new.title.trim();
    if !(1..=MAX_TITLE).contains(&title.len()) {
        return Err(Problem::invalid("/title", format!("must be 1 to {MAX_TITLE} bytes long")));
    }
    if new.notes.len() > MAX_NOTES {
        return Err(Problem::invalid("/notes", format!("must be {MAX_NOTES} bytes long at the most")));
    }
    let priority = match new.priority.as_deref() {
        None => TaskPriority::Normal,
        Some(word) => word
            .parse()
            .map_err(|error: domain::named::UnknownName| Problem::invalid("/priority", error.to_string()))?,
    };
    if let Some(id) = new.lead {
        let tx = caller.transaction(&state).await?;
        lead::get(&tx, id).await?;
        tx.commit().await?;
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    if let Some(id) = new.conversation {
        conversation::get(&mut tx, id).await?;
    }
    let wanted = NewTask {
        kind: "by_hand",
        subject: None,
        title,
        notes: new.notes.trim(),
        priority,
        due_at: new.due_at,
        conversation: new.conversation,
        lead: new.lead,
        assigned_to: new.assigned_to,
        dedup_key: None,
        by: Some(caller.user),
    };
    let id = task::put(&mut tx, &wanted).await?;
    let id = id.ok_or_else(|| Problem::internal("a task without a key was there already"))?;
    caller.record_in_bulk(&mut tx, "task.create", id, json!({ "priority": priority })).await?;
    let made = task::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// One task.
#[utoipa::path(
    get, path = "/v1/tasks/{id}", tag = "inbox", params(("id" = String, Path)), responses((status = 200, body = Task)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TaskId>,
) -> Result<Json<Task>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = task::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(found.into()))
}

/// How it ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = TaskEnd)]
pub(crate) struct End {
    /// It is not to be done any more, instead of done.
    cancelled: bool,
    /// What came of it.
    notes: String,
}

/// Says that a task was done, or is not to be done any more.
#[utoipa::path(
    post, path = "/v1/tasks/{id}/done", tag = "inbox", params(("id" = String, Path)),
    request_body(content = End, description = "May be left out"),
    responses(
        (status = 200, body = Task),
        (status = 409, body = crate::problem::ProblemBody, description = "It was dealt with before"),
    ),
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TaskId>,
    OptionalJson(end): OptionalJson<End>,
) -> Result<Json<Task>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    if end.notes.len() > MAX_NOTES {
        return Err(Problem::invalid("/notes", format!("must be {MAX_NOTES} bytes long at the most")));
    }
    let to = if end.cancelled { TaskState::Cancelled } else { TaskState::Done };
    let mut tx = caller.bulk_transaction(&state).await?;
    task::end(&mut tx, id, to, end.notes.trim(), caller.user, Utc::now()).await?;
    caller.record_in_bulk(&mut tx, "task.end", id, json!({ "state": to })).await?;
    let ended = task::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(ended.into()))
}
