//! `GET /v1/pulls/{id}`: one pull.

use axum::Json;
use axum::extract::State;
use domain::id::PullId;
use domain::role::Permission;
use entities::pull;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::Pull;

/// One pull, with what it has brought until now.
#[utoipa::path(
    get, path = "/v1/pulls/{id}", tag = "pulls", params(("id" = String, Path)),
    responses((status = 200, body = Pull)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<PullId>,
) -> Result<Json<Pull>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let pull = pull::get(&tx, id).await?;
    tx.commit().await?;
    Ok(Json(Pull::of(&state, pull)))
}
