//! `GET /v1/campaigns/{id}/costs`: what a campaign cost, and what each result of it cost.

use axum::Json;
use axum::extract::State;
use domain::id::CampaignId;
use domain::role::Permission;
use entities::campaign::stats;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// What a campaign cost, in micro-dollars. What there is none of has no cost each.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignCosts {
    sms_micros: i64,
    email_micros: i64,
    voice_micros: i64,
    /// What vendors were ever paid for its leads.
    enrichment_micros: i64,
    total_micros: i64,
    per_lead_micros: Option<i64>,
    per_reply_micros: Option<i64>,
    per_captured_email_micros: Option<i64>,
    per_deal_micros: Option<i64>,
}

/// What a campaign cost, and what each lead, reply, captured e-mail address and deal cost.
#[utoipa::path(
    get, path = "/v1/campaigns/{id}/costs", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CampaignCosts)),
)]
pub(crate) async fn costs(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignCosts>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let costs = stats::costs(&mut tx, id).await?;
    let totals = stats::totals(&mut tx, id).await?;
    tx.commit().await?;
    let total = costs.total_micros();
    let each = |count: i64| (count > 0).then(|| total / count);
    Ok(Json(CampaignCosts {
        sms_micros: costs.sms_micros,
        email_micros: costs.email_micros,
        voice_micros: costs.voice_micros,
        enrichment_micros: costs.enrichment_micros,
        total_micros: total,
        per_lead_micros: each(totals.sent),
        per_reply_micros: each(totals.responded),
        per_captured_email_micros: each(totals.captured),
        per_deal_micros: each(totals.deals),
    }))
}
