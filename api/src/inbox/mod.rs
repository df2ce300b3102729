//! The inbox: what came in, the hottest first, and what people do about it.

mod events;
mod get;
mod hands;
mod lead;
mod list;
mod reclassify;
mod view;
mod work;

use chrono::{DateTime, Utc};
use domain::id::ConversationId;
use entities::BulkTransaction;
use entities::conversation::{self, Hand};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(list::counts))
        .routes(routes!(events::events))
        .routes(routes!(get::get))
        .routes(routes!(hands::claim))
        .routes(routes!(hands::release))
        .routes(routes!(hands::assign))
        .routes(routes!(work::read))
        .routes(routes!(work::archive))
        .routes(routes!(work::snooze))
        .routes(routes!(work::move_to))
        .routes(routes!(reclassify::reclassify))
        .routes(routes!(lead::give_lead))
}

/// Who has a conversation in hand that the caller wants.
pub(crate) fn taken(hand: &Hand) -> Problem {
    Problem::http(
        HttpCode::Conflict,
        format!(
            "{} ({}) has this conversation in hand until {} UTC; wait, or ask them to release it",
            hand.name,
            hand.user,
            hand.until.format("%F %T")
        ),
    )
}

/// Nobody else has the conversation in hand, and nobody takes it until the transaction ends.
///
/// # Errors
/// A problem (409) that says who has it.
pub(crate) async fn in_nobody_elses_hands(
    tx: &mut BulkTransaction,
    caller: &Caller,
    id: ConversationId,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    match conversation::in_other_hands(tx, id, caller.user, now).await? {
        Some(hand) => Err(taken(&hand)),
        None => Ok(()),
    }
}
