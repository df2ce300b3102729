//! `POST /v1/webhook-endpoints/{id}/test`: tells an endpoint that it is being tried.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::{NoticeId, WebhookEndpointId};
use domain::role::Permission;
use entities::webhook_endpoint;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// A notice that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestNotice {
    /// Its id, as in the header `webhook-id`.
    #[schema(value_type = String, example = "ntc_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: NoticeId,
    /// Where to look what came of it.
    see: String,
}

/// Tells an endpoint `webhook_endpoint.test`, within a second or two, even where it is told nothing any more: if it takes it,
/// it is told everything again.
#[utoipa::path(
    post, path = "/v1/webhook-endpoints/{id}/test", tag = "team", params(("id" = String, Path)),
    responses((status = 202, body = TestNotice)),
)]
pub(crate) async fn try_out(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<WebhookEndpointId>,
) -> Result<(StatusCode, Json<TestNotice>), Problem> {
    caller.may(Permission::ManageTeam)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let notice = webhook_endpoint::try_out(&mut tx, id).await?;
    tx.commit().await?;
    let see = format!("/v1/webhook-endpoints/{id}/notices");
    Ok((StatusCode::ACCEPTED, Json(TestNotice { id: notice, see })))
}
