//! What is done about an item: read, put away, put off, moved to another bucket.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::id::InboxItemId;
use domain::reply::Bucket;
use domain::role::Permission;
use entities::inbox_item;
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

/// The longest reason, in bytes.
pub(super) const MAX_WHY: usize = 500;

/// Marks an item read. Who was first is kept.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/read", tag = "inbox", params(("id" = String, Path)),
    responses((status = 200, body = InboxItem)),
)]
pub(crate) async fn read(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    inbox_item::mark_read(&mut tx, id, caller.user, Utc::now()).await?;
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}

/// Puts an item away: it was dealt with.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/archive", tag = "inbox", params(("id" = String, Path)),
    responses(
        (status = 200, body = InboxItem),
        (status = 409, body = crate::problem::ProblemBody, description = "Somebody else has it in hand; the detail says who"),
    ),
)]
pub(crate) async fn archive(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    in_nobody_elses_hands(&mut tx, &caller, of, now).await?;
    inbox_item::archive(&mut tx, id, caller.user, now).await?;
    caller.record_in_bulk(&mut tx, "inbox.archive", id, json!({})).await?;
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}

/// Until when.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = InboxSnooze)]
pub(crate) struct Snooze {
    /// In the future; in sight again at once where it is left out or null.
    until: Option<DateTime<Utc>>,
}

/// Puts an item out of sight until then. Its deadline goes on: what is hot is told about all the same.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/snooze", tag = "inbox", params(("id" = String, Path)), request_body = Snooze,
    responses(
        (status = 200, body = InboxItem),
        (status = 409, body = crate::problem::ProblemBody, description = "Somebody else has it in hand; the detail says who"),
    ),
)]
pub(crate) async fn snooze(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
    OptionalJson(snooze): OptionalJson<Snooze>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    if snooze.until.is_some_and(|until| until <= now) {
        return Err(Problem::invalid("/until", "must be in the future, as 2026-12-01T09:00:00Z"));
    }
    in_nobody_elses_hands(&mut tx, &caller, of, now).await?;
    inbox_item::snooze(&mut tx, id, snooze.until, caller.user, now).await?;
    caller.record_in_bulk(&mut tx, "inbox.snooze", id, json!({ "until": snooze.until })).await?;
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}

/// Where to, and why.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = InboxMove)]
pub(crate) struct Move {
    /// `email_captures`, `hot_responses`, `objections`, `do_not_contact` or `other`.
    bucket: String,
    /// In words; kept with the move.
    why: String,
}

/// A reason that somebody gave.
pub(super) fn reason(why: &str) -> Result<&str, Problem> {
    let why = why.trim();
    if (1..=MAX_WHY).contains(&why.len()) {
        return Ok(why);
    }
    Err(Problem::invalid("/why", format!("must say why, in 1 to {MAX_WHY} bytes")))
}

/// Puts an item into another bucket; who did it and why is kept. It suppresses nobody: `…/reclassify` with `opt_out` does.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/move", tag = "inbox", params(("id" = String, Path)), request_body = Move,
    responses(
        (status = 200, body = InboxItem),
        (status = 409, body = crate::problem::ProblemBody, description = "Somebody else has it in hand; the detail says who"),
    ),
)]
pub(crate) async fn move_to(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<InboxItemId>,
    OptionalJson(to): OptionalJson<Move>,
) -> Result<Json<InboxItem>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    let of = inbox_item::conversation(&mut tx, id).await?;
    let bucket: Bucket = to
        .bucket
        .parse()
        .map_err(|error: domain::named::UnknownName| Problem::invalid("/bucket", error.to_string()))?;
    let why = reason(&to.why)?;
    in_nobody_elses_hands(&mut tx, &caller, of, now).await?;
    inbox_item::move_to(&mut tx, id, bucket, Some(caller.user), why).await?;
    caller.record_in_bulk(&mut tx, "inbox.move", id, json!({ "bucket": bucket })).await?;
    tx.commit().await?;
    shown(&state, &caller, id).await.map(Json)
}
