//! Vendors: whether they can be asked, how they do, what they cost.

mod resume;
mod unknown;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::role::Permission;
use entities::provider_account::{self, AccountState, Circuit};
use entities::provider_call;
use providers::enrichment::{Charging, EnrichmentProvider, Wanted};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::state::AppState;

/// Over how many days numbers are counted.
const DAYS: i32 = 30;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(resume::resume))
        .routes(routes!(unknown::list))
        .routes(routes!(unknown::resolve))
}

/// The vendors.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Providers {
    /// In the order in which a lead is taken to them; those that only check or need a contract last.
    items: Vec<Provider>,
}

/// One vendor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Provider {
    /// Its word.
    #[schema(example = "apollo")]
    provider: &'static str,
    /// `active`, `paused` (nobody calls before a person has seen to its account) or `contract_required`.
    state: &'static str,
    /// Why it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<DateTime<Utc>>,
    /// `closed`, `open` (it failed, nobody calls for a while) or `half_open` (one calls, to see).
    circuit: &'static str,
    consecutive_failures: i32,
    /// Until when nobody calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_until: Option<DateTime<Utc>>,
    /// What it can tell.
    gives: Vec<&'static str>,
    /// `per_call`, `per_match`, `per_subject` or `by_contract`.
    charging: &'static str,
    /// The most one subject costs, in micro-dollars.
    price_micros: i64,
    /// What it lets one account do, as it says.
    limits: Vec<Limit>,
    /// The team's last 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_30_days: Option<Stats>,
}

/// So many calls in so long a time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderLimit)]
pub(crate) struct Limit {
    calls: u32,
    seconds: u64,
}

/// What a team's calls of a vendor were like.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderStats)]
pub(crate) struct Stats {
    /// Subjects of which the vendor said something, be it that it knows nobody.
    answered: i64,
    /// The share of those that it knew, 0 to 1.
    hit_rate: Option<f64>,
    /// Calls of which nobody knows what came.
    unknown: i64,
    spent_micros: i64,
    /// Half of all answers came within so many milliseconds.
    median_ms: Option<f64>,
    /// Of a hundred, 95 did.
    p95_ms: Option<f64>,
}

/// The vendors: state, limits, spend, hit rate, latency and circuit.
#[utoipa::path(
    get, path = "/v1/providers", tag = "enrichment", responses((status = 200, body = Providers)),
)]
pub(crate) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<Providers>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(all(&state, &caller).await?))
}

/// All vendors, as they are now.
async fn all(state: &AppState, caller: &Caller) -> Result<Providers, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let accounts = provider_account::list(&mut tx).await?;
    let stats = provider_call::stats(&mut tx, DAYS).await?;
    tx.commit().await?;
    let mut vendors: Vec<_> = state.vendors.iter().cloned().collect();
    vendors.sort_by_key(|vendor| {
        let can = vendor.capabilities();
        let rung = !can.contract_required && !Wanted { line_type: false, ..can.gives }.is_empty();
        (can.contract_required, !rung, can.most_micros(Wanted::ALL), vendor.id().as_str())
    });
    let items = vendors
        .iter()
        .map(|vendor| {
            let word = vendor.id().as_str();
            let mut shown = shown(vendor.as_ref());
            if let Some(account) = accounts.iter().find(|account| account.provider == word) {
                if account.state == AccountState::Paused {
                    shown.state = AccountState::Paused.as_str();
                    shown.reason.clone_from(&account.reason);
                    shown.since = Some(account.since);
                }
                shown.circuit = account.circuit.as_str();
                shown.consecutive_failures = account.consecutive_failures;
                shown.open_until = account.open_until;
            }
            shown.last_30_days = stats.iter().find(|stats| stats.provider == word).map(|stats| Stats {
                answered: stats.answered,
                hit_rate: stats.hit_rate(),
                unknown: stats.unknown,
                spent_micros: stats.spent_micros,
                median_ms: stats.median_ms,
                p95_ms: stats.p95_ms,
            });
            shown
        })
        .collect();
    Ok(Providers { items })
}

/// A vendor of whose account nothing is known.
fn shown(vendor: &dyn EnrichmentProvider) -> Provider {
    let can = vendor.capabilities();
    let gives = [
        (can.gives.mobile, "mobile"),
        (can.gives.email, "email"),
        (can.gives.line_type, "line_type"),
        (can.gives.address_key, "address_key"),
        (can.gives.demographics, "demographics"),
    ];
    Provider {
        provider: vendor.id().as_str(),
        state: if can.contract_required { "contract_required" } else { AccountState::Active.as_str() },
        reason: None,
        since: None,
        circuit: Circuit::Closed.as_str(),
        consecutive_failures: 0,
        open_until: None,
        gives: gives.into_iter().filter_map(|(does, what)| does.then_some(what)).collect(),
        charging: match can.charging {
            Charging::PerCall => "per_call",
            Charging::PerMatch => "per_match",
            Charging::PerSubject => "per_subject",
            Charging::ByContract => "by_contract",
        },
        price_micros: can.most_micros(Wanted::ALL),
        limits: can
            .windows
            .iter()
            .map(|window| Limit { calls: window.calls, seconds: window.length.as_secs() })
            .collect(),
        last_30_days: None,
    }
}
