//! In whose hands an item's conversation is: claimed by one person for a while, assigned to one for good.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use domain::id::{InboxItemId, UserId};
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
use super::view::InboxItem;
use super::{in_nobody_elses_hands, taken};

/// How long a claim holds where nothing else is asked for, in minutes.
const CLAIM_MINUTES: u16 = 15;
/// The longest claim, in minutes.
const MAX_CLAIM_MINUTES: u16 = 240;

/// For how long.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = InboxClaim)]
pub(crate) struct Claim {
    /// 1 to 240; 15 where it is not said. Claiming again begins anew.
    minutes: Option<u16>,
}

/// Takes an item's conversation in hand: nobody else answers or files it meanwhile. Claiming what one has keeps it longer.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/claim", tag = "inbox", params(("id" = String, Path)),
    request_body(content = Claim, description = "May be left out"),
    responses(
        (status = 200, body = InboxItem),
        (status = 409, body = crate::problem::ProblemBody, description = "Somebody else has it; the detail says who"),
    ),
)]
pub(crate) async fn claim(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
    OptionalJson(claim): OptionalJson<Claim>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let minutes = claim.minutes.unwrap_or(CLAIM_MINUTES);
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    if !(1..=MAX_CLAIM_MINUTES).contains(&minutes) {
        return Err(Problem::invalid("/minutes", format!("must be 1 to {MAX_CLAIM_MINUTES}")));
    }
    let lease = Duration::from_secs(60 * u64::from(minutes));
    if let Err(hand) = conversation::claim(&mut tx, of, caller.user, lease, Utc::now()).await? {
        return Err(taken(&hand));
    }
    caller.record_in_bulk(&mut tx, "inbox.claim", id, json!({ "minutes": minutes })).await?;
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}

/// Lets go of an item's conversation; where one does not have it, nothing happens.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/release", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = InboxItem)),
)]
pub(crate) async fn release(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    if conversation::release(&mut tx, of, caller.user).await? {
        caller.record_in_bulk(&mut tx, "inbox.release", id, json!({})).await?;
    }
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}

/// To whom.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = InboxAssignment)]
pub(crate) struct Assignment {
    /// A member of the team who may work the inbox; nobody where it is left out or null.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
}

/// Gives an item's conversation to a member of the team, or to nobody.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/assign", tag = "inbox", params(("id" = String, Path)), request_body = Assignment,
    responses(
        (status = 200, body = InboxItem),
        (status = 409, body = crate::problem::ProblemBody, description = "Somebody else has it in hand; the detail says who"),
    ),
)]
pub(crate) async fn assign(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
    OptionalJson(assignment): OptionalJson<Assignment>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    in_nobody_elses_hands(&mut tx, &caller, of, now).await?;
    conversation::assign(&mut tx, of, assignment.user, caller.user, now).await?;
    caller.record_in_bulk(&mut tx, "inbox.assign", id, json!({ "user": assignment.user })).await?;
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}
