//! `POST /v1/merge-reviews/{id}/approve` and `…/reject`: a person says whether two are one.

use axum::Json;
use axum::extract::State;
use domain::id::MergeReviewId;
use domain::role::Permission;
use entities::merge::review;
use serde_json::json;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::{MergeReview, view};

/// They are one: the one that is known longer stays, the other is merged into it.
#[utoipa::path(
    post, path = "/v1/merge-reviews/{id}/approve", tag = "merges", params(("id" = String, Path)),
    responses(
        (status = 200, body = MergeReview),
        (status = 409, body = crate::problem::ProblemBody, description = "It is decided already, or one of the two is of an upload still under way"),
    ),
)]
pub(crate) async fn approve(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<MergeReviewId>,
) -> Result<Json<MergeReview>, Problem> {
    caller.may(Permission::MergeRecords)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let (kind, survivor, merged) = review::approve(&mut tx, id, caller.user).await?;
    let details = json!({ "survivor": kind.render(survivor), "merged": kind.render(merged) });
    caller.record_in_bulk(&mut tx, "merge_review.approve", id, details).await?;
    tx.commit().await?;
    decided(&state, &caller, id).await
}

/// They are two: no import proposes or merges them again.
#[utoipa::path(
    post, path = "/v1/merge-reviews/{id}/reject", tag = "merges", params(("id" = String, Path)),
    responses(
        (status = 200, body = MergeReview),
        (status = 409, body = crate::problem::ProblemBody, description = "It is decided already"),
    ),
)]
pub(crate) async fn reject(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<MergeReviewId>,
) -> Result<Json<MergeReview>, Problem> {
    caller.may(Permission::MergeRecords)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let (kind, a, b) = review::reject(&mut tx, id, caller.user).await?;
    let details = json!({ "a": kind.render(a), "b": kind.render(b) });
    caller.record_in_bulk(&mut tx, "merge_review.reject", id, details).await?;
    tx.commit().await?;
    decided(&state, &caller, id).await
}

async fn decided(state: &AppState, caller: &Caller, id: MergeReviewId) -> Result<Json<MergeReview>, Problem> {
    let tx = caller.transaction(state).await?;
    let review = review::get(&tx, id).await?;
    let sides = review::sides(&tx, std::slice::from_ref(&review)).await?;
    tx.commit().await?;
    Ok(Json(view(review, &sides)?))
}
