//! `GET /v1/blocks/{id}`: one block.

use axum::Json;
use axum::extract::State;
use domain::id::BlockId;
use domain::role::Permission;
use entities::block;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::Block;

/// One block. Its leads are at `/v1/leads?block=…`.
#[utoipa::path(
    get, path = "/v1/blocks/{id}", tag = "blocks", params(("id" = String, Path)),
    responses((status = 200, body = Block)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<BlockId>,
) -> Result<Json<Block>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let block = block::get(&tx, id).await?;
    tx.commit().await?;
    Ok(Json(block.into()))
}
