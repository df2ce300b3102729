//! `PATCH /v1/campaigns/{id}`: drafts a campaign anew.

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use domain::id::CampaignId;
use domain::role::Permission;
use entities::{campaign, campaign_lead};
use serde_json::json;

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::draft::New;
use super::view::{Campaign, now};

/// Replaces a draft by what is given: all of it, since its preview is gone anyway. One that is released is rejected first.
#[utoipa::path(
    patch, path = "/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)), request_body = New,
    responses(
        (status = 200, body = Campaign),
        (status = 409, body = crate::problem::ProblemBody, description = "It is no draft"),
    ),
)]
pub(crate) async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
    OptionalJson(new): OptionalJson<serde_json::Value>,
) -> Result<Json<Campaign>, Problem> {
    let tx = caller.transaction(&state).await?;
    campaign::get(&tx, id).await?;
    tx.commit().await?;
    caller.may(Permission::DraftCampaigns)?;
    let new: New = serde_json::from_value(new)
        .map_err(|error| Problem::http(HttpCode::Invalid, format!("the body must be a campaign: {error}")))?;
    let draft = new.read(Utc::now())?;
    let mut tx = caller.bulk_transaction(&state).await?;
    campaign::redraft(&mut tx, id, &draft, Some(caller.user)).await?;
    if let Some(fault) = campaign::mismatch(&mut tx, id).await? {
        return Err(Problem::invalid(fault.pointer, fault.detail));
    }
    let filled = campaign_lead::fill(&mut tx, id).await?;
    let details = json!({ "channel": draft.channel, "leads": filled.leads, "steps": draft.steps.len() });
    caller.record_in_bulk(&mut tx, "campaign.edit", id, details).await?;
    tx.commit().await?;
    Ok(Json(now(&state, caller.team, id).await?))
}
