//! `GET /v1/blocks`: the team's blocks.

use axum::Json;
use axum::extract::State;
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::block::{self, BlockFilter, BlockStatus};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::Block;

/// Which blocks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// `open`, `assigned` or `dissolved`.
    #[param(value_type = Option<String>)]
    status: Option<BlockStatus>,
    /// Only those that this upload made.
    #[param(value_type = Option<String>)]
    upload: Option<DataSourceId>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's blocks, newest first.
#[utoipa::path(get, path = "/v1/blocks", tag = "blocks", params(Which), responses((status = 200, body = Page<Block>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Block>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let filter = BlockFilter { status: which.status, source: which.upload };
    let tx = caller.transaction(&state).await?;
    let blocks = block::list(&tx, filter, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(blocks, Into::into)))
}
