//! `GET /v1/enrichments`: the team's runs.

use axum::Json;
use axum::extract::State;
use domain::role::Permission;
use entities::enrichment::{self, EnrichmentState};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::view::Enrichment;

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// `estimated`, `running`, `completed`, `failed` or `cancelled`.
    #[param(value_type = Option<String>)]
    state: Option<EnrichmentState>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's runs, newest first.
#[utoipa::path(
    get, path = "/v1/enrichments", tag = "enrichment", params(Which),
    responses((status = 200, body = Page<Enrichment>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Enrichment>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let tx = caller.transaction(&state).await?;
    let runs = enrichment::list(&tx, which.state, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(runs, |run| Enrichment::of(&state, run))))
}
