//! `GET /v1/campaigns`: the team's campaigns.

use axum::Json;
use axum::extract::State;
use domain::campaign::CampaignState;
use domain::role::Permission;
use entities::campaign;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::view::CampaignEntry;

/// Which campaigns.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// `draft`, `staged`, `approved`, `scheduled`, `running`, `paused`, `completed`, `cancelled`, `expired` or `failed`.
    #[param(value_type = Option<String>)]
    state: Option<CampaignState>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's campaigns, newest first.
#[utoipa::path(
    get, path = "/v1/campaigns", tag = "campaigns", params(Which),
    responses((status = 200, body = Page<CampaignEntry>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<CampaignEntry>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let tx = caller.transaction(&state).await?;
    let campaigns = campaign::list(&tx, which.state, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(campaigns, |campaign| CampaignEntry::of(&state, campaign))))
}
