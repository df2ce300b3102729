//! `GET /v1/test-recipients`, `DELETE /v1/test-recipients/{id}`, `GET /v1/test-sends/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{TestRecipientId, TestSendId};
use domain::role::Permission;
use entities::test_send;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::TestRecipient;
use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// The team's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestRecipients {
    items: Vec<TestRecipient>,
}

/// A message to one of the team's own.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TestSend {
    #[schema(value_type = String, example = "tsnd_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: TestSendId,
    /// `planned`, `calling`, `accepted`, `refused`, `unknown` (it may have left, and is not sent again) or `withheld`.
    state: String,
    segments: i16,
    price_micros: i64,
    /// The vendor's code, or what withheld it: `kill_switch`, `suppression`, `no_sender`, `not_confirmed`, `lead` or `budget`.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    created_at: DateTime<Utc>,
}

impl From<test_send::Test> for TestSend {
    fn from(test: test_send::Test) -> Self {
        Self {
            id: test.id,
            state: test.state,
            segments: test.segments,
            price_micros: test.price_micros,
            why: test.why,
            created_at: test.created_at,
        }
    }
}

/// The team's own numbers and addresses.
#[utoipa::path(
    get, path = "/v1/test-recipients", tag = "campaigns", responses((status = 200, body = TestRecipients)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<TestRecipients>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let items = test_send::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(TestRecipients { items: items.into_iter().map(TestRecipient::from).collect() }))
}

/// Takes one off the list, with what was sent to it.
#[utoipa::path(
    delete, path = "/v1/test-recipients/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 204, description = "It is off the list")),
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TestRecipientId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageLimits)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    test_send::remove(&mut tx, id).await?;
    caller.record_in_bulk(&mut tx, "test_recipient.remove", id, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How far a test has come.
#[utoipa::path(
    get, path = "/v1/test-sends/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = TestSend)),
)]
pub(crate) async fn test(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<TestSendId>,
) -> Result<Json<TestSend>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let test = test_send::look(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(test.into()))
}
