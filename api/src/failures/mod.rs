//! `GET /v1/failures`: everything that failed and waits for a person. It takes the place of a dead-letter queue.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::data_source::{self, DataSource, SourceStatus};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{Page, Which};
use crate::problem::Problem;
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Something that failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingFailure {
    /// What failed.
    #[schema(example = "upload")]
    kind: &'static str,
    #[schema(value_type = String)]
    id: DataSourceId,
    /// What people call it.
    name: String,
    /// The stable code; `/errors/<code>` explains it.
    code: String,
    /// What happened, where, and what to do.
    detail: String,
    /// How often it was tried.
    attempts: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed_at: Option<DateTime<Utc>>,
    /// Where it is.
    see: String,
    /// Where to POST to try it again.
    retry: String,
}

impl From<DataSource> for WaitingFailure {
    fn from(source: DataSource) -> Self {
        let see = format!("/v1/uploads/{}", source.id);
        Self {
            kind: "upload",
            id: source.id.0,
            name: source.original_name,
            code: source.failure_code.unwrap_or_default(),
            detail: source.failure_detail.unwrap_or_default(),
            attempts: source.attempt,
            failed_at: source.completed_at,
            retry: format!("{see}/retry"),
            see,
        }
    }
}

/// What failed and waits for a person, newest first.
#[utoipa::path(get, path = "/v1/failures", tag = "team", params(Which), responses((status = 200, body = Page<WaitingFailure>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<WaitingFailure>>, Problem> {
    caller.may(Permission::Read)?;
    let request = which.request()?;
    let tx = caller.transaction(&state).await?;
    let failed = data_source::list(&tx, Some(SourceStatus::Failed), request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(failed, Into::into)))
}
