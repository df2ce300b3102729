//! `POST /v1/enrichments/estimate`: what a run would cost at the most. Nobody is asked anything.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::enrichment::Standing;
use domain::id::EnrichmentId;
use domain::money::MicroDollars;
use domain::role::Permission;
use entities::enrichment;
use entities::waterfall::page::{self, Candidate};
use providers::enrichment::{Wanted, given_by, may_change, missing, rungs_in_order};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

use super::which::{self, Leads, PaidBy};

/// How many leads are looked at together.
const TOGETHER: i32 = 1_000;

/// What a run would cost at the most.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Estimate {
    /// The run that was estimated. Begin it with `POST /v1/enrichments` and `{"estimate": id}`.
    #[schema(value_type = String)]
    id: Option<EnrichmentId>,
    /// How many leads.
    leads: u64,
    /// Those that can be contacted already, and those that nobody may contact: they cost nothing.
    done: u64,
    /// Leads by what they lack.
    lacks: Lacks,
    /// The vendors in the order in which they would be asked.
    rungs: Vec<RungEstimate>,
    /// All of it, in micro-dollars, if every vendor had to be asked about everybody it could help: what was asked within 30
    /// days costs nothing, and who is contactable after one vendor is not asked about at the next.
    at_most_micros: i64,
}

/// Leads by what they lack.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Lacks {
    /// A verified mobile or internet phone.
    mobile: u64,
    /// A verified e-mail address.
    email: u64,
    /// The line type of a number that is known.
    line_type: u64,
    /// The key of the address.
    address_key: u64,
    /// Facts of property or business.
    demographics: u64,
}

/// One vendor's part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RungEstimate {
    /// The vendor.
    provider: &'static str,
    /// Leads whose outcome it might change.
    leads: u64,
    /// The most that they cost there, in micro-dollars.
    at_most_micros: i64,
}

/// What the leads lack, whom a run would ask about them, and what that would cost at the most. Nobody is asked.
#[utoipa::path(
    post, path = "/v1/enrichments/estimate", tag = "enrichment", request_body = Leads,
    responses(
        (status = 201, body = Estimate),
        (status = 409, body = crate::problem::ProblemBody, description = "No such leads, or no vendor is configured"),
    ),
)]
pub(crate) async fn estimate(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(leads): JsonBody<Leads>,
) -> Result<(StatusCode, Json<Estimate>), Problem> {
    caller.may(Permission::Enrich)?;
    let run = which::make(&state, &caller, leads, PaidBy::default()).await?;
    let estimate = of_run(&state, &caller, run.id.0).await?;
    Ok((StatusCode::CREATED, Json(estimate)))
}

/// Estimates a run and writes it down with it.
pub(super) async fn of_run(
    state: &AppState,
    caller: &Caller,
    run: EnrichmentId,
) -> Result<Estimate, Problem> {
    let rungs = rungs_in_order(state.vendors.iter().cloned());
    let checks = Wanted {
        line_type: state
            .vendors
            .iter()
            .any(|vendor| vendor.capabilities().gives == Wanted { line_type: true, ..Wanted::NONE }),
        ..Wanted::NONE
    };
    let mut estimate = Estimate { id: Some(run), ..Estimate::default() };
    estimate.rungs = rungs
        .iter()
        .map(|rung| RungEstimate { provider: rung.id().as_str(), leads: 0, at_most_micros: 0 })
        .collect();
    let mut tx = caller.bulk_transaction(state).await?;
    let mut after = 0;
    loop {
        let leads = page::open(&mut tx, run, after, TOGETHER.into()).await?;
        let Some(last) = leads.last() else { break };
        after = last.position;
        for lead in &leads {
            estimate.count(lead);
            for (number, rung) in rungs.iter().enumerate() {
                let can = rung.capabilities();
                let later = given_by(&rungs[number + 1..]).or(checks);
                if may_change(&lead.reach(), can.gives, later) {
                    let wanted = missing(&lead.reach()).and(can.gives);
                    let part = &mut estimate.rungs[number];
                    part.leads += 1;
                    part.at_most_micros = part.at_most_micros.saturating_add(can.most_micros(wanted));
                }
            }
        }
    }
    estimate.at_most_micros =
        estimate.rungs.iter().fold(0, |sum, rung| sum.saturating_add(rung.at_most_micros));
    enrichment::estimate(&mut tx, run, MicroDollars::new(estimate.at_most_micros)).await?;
    tx.commit().await?;
    Ok(estimate)
}

impl Estimate {
    fn count(&mut self, lead: &Candidate) {
        let reach = lead.reach();
        let lacks = missing(&reach);
        self.leads += 1;
        self.done += u64::from(reach.forbidden || reach.standing() == Standing::Contactable);
        self.lacks.mobile += u64::from(lacks.mobile);
        self.lacks.email += u64::from(lacks.email);
        self.lacks.line_type += u64::from(lacks.line_type);
        self.lacks.address_key += u64::from(lacks.address_key);
        self.lacks.demographics += u64::from(lacks.demographics);
    }
}
