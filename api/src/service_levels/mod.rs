//! `GET /v1/service-levels`, `PUT /v1/service-levels`: after how long a person is told that a stage takes too long.

use axum::Json;
use axum::extract::State;
use domain::role::Permission;
use domain::service_level::Stage;
use entities::service_level;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// The longest ceiling: a week.
const MAX_SECONDS: u32 = 7 * 24 * 60 * 60;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list, set))
}

/// The ceilings of all stages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceLevels {
    items: Vec<ServiceLevel>,
}

/// The ceiling of a stage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceLevel {
    /// `ingest`, `normalize`, `resolve`, `enrich`, `send`, `inbound`, `classify` or `copilot`.
    #[schema(value_type = String, example = "normalize")]
    stage: Stage,
    /// After how many seconds an alert `service_level.breached` is raised.
    alert_seconds: u32,
    /// For how many rows that is; absent where it does not depend on them.
    #[serde(skip_serializing_if = "Option::is_none")]
    per_rows: Option<u64>,
    /// Where the team says nothing.
    default_seconds: u32,
}

/// A ceiling to be set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewServiceLevel)]
pub(crate) struct New {
    /// Which stage.
    stage: String,
    /// After how many seconds; `null` or nothing: as where the team says nothing.
    #[serde(default)]
    alert_seconds: Option<u32>,
}

async fn all(state: &AppState, caller: &Caller) -> Result<ServiceLevels, Problem> {
    let mut tx = caller.bulk_transaction(state).await?;
    let levels = service_level::list(&mut tx).await?;
    tx.commit().await?;
    let items = levels
        .into_iter()
        .map(|level| ServiceLevel {
            stage: level.stage,
            alert_seconds: level.alert_seconds,
            per_rows: level.stage.per(),
            default_seconds: level.stage.alert_seconds(),
        })
        .collect();
    Ok(ServiceLevels { items })
}

/// How long stages may take before an alert is raised. It is looked after every minute.
#[utoipa::path(get, path = "/v1/service-levels", tag = "team", responses((status = 200, body = ServiceLevels)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<ServiceLevels>, Problem> {
    caller.may(Permission::Read)?;
    Ok(Json(all(&state, &caller).await?))
}

/// Sets how long a stage may take.
#[utoipa::path(
    put, path = "/v1/service-levels", tag = "team", request_body = New, responses((status = 200, body = ServiceLevels)),
)]
pub(crate) async fn set(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<New>,
) -> Result<Json<ServiceLevels>, Problem> {
    caller.may(Permission::ManageLimits)?;
    let stage: Stage = new
        .stage
        .parse()
        .map_err(|error: domain::named::UnknownName| Problem::invalid("/stage", error.to_string()))?;
    if new.alert_seconds.is_some_and(|seconds| !(1..=MAX_SECONDS).contains(&seconds)) {
        return Err(Problem::invalid("/alert_seconds", format!("must be 1 to {MAX_SECONDS}")));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    service_level::set(&mut tx, stage, new.alert_seconds).await?;
    let details = json!({ "alert_seconds": new.alert_seconds });
    caller.record_in_bulk(&mut tx, "service_level.set", stage, details).await?;
    tx.commit().await?;
    Ok(Json(all(&state, &caller).await?))
}
