//! `GET /v1/campaigns/{id}/stats`: what a campaign did.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::id::{CampaignId, TemplateVersionId, TypedId};
use domain::role::Permission;
use entities::campaign::stats;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// What a campaign did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignStats {
    totals: CampaignTotals,
    /// What failed and why, the most frequent first.
    failures: Vec<CampaignFailure>,
    /// By hour of the team's days, template and carrier.
    hours: Vec<CampaignHour>,
}

/// People of a campaign, counted once each. A rate is absent where it would be a share of nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignTotals {
    /// Whom it was for.
    leads: i64,
    /// Left out.
    excluded: i64,
    /// Written to.
    sent: i64,
    /// Reached.
    delivered: i64,
    /// Answered.
    responded: i64,
    /// Interested, or gave an e-mail address.
    positive: i64,
    /// Asked something.
    neutral: i64,
    /// Not interested.
    negative: i64,
    opted_out: i64,
    /// Gave an e-mail address.
    captured: i64,
    qualified: i64,
    /// Booked a meeting.
    meetings: i64,
    /// Became customers.
    deals: i64,
    /// Reached of those written to, 0 to 1.
    delivery_rate: Option<f64>,
    /// Answered of those written to, 0 to 1.
    response_rate: Option<f64>,
    /// Positive of those who answered, 0 to 1.
    positive_rate: Option<f64>,
    /// E-mail addresses of those written to, 0 to 1.
    capture_rate: Option<f64>,
}

/// How many failed with one code of the vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignFailure {
    code: String,
    failed: i64,
}

/// An hour of a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignHour {
    day: NaiveDate,
    /// 0 to 23.
    hour: i16,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    template_version: Option<TemplateVersionId>,
    channel: String,
    carrier: String,
    sent: i64,
    delivered: i64,
    failed: i64,
    /// E-mails that came back.
    bounced: i64,
    segments: i64,
    spent_micros: i64,
    /// Messages that came in.
    replied: i64,
    positive: i64,
    neutral: i64,
    negative: i64,
    opted_out: i64,
    captured: i64,
}

/// What a campaign did: totals and rates, failures by code, and hour by hour.
#[utoipa::path(
    get, path = "/v1/campaigns/{id}/stats", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = CampaignStats)),
)]
pub(crate) async fn stats(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignStats>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let totals = stats::totals(&mut tx, id).await?;
    let failures = stats::failures(&mut tx, id).await?;
    let hours = stats::hours(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(CampaignStats {
        totals: CampaignTotals {
            leads: totals.leads,
            excluded: totals.excluded,
            sent: totals.sent,
            delivered: totals.delivered,
            responded: totals.responded,
            positive: totals.positive,
            neutral: totals.neutral,
            negative: totals.negative,
            opted_out: totals.opted_out,
            captured: totals.captured,
            qualified: totals.qualified,
            meetings: totals.meetings,
            deals: totals.deals,
            delivery_rate: totals.delivery_rate(),
            response_rate: totals.response_rate(),
            positive_rate: totals.positive_rate(),
            capture_rate: totals.capture_rate(),
        },
        failures: failures
            .into_iter()
            .map(|one| CampaignFailure { code: one.code, failed: one.failed })
            .collect(),
        hours: hours.into_iter().map(hour).collect(),
    }))
}

fn hour(row: stats::StatsRow) -> CampaignHour {
    CampaignHour {
        day: row.day,
        hour: row.hour,
        template_version: row.template_version_id.map(TemplateVersionId::from_uuid),
        channel: row.channel,
        carrier: row.carrier,
        sent: row.sent,
        delivered: row.delivered,
        failed: row.failed,
        bounced: row.bounced,
        segments: row.segments,
        spent_micros: row.spent_micros,
        replied: row.replied,
        positive: row.positive,
        neutral: row.neutral,
        negative: row.negative,
        opted_out: row.opted_out,
        captured: row.captured,
    }
}
