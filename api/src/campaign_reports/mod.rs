//! What campaigns did, what it cost, and what is to come: counted from the ledger itself.

mod calendar;
mod costs;
mod stats;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(stats::stats))
        .routes(routes!(costs::costs))
        .routes(routes!(calendar::calendar))
}
