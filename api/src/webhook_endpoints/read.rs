//! `GET /v1/webhook-endpoints`, `GET /v1/webhook-endpoints/{id}`.

use axum::Json;
use axum::extract::State;
use domain::id::WebhookEndpointId;
use domain::role::Permission;
use entities::webhook_endpoint;

use crate::auth::Caller;
use crate::extract::Id;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

use super::WebhookEndpoint;

/// The team's endpoints, newest first; without their secrets, which are shown once.
#[utoipa::path(get, path = "/v1/webhook-endpoints", tag = "team", responses((status = 200, body = Page<WebhookEndpoint>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<WebhookEndpoint>>, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let endpoints = webhook_endpoint::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(Page { items: endpoints.into_iter().map(Into::into).collect(), next_cursor: None }))
}

/// One of the team's endpoints.
#[utoipa::path(
    get, path = "/v1/webhook-endpoints/{id}", tag = "team", params(("id" = String, Path)),
    responses((status = 200, body = WebhookEndpoint)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<WebhookEndpointId>,
) -> Result<Json<WebhookEndpoint>, Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let endpoint = webhook_endpoint::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(endpoint.into()))
}
