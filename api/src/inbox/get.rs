//! `GET /v1/inbox/{id}`: one item.

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use domain::id::InboxItemId;
use domain::role::Permission;
use entities::inbox_item;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::InboxItem;

/// One message that came in. Looking at it does not mark it read.
#[utoipa::path(
    get, path = "/v1/inbox/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = InboxItem)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::Read)?;
    shown(&state, &caller, id).await.map(Json)
}

/// The item as it is now.
pub(super) async fn shown(state: &AppState, caller: &Caller, id: InboxItemId) -> Result<InboxItem, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let item = inbox_item::get(&mut tx, id, Utc::now()).await?;
    tx.commit().await?;
    Ok(item.into())
}
