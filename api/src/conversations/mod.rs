//! Conversations: everything said with one person, and what people decide in it.

mod get;
mod orders;
mod replies;
mod view;
mod workflow;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get::get))
        .routes(routes!(orders::approve))
        .routes(routes!(orders::edit))
        .routes(routes!(orders::reject))
        .routes(routes!(orders::take_over))
        .routes(routes!(orders::clear))
        .routes(routes!(orders::close))
        .routes(routes!(replies::write))
}
