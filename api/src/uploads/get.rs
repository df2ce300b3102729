//! `GET /v1/uploads/{id}`: one file and how far it is.

use axum::Json;
use axum::extract::State;
use domain::id::{DataSourceId, TeamId};
use domain::role::Permission;
use entities::data_source::{self, SourceStatus};
use entities::{rejected_row, stage_run};

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::Upload;

/// One upload: status, counts, failure, and live progress while it is being processed.
#[utoipa::path(
    get, path = "/v1/uploads/{id}", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, body = Upload)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DataSourceId>,
) -> Result<Json<Upload>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(now(&state, caller.team, id).await?))
}

/// The upload as it is at this moment. What only Temporal knows is left out where it does not answer.
pub(crate) async fn now(state: &AppState, team: TeamId, id: DataSourceId) -> Result<Upload, Problem> {
    let tx = state.db.team(team).await?;
    let source = data_source::get(&tx, id).await?;
    let stages = stage_run::totals(&tx, id).await?;
    let rejected = rejected_row::counts_by_code(&tx, id).await?;
    tx.commit().await?;
    let mut upload = Upload::of(state, source).with_stages(stages);
    upload.rejected_by_code = (!rejected.is_empty()).then(|| rejected.into_iter().collect());
    if upload.status == SourceStatus::Processing {
        match state.temporal.upload_progress(id).await {
            Ok(progress) => upload.progress = progress.map(Into::into),
            Err(error) => tracing::debug!(source = %id, cause = %error, "no live progress"),
        }
    }
    Ok(upload)
}
