//! Enrichment: leads through the waterfall of vendors.

mod cancel;
mod create;
mod estimate;
mod get;
pub(crate) mod hook;
mod list;
mod view;
mod which;
mod workflow;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(estimate::estimate))
        .routes(routes!(get::get))
        .routes(routes!(cancel::cancel))
}
