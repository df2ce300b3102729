//! Uploads: files, from the loading dock to blocks.

mod archive;
mod cancel;
mod create;
mod digest;
mod events;
mod form;
mod get;
mod list;
mod preview;
mod receive;
mod rejects;
mod retry;
mod undo;
mod view;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(crate) use digest::sha256_of;

/// The routes. A file may be of any length here; its own limits are the team's.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create::create, list::list))
        .routes(routes!(preview::preview))
        .routes(routes!(get::get))
        .routes(routes!(events::events))
        .routes(routes!(rejects::rejects))
        .routes(routes!(archive::archive))
        .routes(routes!(cancel::cancel))
        .routes(routes!(undo::undo))
        .routes(routes!(retry::retry))
        .layer(DefaultBodyLimit::disable())
}
