//! `PATCH /v1/senders/{id}`: whether a sender may be used, and what e-mails from it say of whom they are from.

use axum::Json;
use axum::extract::State;
use domain::id::SenderId;
use domain::role::Permission;
use entities::sender::{self, SenderState};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody, said};
use crate::problem::Problem;
use crate::state::AppState;

use super::{Sender, letterhead};

/// What a sender is from now on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SenderPatch {
    /// `active`, `paused`, or `retired`, which is for ever.
    state: Option<String>,
    /// Why it is not active.
    reason: Option<String>,
    /// Of an e-mail address: the name that people see it is from; `null` takes it away, and the sender's own is shown.
    #[serde(deserialize_with = "said")]
    display_name: Option<Option<String>>,
    /// Of an e-mail address: where the sender is, for the post. It cannot be taken away.
    #[serde(deserialize_with = "said")]
    postal_address: Option<Option<String>>,
    /// Of an e-mail address: where answers go; `null`: to the address itself.
    #[serde(deserialize_with = "said")]
    reply_to: Option<Option<String>>,
}

/// Lets a sender be used, or not. What is under way ends; nothing more begins. What is not said stays.
#[utoipa::path(
    patch, path = "/v1/senders/{id}", tag = "campaigns", params(("id" = String, Path)), request_body = SenderPatch,
    responses((status = 200, body = Sender)),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SenderId>,
    JsonBody(patch): JsonBody<SenderPatch>,
) -> Result<Json<Sender>, Problem> {
    caller.may(Permission::ManageLimits)?;
    let wanted: Option<SenderState> = patch
        .state
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|error: domain::named::UnknownName| Problem::invalid("/state", error.to_string()))?;
    let head = letterhead::patched(patch.display_name, patch.postal_address, patch.reply_to)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if let Some(head) = head {
        if !sender::set_letterhead(&mut tx, id, &head).await? {
            let none = Problem::invalid("/postal_address", "only an e-mail address of the team has one");
            sender_exists(&state, &caller, id).await?;
            return Err(none);
        }
        caller.record_in_bulk(&mut tx, "sender.update", id, json!({ "letterhead": true })).await?;
    }
    if let Some(wanted) = wanted
        && sender::set_state(&mut tx, id, wanted, patch.reason.as_deref()).await?
    {
        caller.record_in_bulk(&mut tx, "sender.update", id, json!({ "state": wanted.as_str() })).await?;
    }
    tx.commit().await?;
    let tx = caller.transaction(&state).await?;
    let sender = sender::get(&tx, id).await?;
    tx.commit().await?;
    Ok(Json(sender.into()))
}

/// What is another team's is not found, whatever is said about it.
async fn sender_exists(state: &AppState, caller: &Caller, id: SenderId) -> Result<(), Problem> {
    let tx = caller.transaction(state).await?;
    sender::get(&tx, id).await?;
    tx.commit().await?;
    Ok(())
}
