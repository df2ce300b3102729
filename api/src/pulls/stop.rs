//! `POST /v1/pulls/{id}/stop`: stops a pull. What it has brought stays.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::PullId;
use domain::role::Permission;
use entities::pull::{self, EndedBy};
use serde_json::json;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::temporal::TemporalError;

use super::Pull;

/// Stops a pull. A page that was asked for is stored, since it is paid for; no other is asked for.
#[utoipa::path(
    post, path = "/v1/pulls/{id}/stop", tag = "pulls", params(("id" = String, Path)),
    responses(
        (status = 202, body = Pull, description = "Stopping, or stopped"),
        (status = 409, body = crate::problem::ProblemBody, description = "Too late: it has come to an end"),
    ),
)]
pub(crate) async fn stop(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<PullId>,
) -> Result<(StatusCode, Json<Pull>), Problem> {
    caller.may(Permission::Enrich)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let held = pull::hold(&mut tx, id).await?;
    if let Some(by) = held.ended_by.filter(|by| *by != EndedBy::Person) {
        return Err(Problem::http(
            HttpCode::Conflict,
            format!("{id} has ended ({by}): there is nothing to stop"),
        ));
    }
    // The row is the truth: a pull that no worker hears of now meets it before its next page.
    let stops = pull::request_stop(&mut tx, id).await?;
    if stops && !held.stop_requested {
        caller.record_in_bulk(&mut tx, "pull.stop", id, json!({})).await?;
    }
    tx.commit().await?;
    if stops {
        match state.temporal.stop_pull(id).await {
            Ok(()) => {}
            // It never came to run, and from now on it will not; or it has just ended by itself.
            Err(TemporalError::NotRunning) => {
                let mut tx = caller.bulk_transaction(&state).await?;
                pull::end(&mut tx, id, EndedBy::Person, None).await?;
                tx.commit().await?;
            }
            Err(error) => tracing::info!(pull = %id, cause = %error, "the pull stops before its next page"),
        }
    }
    let tx = caller.transaction(&state).await?;
    let pull = pull::get(&tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(Pull::of(&state, pull))))
}
