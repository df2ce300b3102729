//! `DELETE /v1/webhook-endpoints/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::id::WebhookEndpointId;
use domain::role::Permission;
use entities::webhook_endpoint;
use serde_json::json;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// Takes an endpoint away, with what was still to be told to it.
#[utoipa::path(
    delete, path = "/v1/webhook-endpoints/{id}", tag = "team", params(("id" = String, Path)),
    responses((status = 204, description = "It is told nothing any more")),
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<WebhookEndpointId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    webhook_endpoint::remove(&mut tx, id).await?;
    caller.record_in_bulk(&mut tx, "webhook_endpoint.delete", id, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
