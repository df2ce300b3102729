//! `POST /v1/personas/{id}/unmerge`, `POST /v1/businesses/{id}/unmerge`: a merge that was wrong is taken apart.

use axum::Json;
use axum::extract::State;
use domain::id::{BusinessId, PersonaId, TypedId};
use domain::role::Permission;
use entities::merge::{self, Kind};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnmergeOutcome {
    /// The one that is there again.
    id: String,
    /// Whom it had been merged into; no import will merge the two again.
    survivor_id: String,
    /// Who had it until now: the survivor, or whoever that was merged into since.
    taken_from: String,
}

/// Restores a merged person with its contact points and leads. The id is that of the merged one.
#[utoipa::path(
    post, path = "/v1/personas/{id}/unmerge", tag = "merges", params(("id" = String, Path)),
    responses(
        (status = 200, body = UnmergeOutcome),
        (status = 409, body = crate::problem::ProblemBody, description = "It is not merged"),
    ),
)]
pub(crate) async fn person(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<PersonaId>,
) -> Result<Json<UnmergeOutcome>, Problem> {
    of(&state, &caller, Kind::Persona, id).await
}

/// Restores a merged business with its people and leads. The id is that of the merged one.
#[utoipa::path(
    post, path = "/v1/businesses/{id}/unmerge", tag = "merges", params(("id" = String, Path)),
    responses(
        (status = 200, body = UnmergeOutcome),
        (status = 409, body = crate::problem::ProblemBody, description = "It is not merged"),
    ),
)]
pub(crate) async fn business(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<BusinessId>,
) -> Result<Json<UnmergeOutcome>, Problem> {
    of(&state, &caller, Kind::Business, id).await
}

async fn of<I: TypedId>(
    state: &AppState,
    caller: &Caller,
    kind: Kind,
    id: I,
) -> Result<Json<UnmergeOutcome>, Problem> {
    caller.may(Permission::MergeRecords)?;
    let mut tx = caller.bulk_transaction(state).await?;
    let done = merge::unmerge(&mut tx, kind, id.uuid(), caller.user).await?;
    let (survivor, root) = (kind.render(done.survivor), kind.render(done.root));
    let details = json!({ "survivor": survivor, "taken_from": root });
    caller.record_in_bulk(&mut tx, &format!("{}.unmerge", kind.as_str()), id, details).await?;
    tx.commit().await?;
    Ok(Json(UnmergeOutcome { id: id.to_string(), survivor_id: survivor, taken_from: root }))
}
