//! `POST /v1/enrichments/{id}/cancel`: stops a run. What was paid for stays.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::FailureCode;
use domain::id::EnrichmentId;
use domain::role::Permission;
use entities::enrichment::{self, EnrichmentState};
use serde_json::json;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::temporal::TemporalError;

use super::view::{Enrichment, now};

/// Stops a run. Calls that have left are answered and kept; no others are made.
#[utoipa::path(
    post, path = "/v1/enrichments/{id}/cancel", tag = "enrichment", params(("id" = String, Path)),
    responses(
        (status = 202, body = Enrichment, description = "Stopping, or stopped"),
        (status = 409, body = crate::problem::ProblemBody, description = "Too late: it has come to an end"),
    ),
)]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<EnrichmentId>,
) -> Result<(StatusCode, Json<Enrichment>), Problem> {
    caller.may(Permission::Enrich)?;
    let tx = caller.transaction(&state).await?;
    let run = enrichment::get(&tx, id).await?;
    tx.commit().await?;
    match run.state {
        EnrichmentState::Cancelled => {}
        EnrichmentState::Running => match state.temporal.cancel_enrichment(id).await {
            Ok(()) => {}
            Err(TemporalError::Refused(why)) => return Err(Problem::http(HttpCode::Conflict, why)),
            // It never came to run, and from now on it will not.
            Err(TemporalError::NotRunning) => end(&state, &caller, id).await?,
            Err(error) => return Err(error.into()),
        },
        EnrichmentState::Estimated => end(&state, &caller, id).await?,
        EnrichmentState::Completed | EnrichmentState::Failed => {
            return Err(Problem::http(
                HttpCode::Conflict,
                format!("{id} is {}: there is nothing to cancel", run.state.as_str()),
            ));
        }
    }
    let tx = caller.transaction(&state).await?;
    caller.record(&tx, "enrichment.cancel", id, json!({})).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(now(&state, caller.team, id).await?)))
}

async fn end(state: &AppState, caller: &Caller, id: EnrichmentId) -> Result<(), Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let why = FailureCode::EnrichCancelled.as_str();
    enrichment::end(&mut tx, id, EnrichmentState::Cancelled, Some(why)).await?;
    tx.commit().await?;
    Ok(())
}
