//! `GET /v1/merge-reviews/{id}`: one pair that may be one.

use axum::Json;
use axum::extract::State;
use domain::id::MergeReviewId;
use domain::role::Permission;
use entities::merge::review;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

use super::{MergeReview, view};

/// One pair, with why it may be one.
#[utoipa::path(
    get, path = "/v1/merge-reviews/{id}", tag = "merges", params(("id" = String, Path)),
    responses((status = 200, body = MergeReview)),
)]
pub(crate) async fn get(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<MergeReviewId>,
) -> Result<Json<MergeReview>, Problem> {
    caller.may(Permission::Read)?;
    let tx = caller.transaction(&state).await?;
    let review = review::get(&tx, id).await?;
    let sides = review::sides(&tx, std::slice::from_ref(&review)).await?;
    tx.commit().await?;
    Ok(Json(view(review, &sides)?))
}
