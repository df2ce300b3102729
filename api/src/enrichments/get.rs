//! `GET /v1/enrichments/{id}`: one run, with what it spent and how its leads ended.

use axum::Json;
use axum::extract::State;
use domain::id::EnrichmentId;
use domain::role::Permission;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::{Enrichment, now};

/// One run: how far it is, what it spent, how its leads ended and why.
#[utoipa::path(
    get, path = "/v1/enrichments/{id}", tag = "enrichment", params(("id" = String, Path)),
    responses((status = 200, body = Enrichment)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<EnrichmentId>,
) -> Result<Json<Enrichment>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(now(&state, caller.team, id).await?))
}
