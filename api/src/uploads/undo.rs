//! `POST /v1/uploads/{id}/undo`: takes a completed file back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::data_source::{self, SourceStatus};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use workflows::upload_undo::{self, UndoInput};

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::temporal::Started;

use super::view;

/// An undo under way.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UploadUndo)]
pub(crate) struct Undo {
    /// The upload that is taken back.
    #[schema(value_type = String)]
    id: DataSourceId,
    /// The id of the workflow that does it.
    workflow_id: String,
    /// Whether this request started it; else one before did.
    started: bool,
    /// Where to see the upload become `undone`.
    see: String,
}

/// Takes a completed upload back: leads that no campaign has touched go, with what nothing else refers to.
#[utoipa::path(
    post, path = "/v1/uploads/{id}/undo", tag = "uploads", params(("id" = String, Path)),
    responses(
        (status = 202, body = Undo),
        (status = 409, body = crate::problem::ProblemBody, description = "Not completed"),
    ),
)]
pub(crate) async fn undo(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DataSourceId>,
) -> Result<(StatusCode, Json<Undo>), Problem> {
    caller.may(Permission::UndoUpload)?;
    let tx = caller.transaction(&state).await?;
    let source = data_source::get(&tx, id).await?;
    tx.commit().await?;
    if source.status != SourceStatus::Completed {
        let detail = format!("{id} is {}; only a completed upload can be undone", source.status);
        return Err(Problem::http(HttpCode::Conflict, detail));
    }
    let input = UndoInput { team: caller.team, source: id, user: Some(caller.user) };
    let started = state.temporal.start_undo(&state.task_queue, input).await?;
    let tx = caller.transaction(&state).await?;
    caller.record(&tx, "upload.undo", id, json!({})).await?;
    tx.commit().await?;
    let undo = Undo {
        id,
        workflow_id: upload_undo::workflow_id(id),
        started: started == Started::Now,
        see: view::path(id),
    };
    Ok((StatusCode::ACCEPTED, Json(undo)))
}
