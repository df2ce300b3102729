//! Merges: people and businesses that are one, said by hand and taken back.

mod history;
mod merge;
mod unmerge;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(merge::people))
        .routes(routes!(unmerge::person))
        .routes(routes!(history::of_person))
        .routes(routes!(merge::businesses))
        .routes(routes!(unmerge::business))
        .routes(routes!(history::of_business))
}
