//! `POST /v1/inbox/{id}/lead`: a person says whose a message is that nobody was written to for.

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use domain::id::{InboxItemId, LeadId};
use domain::role::Permission;
use entities::{conversation, inbox_item};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson};
use crate::problem::Problem;
use crate::state::AppState;

use super::get::shown;
use super::in_nobody_elses_hands;
use super::view::InboxItem;

/// Whose it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = InboxLead)]
pub(crate) struct Whose {
    /// The lead.
    #[schema(example = "lead_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    lead: String,
}

/// Gives the conversation of an item its lead, where nobody was written to at that number (`no_lead_match`): it can be answered
/// then. The same lead again changes nothing.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/lead", tag = "inbox", params(("id" = String, Path)), request_body = Whose,
    responses(
        (status = 200, body = InboxItem),
        (status = 409, body = crate::problem::ProblemBody, description = "It is another lead's, or somebody else has it in hand"),
    ),
)]
pub(crate) async fn give_lead(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
    OptionalJson(whose): OptionalJson<Whose>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    let lead: LeadId = whose
        .lead
        .parse()
        .map_err(|error: domain::id::IdError| Problem::invalid("/lead", error.to_string()))?;
    in_nobody_elses_hands(&mut tx, &caller, of, now).await?;
    let (_, new) = conversation::give_lead(&mut tx, id, lead, now).await?;
    if new {
        caller
            .record_in_bulk(&mut tx, "inbox.give_lead", id, json!({ "lead": lead, "conversation": of }))
            .await?;
    }
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}
