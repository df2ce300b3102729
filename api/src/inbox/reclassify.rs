//! `POST /v1/inbox/{id}/reclassify`: a person says what a message means.

use axum::Json;
use axum::extract::State;
use chrono::Utc;
use domain::id::InboxItemId;
use domain::reply::{HoldReason, Intent};
use domain::role::Permission;
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::{BulkTransaction, conversation, inbox_item};
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
use super::work::reason;

/// What it means, and why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = InboxReclassification)]
pub(crate) struct Reclassification {
    /// `email_capture`, `called_phone_line`, `opt_out`, `interested`, `not_interested`, `question`, `other` …
    intent: String,
    /// In words; kept with the correction.
    why: String,
}

/// Says what a message means. Who did and why is kept, and counts in the table of the classifier's quality. An opt-out takes
/// effect at once: the person is suppressed, and nothing that was planned leaves.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/reclassify", tag = "inbox", params(("id" = String, Path)), request_body = Reclassification,
    responses(
        (status = 200, body = InboxItem),
        (status = 409, body = crate::problem::ProblemBody, description = "It is taken for that already, or somebody else has it in hand"),
    ),
)]
pub(crate) async fn reclassify(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
    OptionalJson(said): OptionalJson<Reclassification>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    let intent: Intent = said
        .intent
        .parse()
        .map_err(|error: domain::named::UnknownName| Problem::invalid("/intent", error.to_string()))?;
    let why = reason(&said.why)?;
    // Whoever asks to be left alone is heard, whoever has the conversation in hand.
    if intent != Intent::OptOut {
        in_nobody_elses_hands(&mut tx, &caller, of, now).await?;
    }
    let was = inbox_item::reclassify(&mut tx, id, intent, caller.user, why, now).await?;
    if intent == Intent::OptOut {
        obey(&mut tx, &caller, &was).await?;
    }
    let details = json!({ "from": was.from, "to": intent, "reclassification": was.id });
    caller.record_in_bulk(&mut tx, "inbox.reclassify", id, details).await?;
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}

/// The person wants nothing more: in the same transaction.
async fn obey(
    tx: &mut BulkTransaction,
    caller: &Caller,
    was: &inbox_item::Reclassified,
) -> Result<(), Problem> {
    let now = Utc::now();
    let kind = if was.channel == "email" { SuppressedKind::Email } else { SuppressedKind::Phone };
    let source = caller.user.to_string();
    let who = OptOut {
        kind,
        value: &was.their_address,
        scope: SuppressionScope::Team,
        subject: "",
        method: SuppressionMethod::Person,
        source: &source,
    };
    suppression::opt_out(tx, &who, now).await?;
    conversation::silence(tx, &was.their_address, HoldReason::OptedOut, now).await?;
    Ok(())
}
