//! `GET /v1/pulls`: the team's pulls.

use axum::Json;
use axum::extract::State;
use domain::role::Permission;
use entities::pull::{self, PullState};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::Pull;

/// Which pulls.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// `requested`, `running`, `completed`, `stopped` or `failed`.
    #[param(value_type = Option<String>)]
    state: Option<PullState>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's pulls, newest first.
#[utoipa::path(get, path = "/v1/pulls", tag = "pulls", params(Which), responses((status = 200, body = Page<Pull>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Pull>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let tx = caller.transaction(&state).await?;
    let pulls = pull::list(&tx, which.state, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(pulls, |pull| Pull::of(&state, pull))))
}
