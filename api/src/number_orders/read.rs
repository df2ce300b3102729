//! `GET /v1/number-orders` and `GET /v1/number-orders/{id}`: how far orders of numbers have come.

use axum::Json;
use axum::extract::State;
use domain::id::NumberOrderId;
use domain::role::Permission;
use entities::number_order;

use super::NumberOrder;
use crate::auth::Caller;
use crate::extract::Id;
use crate::page::Page;
use crate::problem::Problem;
use crate::state::AppState;

/// The team's orders of numbers, newest first, 200 at the most.
#[utoipa::path(
    get, path = "/v1/number-orders", tag = "campaigns", responses((status = 200, body = Page<NumberOrder>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<NumberOrder>>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let orders = number_order::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(Page { items: orders.into_iter().map(Into::into).collect(), next_cursor: None }))
}

/// One order of a number.
#[utoipa::path(
    get, path = "/v1/number-orders/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = NumberOrder)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<NumberOrderId>,
) -> Result<Json<NumberOrder>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let order = number_order::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(order.into()))
}
