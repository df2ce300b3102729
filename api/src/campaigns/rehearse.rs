//! `POST /v1/campaigns/{id}/rehearse`: the whole campaign on a virtual clock. Sends nothing.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{CampaignId, LeadId};
use domain::money::MicroDollars;
use domain::role::Permission;
use entities::outreach::{self, Rehearsal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson};
use crate::problem::Problem;
use crate::state::AppState;

/// The most messages listed one by one.
const MOST_LISTED: usize = 10_000;

/// When, and by which rules.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RehearsalWanted)]
pub(crate) struct Wanted {
    /// When it would begin; now, or the campaign's own start, where it is left out.
    from: Option<DateTime<Utc>>,
    /// The version of the rules; those that hold then where it is left out.
    rule_set: Option<String>,
    /// Whether each message is listed, 10,000 at the most.
    list: bool,
}

/// A message that would go out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RehearsedSend)]
pub(crate) struct Send {
    #[schema(value_type = String)]
    lead: LeadId,
    /// Which step, from 1.
    step: u8,
    at: DateTime<Utc>,
    segments: u16,
}

/// What an hour would bring.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = RehearsedHour)]
pub(crate) struct Hour {
    messages: u32,
    /// What was spent until its end, in micro-dollars.
    spent_micros: i64,
}

/// What would go out when, what would wait and by which rule, and what it would cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignRehearsal)]
pub(crate) struct Rehearsed {
    /// Messages that would go out.
    messages: usize,
    /// Segments of them.
    segments: u64,
    /// Messages by step.
    by_step: BTreeMap<u8, u32>,
    /// How often a message would be put off, by the deciding rule.
    held: BTreeMap<String, u64>,
    /// Messages that would not go out, by the deciding rule.
    left_out: BTreeMap<String, u32>,
    /// Messages that would be left at the campaign's end.
    unsent: u64,
    #[schema(value_type = i64)]
    cost_micros: MicroDollars,
    first_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    /// When a budget would have too little left.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_of_money_at: Option<DateTime<Utc>>,
    /// When a person would be asked because the hours for sending end.
    #[serde(skip_serializing_if = "Option::is_none")]
    asks_at: Option<DateTime<Utc>>,
    /// By hour, UTC: `2026-11-23T15`.
    hours: BTreeMap<String, Hour>,
    /// Each message, where that was wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sends: Vec<Send>,
    /// The version of the rules.
    rule_set: String,
}

/// The whole campaign on a virtual clock, by the gate and the limits as they are: what would go out when, what would wait,
/// what it would cost. Sends nothing; whoever would answer does not.
#[utoipa::path(
    post, path = "/v1/campaigns/{id}/rehearse", tag = "campaigns", params(("id" = String, Path)),
    request_body(content = Wanted, description = "May be left out"),
    responses((status = 200, body = Rehearsed)),
)]
pub(crate) async fn rehearse(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<CampaignId>,
    OptionalJson(wanted): OptionalJson<Wanted>,
) -> Result<Json<Rehearsed>, Problem> {
    caller.may(Permission::Read)?;
    let from = wanted.from.unwrap_or_else(Utc::now);
    let mut tx = caller.bulk_transaction(&state).await?;
    let (rehearsal, rule_set) =
        outreach::rehearse_campaign(&mut tx, id, wanted.rule_set.as_deref(), from).await?;
    tx.commit().await?;
    Ok(Json(told(&rehearsal, rule_set, wanted.list)))
}

fn told(rehearsal: &Rehearsal, rule_set: String, list: bool) -> Rehearsed {
    let (mut by_step, mut hours, mut left_out) =
        (BTreeMap::new(), BTreeMap::<String, Hour>::new(), BTreeMap::new());
    let mut spent = 0;
    for send in &rehearsal.sends {
        spent += send.price.micros();
        *by_step.entry(send.step).or_default() += 1;
        let hour = hours.entry(send.at.format("%Y-%m-%dT%H").to_string()).or_default();
        hour.messages += 1;
        hour.spent_micros = spent;
    }
    for one in &rehearsal.left_out {
        *left_out.entry(one.rule.clone()).or_default() += 1;
    }
    let shown = if list { MOST_LISTED } else { 0 };
    let sends = rehearsal.sends.iter().take(shown);
    Rehearsed {
        messages: rehearsal.sends.len(),
        segments: rehearsal.sends.iter().map(|send| u64::from(send.segments)).sum(),
        by_step,
        held: rehearsal.held.clone(),
        left_out,
        unsent: rehearsal.unsent,
        cost_micros: rehearsal.cost(),
        first_at: rehearsal.sends.first().map(|send| send.at),
        ends_at: rehearsal.ends_at(),
        out_of_money_at: rehearsal.out_of_money_at,
        asks_at: rehearsal.asks_at,
        hours,
        sends: sends
            .map(|send| Send { lead: send.lead, step: send.step, at: send.at, segments: send.segments })
            .collect(),
        rule_set,
    }
}
