//! What is done to a campaign: each an update of its workflow, which refuses what cannot be.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::FailureCode;
use domain::id::CampaignId;
use domain::role::Permission;
use entities::campaign;
use serde::Deserialize;
use utoipa::ToSchema;
use workflows::campaign::{CampaignRef, Refusal};

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::temporal::TemporalError;

use super::view::{Campaign, now};
use super::workflow::Order;

/// What was seen and is released.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CampaignApproval)]
pub(crate) struct Approval {
    /// `preview_hash` of `GET …/preview`: what is released is what was seen.
    preview_hash: String,
}

/// Why it goes back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CampaignRejection)]
pub(crate) struct Rejection {
    /// In words for its author.
    reason: String,
}

/// When it begins.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CampaignStart)]
pub(crate) struct Start {
    /// When; the draft's `starts_at`, or at once, where it is left out.
    starts_at: Option<DateTime<Utc>>,
}

/// How fast it sends.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CampaignLimits)]
pub(crate) struct NewLimits {
    /// The most messages a day; as it is where it is left out.
    daily_limit: Option<u32>,
    /// The most messages a minute; as it is where it is left out.
    per_minute_limit: Option<u32>,
}

/// Makes up the preview and puts the campaign before an approver.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/stage", tag = "campaigns", params(("id" = String, Path)),
    responses(
        (status = 200, body = Campaign),
        (status = 409, body = crate::problem::ProblemBody, description = "No template, sender or leads, or not a draft"),
    ),
)]
pub(crate) async fn stage(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>, Problem> {
    carry_out(&state, &caller, id, Order::Stage).await
}

/// Releases a campaign as it was previewed. By another person than its author, unless the team has turned four eyes off.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/approve", tag = "campaigns", params(("id" = String, Path)), request_body = Approval,
    responses(
        (status = 200, body = Campaign),
        (status = 409, body = crate::problem::ProblemBody, description = "Not staged, or something has changed since that preview: the detail says what"),
    ),
)]
pub(crate) async fn approve(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
    OptionalJson(approval): OptionalJson<Approval>,
) -> Result<Json<Campaign>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::Approve)?;
    if approval.preview_hash.trim().is_empty() {
        return Err(Problem::invalid(
            "/preview_hash",
            "must be the preview_hash of the preview that was seen",
        ));
    }
    carry_out(&state, &caller, id, Order::Approve { preview_hash: approval.preview_hash }).await
}

/// Sends a campaign back to its author, with the reason.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/reject", tag = "campaigns", params(("id" = String, Path)), request_body = Rejection,
    responses((status = 200, body = Campaign), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn reject(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
    OptionalJson(rejection): OptionalJson<Rejection>,
) -> Result<Json<Campaign>, Problem> {
    exists(&state, &caller, id).await?;
    caller.may(Permission::Approve)?;
    if rejection.reason.trim().is_empty() {
        return Err(Problem::invalid("/reason", "must say why, so that its author can mend it"));
    }
    let _rejected = carry_out(&state, &caller, id, Order::Reject).await?;
    // The words of a person stay in the database: Temporal is told that it was rejected, and by whom.
    let mut tx = caller.bulk_transaction(&state).await?;
    campaign::change::set_reject_reason(&mut tx, id, rejection.reason.trim()).await?;
    tx.commit().await?;
    Ok(Json(now(&state, caller.team, id).await?))
}

/// Sets when a released campaign begins; at once where no time is said.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/schedule", tag = "campaigns", params(("id" = String, Path)),
    request_body(content = Start, description = "May be left out"),
    responses((status = 200, body = Campaign), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn schedule(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
    OptionalJson(start): OptionalJson<Start>,
) -> Result<Json<Campaign>, Problem> {
    let starts_at = start.starts_at.map(|at| at.timestamp_millis());
    carry_out(&state, &caller, id, Order::Schedule { starts_at }).await
}

/// Sends nothing more until the campaign is resumed. Takes effect before the next message.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/pause", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Campaign), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn pause(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>, Problem> {
    carry_out(&state, &caller, id, Order::Pause).await
}

/// Goes on where the campaign was paused. Nothing is sent twice.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/resume", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Campaign), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn resume(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>, Problem> {
    carry_out(&state, &caller, id, Order::Resume).await
}

/// Ends a campaign. What was sent stays sent; its other leads are free again.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/cancel", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Campaign), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<Campaign>, Problem> {
    carry_out(&state, &caller, id, Order::Cancel).await
}

/// Changes how fast a campaign sends, also while it runs: from the next message on.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/limits", tag = "campaigns", params(("id" = String, Path)), request_body = NewLimits,
    responses((status = 200, body = Campaign), (status = 409, body = crate::problem::ProblemBody)),
)]
pub(crate) async fn limits(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
    OptionalJson(new): OptionalJson<NewLimits>,
) -> Result<Json<Campaign>, Problem> {
    exists(&state, &caller, id).await?;
    if new.daily_limit.is_none() && new.per_minute_limit.is_none() {
        return Err(Problem::http(HttpCode::Invalid, "say daily_limit, per_minute_limit or both"));
    }
    let order = Order::Limits { daily: new.daily_limit, per_minute: new.per_minute_limit };
    carry_out(&state, &caller, id, order).await
}

/// What belongs to another team is not found, whatever the caller may do and whatever was sent.
async fn exists(state: &AppState, caller: &Caller, id: CampaignId) -> Result<(), Problem> {
    let tx = caller.transaction(state).await?;
    campaign::get(&tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Gives the order, and answers with the campaign as it is then.
async fn carry_out(
    state: &AppState,
    caller: &Caller,
    id: CampaignId,
    order: Order,
) -> Result<Json<Campaign>, Problem> {
    exists(state, caller, id).await?;
    caller.may(order.action().permission().unwrap_or(Permission::Send))?;
    let campaign = CampaignRef { team: caller.team, campaign: id };
    let answer = match state.temporal.order_campaign(id, caller.user, &order).await {
        Err(TemporalError::NotRunning) => {
            // Its start was lost, or it has ended; the second start of one that ran is refused.
            state.temporal.start_campaign(&state.task_queue, campaign, state.campaign_pace).await?;
            state.temporal.order_campaign(id, caller.user, &order).await?
        }
        answer => answer?,
    };
    if let Some(Refusal { code, detail }) = answer.refused {
        #[expect(clippy::literal_string_with_formatting_args, reason = "a place in a text, filled here")]
        let detail = detail.replace("{id}", &id.to_string());
        return Err(refused(code, detail));
    }
    Ok(Json(now(state, caller.team, id).await?))
}

fn refused(code: FailureCode, detail: String) -> Problem {
    Problem::failure(StatusCode::CONFLICT, code, detail)
}
