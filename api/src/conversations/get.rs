//! `GET /v1/conversations/{id}`: a conversation with all that was said and decided in it.

use axum::Json;
use axum::extract::State;
use domain::id::ConversationId;
use domain::role::Permission;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::view::{Conversation, now};

/// A conversation with its history: what was said, what the gate said of it, what was suggested and who decided, and who moved
/// what where.
#[utoipa::path(
    get, path = "/v1/conversations/{id}", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = Conversation)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    caller.may(Permission::Read)?;
    let mut shown = now(&state, &caller, id).await?;
    // What the rows say is certain; the workflow adds what is under way, where one answers.
    shown.progress = state.temporal.conversation_progress(id).await.ok().flatten();
    Ok(Json(shown))
}
