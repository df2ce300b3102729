//! Merge reviews: pairs that may be one, for a person to say.

mod decide;
mod get;
mod list;

use chrono::{DateTime, Utc};
use domain::id::{DataSourceId, MergeReviewId, UserId};
use entities::merge::review::{self, ReviewStatus, Sides};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::problem::Problem;
use crate::state::AppState;

/// The routes.
pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(get::get))
        .routes(routes!(decide::approve))
        .routes(routes!(decide::reject))
}

/// One of the two.
#[derive(Serialize, ToSchema)]
#[schema(as = MergeReviewSide)]
struct SideView {
    /// Who it is: the one that was proposed, or whoever that was merged into since.
    id: String,
    name: Option<String>,
    /// The business of a person, the address of a business.
    place: Option<String>,
    phones: Vec<String>,
    emails: Vec<String>,
}

/// A pair that may be one.
#[derive(Serialize, ToSchema)]
pub(crate) struct MergeReview {
    #[schema(value_type = String, example = "rev_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: MergeReviewId,
    /// `persona` or `business`.
    kind: String,
    /// `open`, `approved` or `rejected`.
    #[schema(value_type = String)]
    status: ReviewStatus,
    a: SideView,
    b: SideView,
    /// Probability that they are one, 0 to 1.
    score: f32,
    /// Sum of the match weights, in bits.
    weight: f32,
    /// Name and version of the rules.
    rule_set: String,
    /// The comparisons, the level that each reached and its weight.
    #[schema(value_type = Object)]
    evidence: serde_json::Value,
    /// The upload whose import proposed it.
    #[schema(value_type = Option<String>)]
    upload: Option<DataSourceId>,
    created_at: DateTime<Utc>,
    #[schema(value_type = Option<String>)]
    decided_by: Option<UserId>,
    decided_at: Option<DateTime<Utc>>,
}

/// What there is to say of a proposal.
fn view(review: review::MergeReview, sides: &Sides) -> Result<MergeReview, Problem> {
    let kind = review.of_kind()?;
    let side = |id| {
        let known = sides.get(&id);
        SideView {
            id: kind.render(known.map_or(id, |side| side.id)),
            name: known.map(|side| side.name.clone()),
            place: known.and_then(|side| side.place.clone()),
            phones: known.map(|side| side.phones.clone()).unwrap_or_default(),
            emails: known.map(|side| side.emails.clone()).unwrap_or_default(),
        }
    };
    Ok(MergeReview {
        a: side(review.a_id),
        b: side(review.b_id),
        id: review.id.0,
        kind: review.kind,
        status: review.status,
        score: review.score,
        weight: review.weight,
        rule_set: review.rule_set,
        evidence: review.evidence,
        upload: review.data_source_id.map(|id| id.0),
        created_at: review.created_at,
        decided_by: review.decided_by.map(|id| id.0),
        decided_at: review.decided_at,
    })
}
