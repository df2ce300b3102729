//! `GET /v1/uploads`: the team's files.

use axum::Json;
use axum::extract::State;
use domain::role::Permission;
use entities::data_source::{self, SourceStatus};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::view::Upload;

/// Which uploads.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Only those in this status: `uploaded`, `processing`, `completed`, `failed`, `cancelled` or `undone`.
    #[param(value_type = Option<String>)]
    status: Option<SourceStatus>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's uploads, newest first.
#[utoipa::path(get, path = "/v1/uploads", tag = "uploads", params(Which), responses((status = 200, body = Page<Upload>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Upload>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let tx = caller.transaction(&state).await?;
    let sources = data_source::list(&tx, which.status, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(sources, |source| Upload::of(&state, source))))
}
