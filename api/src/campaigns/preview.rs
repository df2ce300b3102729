//! `GET /v1/campaigns/{id}/preview`: who would be written to, what, when and for how much.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{CampaignId, LeadId};
use domain::money::MicroDollars;
use domain::role::Permission;
use entities::outreach;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// A message as one lead would get it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignSample)]
pub(crate) struct Sample {
    #[schema(value_type = String)]
    lead: LeadId,
    /// Which step, from 1.
    step: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    body: String,
    segments: u16,
    #[schema(value_type = i64)]
    cost_micros: MicroDollars,
}

/// Who would be written to, what, when and for how much, as of now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignPreview)]
pub(crate) struct Preview {
    /// What is approved: give it to `approve`.
    #[schema(
        example = "pv1-0123456789abcdef-0123456789abcdef-0123456789abcdef-0123456789abcdef-0123456789abcdef"
    )]
    preview_hash: String,
    /// Leads of the campaign.
    leads: u32,
    /// Those of them who would be written to.
    audience: u32,
    /// Leads that can be reached by this channel at all.
    reachable: u32,
    /// Leads that are left out, by the rule that decides; each of them is in `exclusions.csv`.
    excluded: BTreeMap<String, u32>,
    /// A few messages as they would be.
    samples: Vec<Sample>,
    /// First messages by how many segments they have.
    segments: BTreeMap<u16, u32>,
    /// What the first messages cost together, in micro-dollars.
    #[schema(value_type = i64)]
    first_cost_micros: MicroDollars,
    /// What a first message costs on average, in micro-dollars.
    cost_per_lead_micros: i64,
    /// What all messages cost together if nobody answers, in micro-dollars.
    #[schema(value_type = i64)]
    cost_micros: MicroDollars,
    /// All messages if nobody answers.
    messages: usize,
    /// Messages by hour, on the recipients' clocks: `2026-11-23T09 America/Chicago`.
    calendar: BTreeMap<String, u32>,
    /// When the last message would go out.
    ends_at: Option<DateTime<Utc>>,
    /// What to know before releasing it.
    warnings: Vec<String>,
    /// Why it cannot be staged; absent where it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// The version of the rules.
    rule_set: String,
}

/// The preview as of now: audience, exclusions, samples, costs, calendar, warnings, and the hash that is approved.
#[utoipa::path(
    get, path = "/v1/campaigns/{id}/preview", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 200, body = Preview)),
)]
pub(crate) async fn preview(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
) -> Result<Json<Preview>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let preview = outreach::preview(&mut tx, id, Utc::now()).await?;
    tx.commit().await?;
    let samples = preview.samples.iter().map(|sample| Sample {
        lead: sample.lead,
        step: sample.step,
        subject: sample.subject.clone(),
        body: sample.body.clone(),
        segments: sample.segments,
        cost_micros: sample.price,
    });
    Ok(Json(Preview {
        preview_hash: preview.hash.to_string(),
        leads: preview.leads,
        audience: preview.audience,
        reachable: preview.reachable,
        excluded: preview
            .excluded_by_rule()
            .into_iter()
            .map(|(rule, leads)| (rule.to_owned(), leads))
            .collect(),
        samples: samples.collect(),
        segments: preview.segments.clone(),
        first_cost_micros: preview.first_cost,
        cost_per_lead_micros: preview.first_cost.micros() / i64::from(preview.audience.max(1)),
        cost_micros: preview.rehearsal.cost(),
        messages: preview.rehearsal.sends.len(),
        calendar: preview.calendar(),
        ends_at: preview.rehearsal.ends_at(),
        refused: preview.refusal().map(|(code, detail)| format!("{code}: {detail}")),
        warnings: preview.warnings,
        rule_set: preview.rule_set,
    }))
}
