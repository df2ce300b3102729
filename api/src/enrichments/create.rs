//! `POST /v1/enrichments`: takes leads through the vendors.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::id::{BlockId, CampaignId, EnrichmentId, LeadId};
use domain::money::MicroDollars;
use domain::role::Permission;
use entities::budget::{self, Limit, Scope};
use entities::enrichment::{self, EnrichmentState};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use workflows::enrichment::{EnrichmentRef, workflow_id};

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::leads::Criteria;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

use super::view::{Enrichment, now};
use super::which::{self, Leads, PaidBy};

/// A run to be made.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NewEnrichment)]
pub(crate) struct New {
    /// A run that was estimated, to be begun. Instead of saying which leads.
    #[schema(value_type = Option<String>)]
    estimate: Option<EnrichmentId>,
    /// The leads of this block.
    #[schema(value_type = Option<String>)]
    block: Option<BlockId>,
    /// All leads that fit.
    criteria: Option<Criteria>,
    /// These leads, 10,000 at the most.
    #[schema(value_type = Option<Vec<String>>)]
    leads: Option<Vec<LeadId>>,
    /// Those that an earlier run left on hold.
    on_hold: bool,
    /// The campaign that pays: what the run costs is put aside in the campaign's budget, too. Not with an estimate.
    #[schema(value_type = Option<String>)]
    campaign: Option<CampaignId>,
    /// The most that the run may cost, in micro-dollars; the team's other budgets hold beside it.
    budget_micros: Option<i64>,
}

/// Takes leads through the vendors, the cheapest first, until they are contactable, nobody is left or the money is.
#[utoipa::path(
    post, path = "/v1/enrichments", tag = "enrichment", request_body = New,
    responses(
        (status = 202, body = Enrichment),
        (status = 409, body = crate::problem::ProblemBody, description = "No such leads, no vendor is configured, or the estimate was begun before"),
    ),
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<Response, Problem> {
    caller.may(Permission::Enrich)?;
    if new.budget_micros.is_some_and(|micros| micros < 0) {
        return Err(Problem::invalid("/budget_micros", "must not be negative"));
    }
    let budget_cap = new.budget_micros.map(MicroDollars::new);
    let leads = Leads { block: new.block, criteria: new.criteria, leads: new.leads, on_hold: new.on_hold };
    let id = match new.estimate {
        None => {
            let paid_by = PaidBy { campaign: new.campaign, budget: budget_cap };
            which::make(&state, &caller, leads, paid_by).await?.id.0
        }
        Some(_)
            if leads.block.is_some()
                || leads.criteria.is_some()
                || leads.leads.is_some()
                || leads.on_hold
                || new.campaign.is_some() =>
        {
            return Err(Problem::invalid(
                "/estimate",
                "says already which leads, and who pays; leave the rest out",
            ));
        }
        Some(id) => {
            let tx = caller.transaction(&state).await?;
            let run = enrichment::get(&tx, id).await?;
            tx.commit().await?;
            if run.state != EnrichmentState::Estimated {
                return Err(Problem::http(
                    HttpCode::Conflict,
                    format!("{id} is {}; an estimate is begun once", run.state.as_str()),
                ));
            }
            id
        }
    };
    begin(&state, &caller, id, budget_cap).await?;
    let location = format!("/v1/enrichments/{id}");
    let run = now(&state, caller.team, id).await?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(run)).into_response())
}

/// Begins a run that was made.
async fn begin(
    state: &AppState,
    caller: &Caller,
    id: EnrichmentId,
    cap: Option<MicroDollars>,
) -> Result<(), Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    if let Some(cap) = cap {
        budget::set_limit(&mut tx, &Scope::Enrichment(id), Limit { money: Some(cap), calls: None }).await?;
    }
    if !enrichment::start(&mut tx, id, &workflow_id(id)).await? {
        return Err(Problem::http(HttpCode::Conflict, format!("{id} was begun by another request")));
    }
    caller.record_in_bulk(&mut tx, "enrichment.start", id, json!({})).await?;
    tx.commit().await?;
    let run = EnrichmentRef { team: caller.team, enrichment: id };
    match state.temporal.start_enrichment(&state.task_queue, run).await {
        Ok(_) => {
            let mut tx = caller.bulk_transaction(state).await?;
            enrichment::begun(&mut tx, id).await?;
            tx.commit().await?;
        }
        // It is under way by its row, and a sweep starts it.
        Err(error) => tracing::warn!(run = %id, cause = %error, "the run will be started later"),
    }
    Ok(())
}
