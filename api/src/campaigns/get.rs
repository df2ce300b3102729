//! `GET /v1/campaigns/{id}`: one campaign.

use axum::Json;
use axum::extract::State;
use domain::id::CampaignId;
use domain::role::Permission;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::{Campaign, now};

/// One campaign: how far it has come, and what can be done with it.
#[utoipa::path(
    get, path = "/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Campaign)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(now(&state, caller.team, id).await?))
}
