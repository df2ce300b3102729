//! The call queue: who is to be called, and those who call.

mod calls;
mod workers;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(calls::list))
        .routes(routes!(calls::claim))
        .routes(routes!(calls::done))
        .routes(routes!(workers::list))
        .routes(routes!(workers::put, workers::remove))
}
