//! `GET /v1/personas/{id}/merges`, `GET /v1/businesses/{id}/merges`: what went into a record, and why.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::{BusinessId, DataSourceId, MergeId, PersonaId, TypedId, UserId};
use domain::role::Permission;
use entities::merge::{self, Kind, PastMerge};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::Id;
use crate::problem::Problem;
use crate::state::AppState;

/// One merge, in force or taken apart.
#[derive(Serialize, ToSchema)]
#[schema(as = Merge)]
pub(crate) struct View {
    #[schema(value_type = String)]
    id: MergeId,
    /// Who stayed.
    survivor_id: String,
    /// Who went; the id that an unmerge wants.
    merged_id: String,
    /// `import`, `review` or `manual`.
    kind: String,
    /// Probability that they are one, 0 to 1.
    score: f32,
    /// Sum of the match weights, in bits; `null` where a person said so.
    weight: Option<f32>,
    /// Name and version of the rules that decided.
    rule_set: String,
    /// The comparisons, the level that each reached and its weight; or the reason a person gave.
    #[schema(value_type = Object)]
    evidence: serde_json::Value,
    /// Per field in which they differed: whose value stands (`survivor`, `merged`, `another`), and why.
    #[schema(value_type = Object)]
    survivorship: serde_json::Value,
    /// Who merged them; `null` for an import.
    #[schema(value_type = Option<String>)]
    merged_by: Option<UserId>,
    /// The upload whose import merged them.
    #[schema(value_type = Option<String>)]
    upload: Option<DataSourceId>,
    merged_at: DateTime<Utc>,
    /// When it was taken apart; `null` while it is in force.
    unmerged_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    unmerged_by: Option<UserId>,
}

/// The merges of a record.
#[derive(Serialize, ToSchema)]
pub(crate) struct MergeHistory {
    /// The newest first, 200 at the most.
    items: Vec<View>,
}

/// What was merged into a person, and what the person was merged into.
#[utoipa::path(
    get, path = "/v1/personas/{id}/merges", tag = "merges", params(("id" = String, Path)),
    responses((status = 200, body = MergeHistory)),
)]
pub(crate) async fn of_person(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<PersonaId>,
) -> Result<Json<MergeHistory>, Problem> {
    of(&state, &caller, Kind::Persona, id).await
}

/// What was merged into a business, and what the business was merged into.
#[utoipa::path(
    get, path = "/v1/businesses/{id}/merges", tag = "merges", params(("id" = String, Path)),
    responses((status = 200, body = MergeHistory)),
)]
pub(crate) async fn of_business(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<BusinessId>,
) -> Result<Json<MergeHistory>, Problem> {
    of(&state, &caller, Kind::Business, id).await
}

async fn of<I: TypedId>(
    state: &AppState,
    caller: &Caller,
    kind: Kind,
    id: I,
) -> Result<Json<MergeHistory>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(state).await?;
    let merges = merge::past_merges(&mut tx, kind, id.uuid()).await?;
    tx.commit().await?;
    Ok(Json(MergeHistory { items: merges.into_iter().map(|merge| view(kind, merge)).collect() }))
}

fn view(kind: Kind, merge: PastMerge) -> View {
    View {
        id: MergeId::from_uuid(merge.id),
        survivor_id: kind.render(merge.survivor_id),
        merged_id: kind.render(merge.merged_id),
        kind: merge.kind,
        score: merge.score,
        weight: merge.weight,
        rule_set: merge.rule_set,
        evidence: merge.evidence,
        survivorship: merge.survivorship,
        merged_by: merge.merged_by.map(UserId::from_uuid),
        upload: merge.data_source_id.map(DataSourceId::from_uuid),
        merged_at: merge.merged_at,
        unmerged_at: merge.unmerged_at,
        unmerged_by: merge.unmerged_by.map(UserId::from_uuid),
    }
}
