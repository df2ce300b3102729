//! Pulls: lists that come from vendors, page by page, until something known comes.

mod create;
mod get;
mod list;
mod schedules;
mod stop;
mod workflow;

use chrono::{DateTime, Utc};
use domain::id::{PullId, PullScheduleId, UserId};
use entities::pull;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get))
        .routes(routes!(stop::stop))
        .routes(routes!(schedules::list))
        .routes(routes!(schedules::end))
}

/// A pull of a vendor's list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Pull {
    #[schema(value_type = String, example = "pull_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: PullId,
    /// The vendor's list.
    #[schema(example = "batchdata")]
    source: String,
    /// What is asked: `zip_codes`, `filters` and `sort`.
    #[schema(value_type = Object)]
    question: serde_json::Value,
    /// SHA-256 of the question: pulls of one question share a bookmark.
    query_sig: String,
    /// `requested`, `running`, `completed`, `stopped` or `failed`.
    #[schema(example = "running")]
    state: String,
    /// Pages fetched.
    pages: i32,
    /// Records in them.
    records: i32,
    /// Leads they made.
    leads_new: i32,
    /// Records whose lead was known.
    leads_known: i32,
    /// The schedule that it is one of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    schedule: Option<PullScheduleId>,
    /// The most pages to fetch; absent where there is no such limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    most_pages: Option<i32>,
    /// What ended it: `known` (a record that an earlier pull had brought), `end`, `limit`, `person`, `budget` or `failure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_by: Option<String>,
    /// What went wrong, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    /// When a person asked it to stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_requested_at: Option<DateTime<Utc>>,
    /// Its workflow in the Temporal UI.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_url: Option<String>,
    #[schema(value_type = Option<String>)]
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl Pull {
    /// The pull as its row says: each page writes its counts there.
    fn of(state: &AppState, pull: pull::Pull) -> Self {
        Self {
            id: pull.id.0,
            source: pull.source,
            question: pull.pull_params,
            query_sig: pull.query_sig,
            state: pull.state,
            pages: pull.pages,
            records: pull.records,
            leads_new: pull.leads_new,
            leads_known: pull.leads_known,
            schedule: pull.schedule_id.map(|id| id.0),
            most_pages: pull.most_pages,
            ended_by: pull.ended_by,
            failure: pull.failure,
            stop_requested_at: pull.stop_requested_at,
            workflow_url: pull.workflow_id.as_deref().and_then(|id| state.workflow_url(id)),
            created_by: pull.created_by.map(|id| id.0),
            created_at: pull.created_at,
            started_at: pull.started_at,
            ended_at: pull.ended_at,
        }
    }
}
