//! `GET /v1/pull-schedules`, `DELETE /v1/pull-schedules/{id}`: lists that are pulled again and again. `POST /v1/pulls` with a
//! `schedule` makes one.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{PullId, PullScheduleId, UserId};
use domain::role::Permission;
use entities::pull::schedule::{self, PullSchedule};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, Params};
use crate::page::{Page, Which};
use crate::problem::Problem;
use crate::state::AppState;

/// A list that is pulled again and again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PullSchedule)]
pub(crate) struct Schedule {
    #[schema(value_type = String, example = "psch_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: PullScheduleId,
    /// The vendor's list.
    #[schema(example = "batchdata")]
    source: String,
    /// What is asked: `zip_codes`, `filters` and `sort`.
    #[schema(value_type = Object)]
    question: serde_json::Value,
    /// SHA-256 of the question.
    query_sig: String,
    /// The most pages of each pull; absent where there is no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    most_pages: Option<i32>,
    /// Hours from one pull to the next.
    every_hours: i32,
    /// When the next one is due; absent where the schedule was ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<DateTime<Utc>>,
    /// The pull that was made last.
    #[schema(value_type = Option<String>)]
    last_pull: Option<PullId>,
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<DateTime<Utc>>,
}

impl From<PullSchedule> for Schedule {
    fn from(row: PullSchedule) -> Self {
        Self {
            id: row.id.0,
            source: row.source,
            question: row.pull_params,
            query_sig: row.query_sig,
            most_pages: row.most_pages,
            every_hours: row.every_hours,
            next_at: row.next_at,
            last_pull: row.last_pull_id.map(|id| id.0),
            created_by: row.created_by.map(|id| id.0),
            created_at: row.created_at,
            ended_at: row.ended_at,
        }
    }
}

/// The lists that are pulled again and again, newest first, and those that were.
#[utoipa::path(
    get, path = "/v1/pull-schedules", tag = "pulls", params(Which), responses((status = 200, body = Page<Schedule>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Schedule>>, Problem> {
    caller.may(Permission::Read)?;
    let request = which.request()?;
    let tx = caller.transaction(&state).await?;
    let schedules = schedule::list(&tx, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(schedules, Schedule::from)))
}

/// Ends a schedule: no more pulls are made of it. One that is under way goes on; `POST /v1/pulls/{id}/stop` stops it.
#[utoipa::path(
    delete, path = "/v1/pull-schedules/{id}", tag = "pulls", params(("id" = String, Path)),
    responses((status = 200, body = Schedule)),
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<PullScheduleId>,
) -> Result<Json<Schedule>, Problem> {
    caller.may(Permission::Enrich)?;
    let tx = caller.transaction(&state).await?;
    let ended = schedule::end(&tx, id).await?;
    caller.record(&tx, "pull_schedule.end", id, json!({})).await?;
    tx.commit().await?;
    Ok(Json(ended.into()))
}
