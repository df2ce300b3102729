//! `GET /v1/templates`: the team's templates.

use axum::Json;
use axum::extract::State;
use domain::role::Permission;
use entities::template;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::Template;

/// Which templates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Also those that were put away.
    #[serde(default)]
    archived: bool,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's templates, newest first.
#[utoipa::path(
    get, path = "/v1/templates", tag = "campaigns", params(Which), responses((status = 200, body = Page<Template>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Template>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let tx = caller.transaction(&state).await?;
    let templates = template::list(&tx, which.archived, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(templates, Into::into)))
}
