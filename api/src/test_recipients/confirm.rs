//! `POST /v1/test-recipients/{id}/confirm`: proves that a number or address is the team's, by the code that was sent there.

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use domain::id::TestRecipientId;
use domain::role::Permission;
use entities::test_send::{self, Confirmed};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{TestRecipient, code_hash};
use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The code that was sent there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentCode {
    #[schema(example = "123456")]
    code: String,
}

/// Confirms it. After five tries, or half an hour, it has to be listed anew.
#[utoipa::path(
    post, path = "/v1/test-recipients/{id}/confirm", tag = "campaigns", params(("id" = String, Path)),
    request_body = SentCode,
    responses(
        (status = 200, body = TestRecipient),
        (status = 409, body = crate::problem::ProblemBody, description = "Too late, or tried too often"),
        (status = 422, body = crate::problem::ProblemBody, description = "Another code was sent there"),
    ),
)]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TestRecipientId>,
    said: Result<JsonBody<SentCode>, Problem>,
) -> Result<Json<TestRecipient>, Problem> {
    caller.may(Permission::ManageLimits)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    test_send::get(&mut tx, id).await?;
    let JsonBody(said) = said?;
    let by = Some(caller.user);
    match test_send::confirm(&mut tx, id, code_hash(&said.code), Utc::now(), by).await? {
        Confirmed::Yes => {}
        Confirmed::Wrong => {
            // The try counts.
            tx.commit().await?;
            return Err(Problem::invalid("/code", "another code was sent there"));
        }
        Confirmed::Over => {
            tx.commit().await?;
            let what = "the code is too old or was tried too often; take it off the list and list it anew";
            return Err(Problem::http(HttpCode::Conflict, what));
        }
    }
    caller.record_in_bulk(&mut tx, "test_recipient.confirm", id, json!({})).await?;
    let recipient = test_send::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(recipient.into()))
}
