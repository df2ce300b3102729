//! `POST /v1/uploads/{id}/cancel`: stops a file and takes away what it staged.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::data_source::{self, SourceStatus};
use serde_json::json;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::temporal::TemporalError;

use super::get;
use super::view::Upload;

/// Stops an upload. What it staged is taken away; its status becomes `cancelled` when that is done.
#[utoipa::path(
    post, path = "/v1/uploads/{id}/cancel", tag = "uploads", params(("id" = String, Path)),
    responses(
        (status = 202, body = Upload, description = "Stopping, or stopped"),
        (status = 409, body = crate::problem::ProblemBody, description = "Too late: it has come to an end"),
    ),
)]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DataSourceId>,
) -> Result<(StatusCode, Json<Upload>), Problem> {
    caller.may(Permission::Upload)?;
    let tx = caller.transaction(&state).await?;
    let source = data_source::get(&tx, id).await?;
    tx.commit().await?;
    match source.status {
        // As wished already.
        SourceStatus::Cancelled => return Ok((StatusCode::ACCEPTED, Json(Upload::of(&state, source)))),
        SourceStatus::Uploaded | SourceStatus::Processing => {}
        ended => {
            return Err(Problem::http(
                HttpCode::Conflict,
                format!("{id} is {ended}: there is nothing to cancel; a completed upload can be undone"),
            ));
        }
    }
    match state.temporal.cancel_upload(id).await {
        Ok(()) => {}
        Err(TemporalError::Refused(why)) => return Err(Problem::http(HttpCode::Conflict, why)),
        // Not started yet, and from now on it will not be.
        Err(TemporalError::NotRunning) => {
            let tx = caller.transaction(&state).await?;
            data_source::set_status(&tx, id, &[SourceStatus::Uploaded], SourceStatus::Cancelled).await?;
            tx.commit().await?;
        }
        Err(error) => return Err(error.into()),
    }
    let tx = caller.transaction(&state).await?;
    caller.record(&tx, "upload.cancel", id, json!({})).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(get::now(&state, caller.team, id).await?)))
}
