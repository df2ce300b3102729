//! `POST /v1/conversations/{id}/replies`: a person writes an answer of their own.

use axum::Json;
use axum::extract::State;
use chrono::{TimeDelta, Utc};
use domain::id::{CannedReplyId, ConversationId};
use domain::role::Permission;
use entities::{canned_reply, conversation};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use workflows::conversation::Order;

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson};
use crate::inbox::in_nobody_elses_hands;
use crate::problem::Problem;
use crate::state::AppState;

use super::orders::{carry_out, exists, text};
use super::view::Conversation;

/// How long an answer that a person wrote waits for its time, in hours: a night and a day.
const KEEP_HOURS: i64 = 36;

/// What is answered.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = OwnReply)]
pub(crate) struct Own {
    /// The text, with the variables of templates; instead of `canned_reply`.
    text: Option<String>,
    /// A canned reply that is sent as it is; instead of `text`.
    #[schema(value_type = Option<String>)]
    canned_reply: Option<CannedReplyId>,
}

/// Sends what a person wrote, through the gate. What was suggested gives way to it.
#[utoipa::path(
    post, path = "/v1/conversations/{id}/replies", tag = "inbox", params(("id" = String, Path)), request_body = Own,
    responses(
        (status = 200, body = Conversation),
        (status = 409, body = crate::problem::ProblemBody, description = "Held, closed, nobody's, or in other hands: the detail says which"),
    ),
)]
pub(crate) async fn write(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
    OptionalJson(own): OptionalJson<Own>,
) -> Result<Json<Conversation>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::Send)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    let said = match (own.text, own.canned_reply) {
        (Some(said), None) => said,
        (None, Some(canned)) => canned_reply::get(&mut tx, canned).await?.text.body,
        _ => return Err(Problem::invalid("/text", "say either text or canned_reply")),
    };
    let said = text(&said)?;
    in_nobody_elses_hands(&mut tx, &caller, id, now).await?;
    let written =
        conversation::write(&mut tx, id, said, caller.user, TimeDelta::hours(KEEP_HOURS), now).await?;
    caller.record_in_bulk(&mut tx, "conversation.write", id, json!({ "suggestion": written })).await?;
    tx.commit().await?;
    carry_out(&state, &caller, id, Order::Approve { suggestion: written }).await
}
