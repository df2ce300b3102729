//! What people decide in a conversation: each an update of its workflow, which refuses what cannot be.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use domain::id::{ConversationId, SuggestionId};
use domain::reply::{CloseReason, Closing, Disposition, HoldReason};
use domain::role::Permission;
use entities::conversation;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use workflows::conversation::{ConversationRef, Order};

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson};
use crate::inbox::in_nobody_elses_hands;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::{Conversation, now};

/// The longest text, in bytes.
pub(super) const MAX_TEXT: usize = 1_600;

/// Which suggestion.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = ReplyDecision)]
pub(crate) struct Chosen {
    /// The suggestion that was read; what was proposed after it is not meant.
    suggestion: String,
}

/// Which suggestion, and what is sent instead.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = ReplyEdit)]
pub(crate) struct Edit {
    /// The suggestion that was read.
    suggestion: String,
    /// What is sent, with the variables of templates.
    text: String,
}

/// How it ended.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = ConversationEnd)]
pub(crate) struct End {
    /// `closed`, `converted` or `lost`.
    disposition: String,
    /// `booked`, `signed`, `answered`, `deliverable_sent`, `not_now`, `not_interested`, `already_served`, `price`,
    /// `no_answer`, `wrong_number`, `opted_out`, `duplicate` or `other`.
    reason: String,
    /// In words; wanted where the reason is `other`.
    notes: String,
}

/// Sends a suggestion as it is, through the gate. Once: a second decision is refused.
#[utoipa::path(
    post, path = "/v1/conversations/{id}/approve", tag = "inbox", params(("id" = String, Path)), request_body = Chosen,
    responses(
        (status = 200, body = Conversation),
        (status = 409, body = crate::problem::ProblemBody, description = "Stale, decided, expired, held, or in other hands: the detail says which"),
    ),
)]
pub(crate) async fn approve(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
    OptionalJson(chosen): OptionalJson<Chosen>,
) -> Result<Json<Conversation>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::Send)?;
    let suggestion = suggestion(&chosen.suggestion)?;
    carry_out(&state, &caller, id, Order::Approve { suggestion }).await
}

/// Sends another text in a suggestion's place, through the gate.
#[utoipa::path(
    post, path = "/v1/conversations/{id}/edit", tag = "inbox", params(("id" = String, Path)), request_body = Edit,
    responses(
        (status = 200, body = Conversation),
        (status = 409, body = crate::problem::ProblemBody, description = "Stale, decided, expired, held, or in other hands: the detail says which"),
    ),
)]
pub(crate) async fn edit(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
    OptionalJson(edit): OptionalJson<Edit>,
) -> Result<Json<Conversation>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::Send)?;
    let suggestion = suggestion(&edit.suggestion)?;
    let text = text(&edit.text)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    in_nobody_elses_hands(&mut tx, &caller, id, Utc::now()).await?;
    conversation::put_edited(&mut tx, id, suggestion, text).await?;
    tx.commit().await?;
    // The words of a person stay in the database: Temporal is told which they are.
    let text_hash = hex::encode(Sha256::digest(text.as_bytes()));
    carry_out(&state, &caller, id, Order::Edit { suggestion, text_hash }).await
}

/// Does not send a suggestion.
#[utoipa::path(
    post, path = "/v1/conversations/{id}/reject", tag = "inbox", params(("id" = String, Path)), request_body = Chosen,
    responses((status = 200, body = Conversation), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn reject(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
    OptionalJson(chosen): OptionalJson<Chosen>,
) -> Result<Json<Conversation>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::DraftCampaigns)?;
    let suggestion = suggestion(&chosen.suggestion)?;
    carry_out(&state, &caller, id, Order::Reject { suggestion }).await
}

/// Answers by hand from now on: nothing is suggested, nothing goes out by itself, follow-ups are cancelled.
#[utoipa::path(
    post, path = "/v1/conversations/{id}/take-over", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn take_over(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::DraftCampaigns)?;
    carry_out(&state, &caller, id, Order::TakeOver).await
}

