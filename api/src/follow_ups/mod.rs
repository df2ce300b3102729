//! Follow-ups: what happens by itself when nothing happens, the rules of it, and what stops it.

mod calendar;
mod dry_run;
mod rules;
mod switches;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(calendar::list))
        .routes(routes!(switches::list, switches::put))
        .routes(routes!(calendar::get))
        .routes(routes!(calendar::cancel))
        .routes(routes!(rules::list, rules::create))
        .routes(routes!(dry_run::dry_run))
        .routes(routes!(rules::get, rules::update, rules::archive))
}
