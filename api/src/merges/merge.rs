//! `POST /v1/personas/merge`, `POST /v1/businesses/merge`: two that are one, which no import has noticed.

use axum::Json;
use axum::extract::State;
use domain::id::{BusinessId, PersonaId, TypedId};
use domain::role::Permission;
use entities::merge::{self, Kind, Origin};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::state::AppState;

/// The longest reason, in bytes.
const MAX_REASON: usize = 500;

/// Two people that are one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MergeOfPeople)]
pub(crate) struct People {
    /// Who stays.
    #[schema(value_type = String, example = "pers_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    survivor_id: PersonaId,
    /// Who goes: contact points and leads go over, and an unmerge restores it.
    #[schema(value_type = String)]
    merged_id: PersonaId,
    /// Why, for whoever looks at it later.
    #[serde(default)]
    reason: String,
}

/// Two businesses that are one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MergeOfBusinesses)]
pub(crate) struct Businesses {
    /// Which one stays.
    #[schema(value_type = String, example = "biz_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    survivor_id: BusinessId,
    /// Which one goes.
    #[schema(value_type = String)]
    merged_id: BusinessId,
    /// Why, for whoever looks at it later.
    #[serde(default)]
    reason: String,
}

/// What came of a merge.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MergeOutcome {
    /// Who stays.
    survivor_id: String,
    /// Who is gone: the id that an unmerge wants.
    merged_id: String,
    /// Leads that are the survivor's now.
    leads_moved: u64,
    /// Leads that went into one that the survivor had at the same business.
    leads_folded: u64,
}

/// Merges two people.
#[utoipa::path(
    post, path = "/v1/personas/merge", tag = "merges", request_body = People,
    responses(
        (status = 200, body = MergeOutcome),
        (status = 404, body = crate::problem::ProblemBody, description = "One of the two does not exist"),
        (status = 409, body = crate::problem::ProblemBody, description = "One is merged already, or is of an upload still under way"),
        (status = 422, body = crate::problem::ProblemBody, description = "Both are the same"),
    ),
)]
pub(crate) async fn people(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(People { survivor_id, merged_id, reason }): JsonBody<People>,
) -> Result<Json<MergeOutcome>, Problem> {
    of(&state, &caller, Kind::Persona, survivor_id, merged_id, &reason).await
}

/// Merges two businesses.
#[utoipa::path(
    post, path = "/v1/businesses/merge", tag = "merges", request_body = Businesses,
    responses(
        (status = 200, body = MergeOutcome),
        (status = 404, body = crate::problem::ProblemBody, description = "One of the two does not exist"),
        (status = 409, body = crate::problem::ProblemBody, description = "One is merged already, or is of an upload still under way"),
        (status = 422, body = crate::problem::ProblemBody, description = "Both are the same"),
    ),
)]
pub(crate) async fn businesses(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(Businesses { survivor_id, merged_id, reason }): JsonBody<Businesses>,
) -> Result<Json<MergeOutcome>, Problem> {
    of(&state, &caller, Kind::Business, survivor_id, merged_id, &reason).await
}

async fn of<I: TypedId>(
    state: &AppState,
    caller: &Caller,
    kind: Kind,
    survivor: I,
    merged: I,
    reason: &str,
) -> Result<Json<MergeOutcome>, Problem> {
    caller.may(Permission::MergeRecords)?;
    let reason = reason.trim();
    if reason.len() > MAX_REASON {
        return Err(Problem::invalid("/reason", format!("must be at most {MAX_REASON} bytes long")));
    }
    if survivor == merged {
        return Err(Problem::invalid("/merged_id", "must be another than survivor_id"));
    }
    let pair = merge::Merge {
        survivor: survivor.uuid(),
        merged: merged.uuid(),
        score: 1.0,
        weight: None,
        rule_set: "by hand".to_owned(),
        evidence: json!({ "reason": reason }),
    };
    let mut tx = caller.bulk_transaction(state).await?;
    let done = merge::merge(&mut tx, kind, &[pair], Origin::Manual(caller.user)).await?;
    let details = json!({
        "merged": merged.to_string(), "leads_moved": done.leads_moved, "leads_folded": done.leads_folded,
    });
    caller.record_in_bulk(&mut tx, &format!("{}.merge", kind.as_str()), survivor, details).await?;
    tx.commit().await?;
    Ok(Json(MergeOutcome {
        survivor_id: survivor.to_string(),
        merged_id: merged.to_string(),
        leads_moved: done.leads_moved,
        leads_folded: done.leads_folded,
    }))
}
