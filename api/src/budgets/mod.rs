//! Budgets: what may be spent, and what was.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use domain::money::MicroDollars;
use domain::role::Permission;
use entities::budget::{self, Limit, Scope};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, set))
}

/// The team's budgets.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Budgets {
    items: Vec<Budget>,
    /// The day it is where the team is.
    today: NaiveDate,
}

/// A limit, and what was spent under it. All of a call's budgets have to have enough for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Budget {
    /// `team`, `campaign`, `provider`, `enrichment` or `day`.
    scope: String,
    /// Which provider, campaign or enrichment; of `day`, the provider, or empty for everything.
    subject: String,
    /// Of scope `day`: which day; absent for what every day begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<NaiveDate>,
    /// The most to be spent, in micro-dollars; `null`: no limit.
    limit_micros: Option<i64>,
    /// The most expensive calls (five cents or more); `null`: no limit.
    limit_calls: Option<i32>,
    /// Put aside for calls that are under way.
    reserved_micros: i64,
    spent_micros: i64,
    /// Expensive calls made or under way.
    calls: i32,
}

/// A limit to be set. What is `null` or left out is no limit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBudget)]
pub(crate) struct New {
    /// `team`, `campaign`, `provider`, `enrichment` or `day`.
    scope: String,
    /// Which provider, campaign or enrichment; of `day`, the provider, or nothing for everything.
    #[serde(default)]
    subject: String,
    /// The most to be spent, in micro-dollars.
    #[serde(default)]
    limit_micros: Option<i64>,
    /// The most expensive calls.
    #[serde(default)]
    limit_calls: Option<i32>,
}

/// What may be spent, and what was.
#[utoipa::path(get, path = "/v1/budgets", tag = "enrichment", responses((status = 200, body = Budgets)))]
pub(crate) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<Budgets>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(all(&state, &caller).await?))
}

/// Sets a limit: of a daily one for today and every day that begins.
#[utoipa::path(
    put, path = "/v1/budgets", tag = "enrichment", request_body = New, responses((status = 200, body = Budgets)),
)]
pub(crate) async fn set(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<Json<Budgets>, Problem> {
    caller.may(Permission::ManageLimits)?;
    let Some(scope) = Scope::from_columns(&new.scope, &new.subject) else {
        return Err(Problem::invalid(
            "/scope",
            "must be team, campaign, provider, enrichment or day, with the subject that it needs",
        ));
    };
    if new.limit_micros.is_some_and(|micros| micros < 0) {
        return Err(Problem::invalid("/limit_micros", "must not be negative"));
    }
    if new.limit_calls.is_some_and(|calls| calls < 0) {
        return Err(Problem::invalid("/limit_calls", "must not be negative"));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    let limit = Limit { money: new.limit_micros.map(MicroDollars::new), calls: new.limit_calls };
    budget::set_limit(&mut tx, &scope, limit).await?;
    let subject =
        if new.subject.is_empty() { new.scope.clone() } else { format!("{}:{}", new.scope, new.subject) };
    let details = json!({ "limit_micros": new.limit_micros, "limit_calls": new.limit_calls });
    caller.record_in_bulk(&mut tx, "budget.set", subject, details).await?;
    tx.commit().await?;
    Ok(Json(all(&state, &caller).await?))
}

async fn all(state: &AppState, caller: &Caller) -> Result<Budgets, Problem> {
    let tx = caller.transaction(state).await?;
    let today = budget::today(&tx).await?;
    let budgets = budget::list(&tx).await?;
    tx.commit().await?;
    let items = budgets
        .into_iter()
        .map(|budget| Budget {
            scope: budget.scope,
            subject: budget.subject,
            day: budget.day,
            limit_micros: budget.limit_micros,
            limit_calls: budget.limit_calls,
            reserved_micros: budget.reserved_micros,
            spent_micros: budget.spent_micros,
            calls: budget.calls,
        })
        .collect();
    Ok(Budgets { items, today })
}
