//! Alerts: what a person should see to, once per matter.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use domain::id::{AlertId, UserId};
use domain::role::Permission;
use entities::alert;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::{Id, Params};
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(acknowledge))
}

/// Something a person should see to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alert {
    #[schema(value_type = String, example = "alrt_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: AlertId,
    /// What happened: `budget.threshold`, `call_queue.overflow`, `campaign.halted`, `campaign.vendor_missing`, `provider.paused`, `relay.stuck`,
    /// `reply.follow_up`, `reply.hot_waiting`, `service_level.breached`, `webhook_endpoint.disabled`.
    #[schema(example = "service_level.breached")]
    kind: String,
    /// To what: an id, a budget's scope, a vendor.
    subject: String,
    /// Numbers and words that explain it.
    detail: serde_json::Value,
    created_at: DateTime<Utc>,
    /// When somebody took note of it, and who.
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    acknowledged_by: Option<UserId>,
}

impl From<alert::Alert> for Alert {
    fn from(alert: alert::Alert) -> Self {
        Self {
            id: alert.id.0,
            kind: alert.kind,
            subject: alert.subject,
            detail: alert.detail,
            created_at: alert.created_at,
            acknowledged_at: alert.acknowledged_at,
            acknowledged_by: alert.acknowledged_by.map(|by| by.0),
        }
    }
}

/// Which alerts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Only those that nobody has taken note of.
    #[serde(default)]
    open: bool,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's alerts, newest first.
#[utoipa::path(get, path = "/v1/alerts", tag = "team", params(Which), responses((status = 200, body = Page<Alert>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Alert>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let tx = caller.transaction(&state).await?;
    let alerts = alert::list(&tx, which.open, request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(alerts, Into::into)))
}

/// Takes note of an alert, for everybody: it is no longer among those that are open.
#[utoipa::path(
    post, path = "/v1/alerts/{id}/acknowledge", tag = "team", params(("id" = String, Path)),
    responses((status = 204, description = "Noted, by the first who did")),
)]
pub(crate) async fn acknowledge(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<AlertId>,
) -> Result<StatusCode, Problem> {
    // Whoever works here may; who only looks may not.
    caller.may(Permission::DraftCampaigns).or_else(|_| caller.may(Permission::Approve))?;
    let mut tx = caller.bulk_transaction(&state).await?;
    alert::acknowledge(&mut tx, id, caller.user).await?;
    caller.record_in_bulk(&mut tx, "alert.acknowledge", id, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
