//! Whether the service lives, and whether what it needs is there.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::AppState;

/// Whether each thing the service depends on answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether the service can do its work: database and storage answer.
    pub(crate) ready: bool,
    /// PostgreSQL.
    pub(crate) database: bool,
    /// Temporal. Without it uploads are taken and started later.
    pub(crate) temporal: bool,
    /// Object storage.
    pub(crate) storage: bool,
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "The process lives")))]
pub(crate) async fn live() -> &'static str {
    "ok"
}

/// What the service depends on answers.
#[utoipa::path(get, path = "/readyz", tag = "operations", responses(
    (status = 200, body = Readiness), (status = 503, body = Readiness),
))]
pub(crate) async fn ready(State(state): State<AppState>) -> Response {
    let (database, temporal, storage) =
        futures::join!(state.db.ping(), state.temporal.ping(), state.store.ping());
    let readiness = Readiness {
        ready: database.is_ok() && storage.is_ok(),
        database: database.is_ok(),
        temporal: temporal.is_ok(),
        storage: storage.is_ok(),
    };
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}
