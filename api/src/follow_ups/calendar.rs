//! `GET /v1/follow-ups`: what happens by itself, and when; `POST /v1/follow-ups/{id}/cancel`.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{ConversationId, FollowUpId, FollowUpRuleId, LeadId};
use domain::role::Permission;
use entities::follow_up::{self, FollowUpState};
use entities::page::PageRequest;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::extract::{Id, Params};
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

/// A follow-up of one conversation on one occasion.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FollowUp {
    #[schema(value_type = String, example = "fup_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: FollowUpId,
    #[schema(value_type = String)]
    rule: FollowUpRuleId,
    rule_name: String,
    /// `email_captured_silent`, `interested_without_email`, `question_unanswered` or `called_not_contacted`.
    trigger: String,
    #[schema(value_type = String)]
    conversation: ConversationId,
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    /// What is done, as the rule said when it was planned.
    #[schema(value_type = Object)]
    actions: serde_json::Value,
    /// `planned`, `firing`, `done`, `failed`, `skipped` or `cancelled`.
    state: String,
    due_at: DateTime<Utc>,
    /// A switch stops its rule, or all: it is left out if that is so when its time comes.
    stopped: bool,
    /// What came of it, or what cancelled or forbade it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    fired_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
}

impl From<follow_up::FollowUp> for FollowUp {
    fn from(row: follow_up::FollowUp) -> Self {
        Self {
            id: row.id,
            rule: row.rule,
            rule_name: row.rule_name,
            trigger: row.trigger,
            conversation: row.conversation,
            lead: row.lead,
            actions: row.actions,
            state: row.state,
            due_at: row.due_at,
            stopped: row.stopped,
            reason: row.reason,
            fired_at: row.fired_at,
            ended_at: row.ended_at,
        }
    }
}

/// Which follow-ups.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    /// `planned`, `firing`, `done`, `failed`, `skipped` or `cancelled`; planned where it is not said.
    #[param(value_type = Option<String>)]
    state: Option<FollowUpState>,
    /// In this conversation.
    #[param(value_type = Option<String>)]
    conversation: Option<ConversationId>,
    /// Due at this moment or later.
    from: Option<DateTime<Utc>>,
    /// Due before this moment.
    to: Option<DateTime<Utc>>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What happens by itself, in the order in which it is due.
#[utoipa::path(
    get, path = "/v1/follow-ups", tag = "inbox", params(Which), responses((status = 200, body = Page<FollowUp>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<FollowUp>>, Problem> {
    caller.may(Permission::Read)?;
    let PageRequest { after, limit } = page::request(which.limit, which.cursor.as_deref())?;
    let wanted = follow_up::Which {
        state: which.state.unwrap_or(FollowUpState::Planned),
        conversation: which.conversation,
        from: which.from,
        to: which.to,
    };
    let mut tx = caller.bulk_transaction(&state).await?;
    let (items, next) = follow_up::calendar(&mut tx, wanted, after, limit).await?;
    tx.commit().await?;
    let items = items.into_iter().map(Into::into).collect();
    Ok(Json(Page { items, next_cursor: next.map(|id| id.to_string()) }))
}

/// One follow-up.
#[utoipa::path(
    get, path = "/v1/follow-ups/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = FollowUp)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FollowUpId>,
) -> Result<Json<FollowUp>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let found = follow_up::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(found.into()))
}

/// Cancels a follow-up that waits for its time. It is not planned again for the same occasion.
#[utoipa::path(
    post, path = "/v1/follow-ups/{id}/cancel", tag = "inbox", params(("id" = String, Path)),
    responses(
        (status = 200, body = FollowUp),
        (status = 409, body = crate::problem::ProblemBody, description = "It does not wait any more"),
    ),
)]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<FollowUpId>,
) -> Result<Json<FollowUp>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    follow_up::cancel(&mut tx, id, caller.user, Utc::now()).await?;
    caller.record_in_bulk(&mut tx, "follow_up.cancel", id, json!({})).await?;
    let cancelled = follow_up::get(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(cancelled.into()))
}
