//! `GET /v1/provider-calls/unknown`, `POST /v1/provider-calls/{id}/resolve`: calls of which nobody knows what came, and what
//! somebody found out that they cost.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{EnrichmentId, LeadId, PersonaId, ProviderCallId, TypedId};
use domain::money::MicroDollars;
use domain::role::Permission;
use entities::provider_call::{self, UnknownCall};
use entities::waterfall::ledger;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody, Params};
use crate::page::{Page, Which};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// A call that left, and of which nobody knows what came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnknownProviderCall)]
pub(crate) struct Unknown {
    #[schema(value_type = String, example = "call_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: ProviderCallId,
    /// The vendor.
    #[schema(example = "batchdata")]
    provider: String,
    /// Which of its products.
    product: String,
    /// The person it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    persona: Option<PersonaId>,
    /// The lead it was about, where that has no person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    /// The run that asked.
    #[schema(value_type = Option<String>)]
    enrichment: Option<EnrichmentId>,
    /// Why nobody knows.
    verdict: Option<String>,
    sent_at: Option<DateTime<Utc>>,
    /// What it counts as having cost until somebody knows, in micro-dollars: the most that it may have.
    cost_micros: i64,
}

impl From<UnknownCall> for Unknown {
    fn from(call: UnknownCall) -> Self {
        let about = |kind: &str| (call.subject_kind == kind).then_some(call.subject_id);
        Self {
            id: call.call,
            persona: about("persona").map(PersonaId::from_uuid),
            lead: about("lead").map(LeadId::from_uuid),
            provider: call.provider,
            product: call.product,
            enrichment: call.enrichment,
            verdict: call.verdict,
            sent_at: call.sent_at,
            cost_micros: call.cost.micros(),
        }
    }
}

/// What somebody found out of a call, from the vendor or its bill.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResolvedProviderCall)]
pub(crate) struct Resolved {
    /// What it cost, in micro-dollars. 0: it never reached the vendor, so the next run asks again; else nobody is asked again for
    /// 30 days, as after any answer.
    #[serde(default)]
    #[schema(required)]
    cost_micros: Option<i64>,
}

/// The team's calls of which nobody knows what came, newest first. They count as paid for and are not repeated.
#[utoipa::path(
    get, path = "/v1/provider-calls/unknown", tag = "enrichment", params(Which),
    responses((status = 200, body = Page<Unknown>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Unknown>>, Problem> {
    caller.may(Permission::Read)?;
    let request = which.request()?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let calls = provider_call::list_unknown(&mut tx, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(calls, Unknown::from)))
}

/// Says what a call of unknown outcome cost. The budgets are corrected by it.
#[utoipa::path(
    post, path = "/v1/provider-calls/{id}/resolve", tag = "enrichment", params(("id" = String, Path)),
    request_body = Resolved,
    responses(
        (status = 204, description = "Noted"),
        (status = 409, body = crate::problem::ProblemBody, description = "Its outcome is known"),
    ),
)]
pub(crate) async fn resolve(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ProviderCallId>,
    JsonBody(resolved): JsonBody<Resolved>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageLimits)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if ledger::state(&mut tx, id).await?.is_none() {
        return Err(Problem::not_found("call", id));
    }
    let Some(cost) = resolved.cost_micros.filter(|micros| *micros >= 0) else {
        return Err(Problem::invalid("/cost_micros", "must be said, and not be negative"));
    };
    if !provider_call::resolve_unknown(&mut tx, id, MicroDollars::new(cost)).await? {
        return Err(Problem::http(
            HttpCode::Conflict,
            format!("the outcome of {id} is known, or somebody has resolved it"),
        ));
    }
    let details = json!({ "cost_micros": cost });
    caller.record_in_bulk(&mut tx, "provider_call.resolve", id, details).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
