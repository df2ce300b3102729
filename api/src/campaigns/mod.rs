//! Campaigns: drafted, previewed, rehearsed, released by another person, sent.

mod create;
mod draft;
mod exclusions;
pub(crate) mod gate;
mod get;
mod list;
mod orders;
mod preview;
mod rehearse;
mod update;
mod view;
mod workflow;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update))
        .routes(routes!(preview::preview))
        .routes(routes!(exclusions::exclusions))
        .routes(routes!(rehearse::rehearse))
        .routes(routes!(orders::stage))
        .routes(routes!(orders::approve))
        .routes(routes!(orders::reject))
        .routes(routes!(orders::schedule))
        .routes(routes!(orders::pause))
        .routes(routes!(orders::resume))
        .routes(routes!(orders::cancel))
        .routes(routes!(orders::limits))
        .routes(routes!(gate::gate))
}