/// Lets a conversation go on that was held, or hands back one that was taken over. An opt-out that the program read out of
/// somebody's own words is lifted with it; one that was said by a word is not, and this is refused.
#[utoipa::path(
    post, path = "/v1/conversations/{id}/clear", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = Conversation), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn clear(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::Send)?;
    carry_out(&state, &caller, id, Order::Release).await
}

/// Says how a conversation ended. The next message opens it again, with its history.
#[utoipa::path(
    post, path = "/v1/conversations/{id}/close", tag = "inbox", params(("id" = String, Path)), request_body = End,
    responses(
        (status = 200, body = Conversation),
        (status = 409, body = crate::problem::ProblemBody, description = "It was closed otherwise, or is in other hands"),
        (status = 422, body = crate::problem::ProblemBody, description = "Disposition and reason do not go together, or notes are missing"),
    ),
)]
pub(crate) async fn close(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
    OptionalJson(end): OptionalJson<End>,
) -> Result<Json<Conversation>, Problem> {
    let known = exists(&state, &caller, id).await?;
    caller.may(Permission::DraftCampaigns)?;
    let word = |pointer: &'static str| {
        move |error: domain::named::UnknownName| Problem::invalid(pointer, error.to_string())
    };
    let disposition: Disposition = end.disposition.parse().map_err(word("/disposition"))?;
    let reason: CloseReason = end.reason.parse().map_err(word("/reason"))?;
    let opted_out = known.hold_reason.as_deref() == Some(HoldReason::OptedOut.as_str());
    let closing = Closing::new(disposition, reason, &end.notes, opted_out).map_err(|fault| {
        Problem::failure(StatusCode::UNPROCESSABLE_ENTITY, fault.code(), fault.to_string())
    })?;
    let mut tx = caller.bulk_transaction(&state).await?;
    in_nobody_elses_hands(&mut tx, &caller, id, Utc::now()).await?;
    // Before the order, so that whoever carries it out has them: the words of a person stay in the database.
    conversation::put_close_notes(&mut tx, id, &closing.notes, caller.user).await?;
    tx.commit().await?;
    carry_out(&state, &caller, id, Order::Close { disposition, reason }).await
}

fn suggestion(text: &str) -> Result<SuggestionId, Problem> {
    text.parse()
        .map_err(|_| Problem::invalid("/suggestion", "must be the id of the suggestion that was read"))
}

/// A text that can be sent.
pub(super) fn text(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    if !(1..=MAX_TEXT).contains(&text.len()) {
        return Err(Problem::invalid("/text", format!("must be 1 to {MAX_TEXT} bytes long")));
    }
    domain::message::Template::parse(text).map_err(|error| Problem::invalid("/text", error.to_string()))?;
    Ok(text)
}

/// What belongs to another team is not found, whatever the caller may do and whatever was sent.
pub(super) async fn exists(
    state: &AppState,
    caller: &Caller,
    id: ConversationId,
) -> Result<conversation::Conversation, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let found = conversation::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(found)
}

/// Gives the order, and answers with the conversation as it is then.
pub(super) async fn carry_out(
    state: &AppState,
    caller: &Caller,
    id: ConversationId,
    order: Order,
) -> Result<Json<Conversation>, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    in_nobody_elses_hands(&mut tx, caller, id, Utc::now()).await?;
    tx.commit().await?;
    let of = ConversationRef { team: caller.team, conversation: id };
    let pace = state.conversation_pace;
    let decided = state.temporal.decide(&state.task_queue, of, caller.user, order, pace).await?;
    if let Some(refusal) = decided.refused {
        return Err(Problem::failure(StatusCode::CONFLICT, refusal.code, refusal.detail));
    }
    now(state, caller, id).await.map(Json)
}
