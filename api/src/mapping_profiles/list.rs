//! `GET /v1/mapping-profiles`: the team's ways of reading files.

use axum::Json;
use axum::extract::State;
use domain::role::Permission;
use entities::mapping_profile;

use crate::auth::Caller;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

use super::MappingProfile;

/// The team's mapping profiles, by name. There are few, so all are on one page.
#[utoipa::path(get, path = "/v1/mapping-profiles", tag = "mapping profiles", responses((status = 200, body = Page<MappingProfile>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<MappingProfile>>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let profiles = mapping_profile::list(&tx).await?;
    tx.commit().await?;
    let items = profiles.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(Json(Page { items, next_cursor: None }))
}
