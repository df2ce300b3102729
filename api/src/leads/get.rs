//! `GET /v1/leads/{id}`: one lead, with where it came from and why it has its score.

use axum::Json;
use axum::extract::State;
use domain::id::LeadId;
use domain::role::Permission;
use entities::lead;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::FullLead;

/// One lead with its business, its person, the file, row and line it came from, and the account of its score.
#[utoipa::path(
    get, path = "/v1/leads/{id}", tag = "leads", params(("id" = String, Path)),
    responses((status = 200, body = FullLead)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<LeadId>,
) -> Result<Json<FullLead>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let detail = lead::detail(&tx, id).await?;
    tx.commit().await?;
    Ok(Json(detail.try_into()?))
}
