//! `GET /v1/senders` and `GET /v1/senders/{id}`: from where the team sends.

use axum::Json;
use axum::extract::State;
use domain::id::SenderId;
use domain::role::Permission;
use entities::sender;

use crate::auth::Caller;
use crate::extract::{Id, Params};
use crate::page::{Page, Which};
use crate::problem::Problem;
use crate::state::AppState;

use super::Sender;

/// The team's senders, newest first.
#[utoipa::path(
    get, path = "/v1/senders", tag = "campaigns", params(Which), responses((status = 200, body = Page<Sender>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Sender>>, Problem> {
    caller.may(Permission::Read)?;
    let request = which.request()?;
    let tx = caller.transaction(&state).await?;
    let senders = sender::list(&tx, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(senders, Into::into)))
}

/// One sender.
#[utoipa::path(
    get, path = "/v1/senders/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Sender)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SenderId>,
) -> Result<Json<Sender>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let sender = sender::get(&tx, id).await?;
    tx.commit().await?;
    Ok(Json(sender.into()))
}
