//! `POST /v1/campaigns`: drafts a campaign.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use domain::role::Permission;
use entities::{campaign, campaign_lead};
use serde_json::json;
use workflows::campaign::{CampaignRef, workflow_id};

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

use super::draft::New;
use super::view::{Campaign, now};

/// Drafts a campaign. Nothing is sent before it is staged, approved by another person, and scheduled.
#[utoipa::path(
    post, path = "/v1/campaigns", tag = "campaigns", request_body = New,
    responses(
        (status = 201, body = Campaign),
        (status = 422, body = crate::problem::ProblemBody, description = "What is wrong with which field; no template"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let draft = new.read(Utc::now())?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let id = campaign::create(&mut tx, &draft, Some(caller.user)).await?;
    if let Some(fault) = campaign::mismatch(&mut tx, id).await? {
        return Err(Problem::invalid(fault.pointer, fault.detail));
    }
    let filled = campaign_lead::fill(&mut tx, id).await?;
    campaign::set_workflow(&mut tx, id, &workflow_id(id)).await?;
    let details = json!({ "channel": draft.channel, "leads": filled.leads, "steps": draft.steps.len() });
    caller.record_in_bulk(&mut tx, "campaign.create", id, details).await?;
    tx.commit().await?;
    let of = CampaignRef { team: caller.team, campaign: id };
    if let Err(error) = state.temporal.start_campaign(&state.task_queue, of, state.campaign_pace).await {
        // The draft is kept; the sweep starts its workflow when Temporal is back, and so does the first order.
        tracing::warn!(campaign = %id, %error, "the workflow of a campaign is started later");
    }
    let location = format!("/v1/campaigns/{id}");
    let body = Json(now(&state, caller.team, id).await?);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}
