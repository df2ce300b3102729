//! `GET /v1/audit`: who did what.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{AuditId, UserId};
use domain::role::Permission;
use entities::audit_log::{self, AuditEntry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// One thing that was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct Entry {
    #[schema(value_type = String)]
    id: AuditId,
    /// Who; absent where the system itself acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// What, as `upload.cancel`.
    action: String,
    /// To what: an id.
    subject: String,
    /// Ids, counts and names of fields.
    #[schema(value_type = Object)]
    details: serde_json::Value,
    created_at: DateTime<Utc>,
}

impl From<AuditEntry> for Entry {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.0,
            user_id: entry.user_id.map(|id| id.0),
            action: entry.action,
            subject: entry.subject,
            details: entry.details,
            created_at: entry.created_at,
        }
    }
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Only what was done to the thing with this id.
    subject: Option<String>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The team's audit log, newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "team", params(Which), responses((status = 200, body = Page<Entry>)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<Entry>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let tx = caller.transaction(&state).await?;
    let entries = audit_log::list(&tx, which.subject.as_deref(), request).await?;
    tx.commit().await?;
    Ok(Json(Page::of(entries, Into::into)))
}
