//! `GET /v1/merge-reviews`: pairs that may be one.

use axum::Json;
use axum::extract::State;
use domain::id::DataSourceId;
use domain::role::Permission;
use entities::merge::Kind;
use entities::merge::review::{self, ReviewFilter, ReviewStatus};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::extract::Params;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::state::AppState;

use super::{MergeReview, view};

/// Which pairs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// `open`, `approved` or `rejected`.
    #[param(value_type = Option<String>)]
    status: Option<ReviewStatus>,
    /// `persona` or `business`.
    kind: Option<String>,
    /// Only those that this upload proposed.
    #[param(value_type = Option<String>)]
    upload: Option<DataSourceId>,
    /// How many, 1 to 200; 50 where it is not said.
    limit: Option<u64>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Pairs that may be one, newest first, with why.
#[utoipa::path(
    get, path = "/v1/merge-reviews", tag = "merges", params(Which),
    responses((status = 200, body = Page<MergeReview>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<MergeReview>>, Problem> {
    caller.may(Permission::Read)?;
    let request = page::request(which.limit, which.cursor.as_deref())?;
    let kind = which
        .kind
        .map(|name| {
            Kind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| {
                Problem::invalid("kind", "must be persona or business")
                    .expected(Kind::ALL.map(|kind| kind.as_str().to_owned()))
            })
        })
        .transpose()?;
    let filter = ReviewFilter { status: which.status, kind, source: which.upload };
    let tx = caller.transaction(&state).await?;
    let reviews = review::list(&tx, filter, request).await?;
    let sides = review::sides(&tx, &reviews.items).await?;
    tx.commit().await?;
    let items = reviews.items.into_iter().map(|review| view(review, &sides)).collect::<Result<_, _>>()?;
    Ok(Json(Page { items, next_cursor: reviews.next.map(|id| id.to_string()) }))
}
