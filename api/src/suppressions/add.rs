//! `POST /v1/suppressions` and `DELETE /v1/suppressions/{id}`: a person of the team decides.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Utc;
use domain::id::SuppressionId;
use domain::role::Permission;
use entities::BulkTransaction;
use entities::suppression::{
    self, NewEntry, OptOut, SuppressedKind, SuppressionMethod, SuppressionReason, SuppressionScope,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::extract::{Id, JsonBody};
use crate::problem::{FieldError, HttpCode, Problem};
use crate::state::AppState;

use super::entry::New;

/// The most that are entered at once.
const MAX_ENTRIES: usize = 1_000;

/// Entries to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSuppressions {
    /// One to 1,000.
    items: Vec<New>,
}

/// What became of entries.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedSuppressions {
    /// Not known before.
    pub(super) new: u64,
    /// Known; those that had been lifted hold again.
    pub(super) known: u64,
    /// Texts that were planned and now are not sent.
    pub(super) cancelled: usize,
}

/// Suppresses. Whatever was planned to go there and has not been begun is called off at once.
#[utoipa::path(
    post, path = "/v1/suppressions", tag = "campaigns", request_body = NewSuppressions,
    responses(
        (status = 201, body = AddedSuppressions),
        (status = 422, body = crate::problem::ProblemBody, description = "No number, unknown reason, scope without subject: each named"),
    ),
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(new): JsonBody<NewSuppressions>,
) -> Result<(StatusCode, Json<AddedSuppressions>), Problem> {
    caller.may(Permission::ManageSuppressions)?;
    if !(1..=MAX_ENTRIES).contains(&new.items.len()) {
        return Err(Problem::invalid("/items", format!("must be 1 to {MAX_ENTRIES}")));
    }
    let (mut entries, mut errors) = (Vec::with_capacity(new.items.len()), Vec::new());
    for (index, item) in new.items.into_iter().enumerate() {
        match item.checked() {
            Ok(entry) => entries.push(entry),
            Err((field, detail)) => {
                errors.push(FieldError { pointer: format!("/items/{index}/{field}"), detail })
            }
        }
    }
    if !errors.is_empty() {
        let summary = format!("{} of the entries cannot be made; errors names each", errors.len());
        return Err(Problem::http(HttpCode::Invalid, summary).with_errors(errors));
    }
    let mut tx = caller.bulk_transaction(&state).await?;
    let added = enter(&mut tx, &caller, SuppressionMethod::Person, &entries).await?;
    let details = json!({ "new": added.new, "known": added.known, "cancelled": added.cancelled });
    caller.record_in_bulk(&mut tx, "suppression.add", caller.team, details).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Makes entries. Those by which a person asks the whole team to be left alone are opt-outs, with all that follows.
pub(super) async fn enter(
    tx: &mut BulkTransaction,
    caller: &Caller,
    method: SuppressionMethod,
    entries: &[NewEntry],
) -> Result<AddedSuppressions, Problem> {
    let source = caller.user.to_string();
    let (said, rest): (Vec<&NewEntry>, Vec<&NewEntry>) = entries.iter().partition(|entry| {
        entry.reason == SuppressionReason::OptOut
            && entry.scope == SuppressionScope::Team
            && entry.kind != SuppressedKind::Persona
            && entry.expires_at.is_none()
    });
    let rest: Vec<NewEntry> = rest.into_iter().cloned().collect();
    let made = suppression::add(tx, &source, method, Some(caller.user), &rest).await?;
    let mut added = AddedSuppressions { new: made.new, known: made.known, cancelled: 0 };
    // In one order by everybody, since each waits for those who are at its texts.
    let mut said = said;
    said.sort_by(|a, b| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    for entry in said {
        let who = OptOut {
            kind: entry.kind,
            value: &entry.value,
            scope: entry.scope,
            subject: &entry.subject,
            method,
            source: &source,
        };
        let out = suppression::opt_out(tx, &who, Utc::now()).await?;
        added.cancelled += out.cancelled.len();
        if out.new {
            added.new += 1;
        } else {
            added.known += 1;
        }
    }
    Ok(added)
}

/// Lifts an entry: for this reason, at least, the person may be contacted again. Others of the same person hold.
#[utoipa::path(
    delete, path = "/v1/suppressions/{id}", tag = "campaigns", params(("id" = String, Path)),
    responses((status = 204, description = "It does not hold any more")),
)]
pub(crate) async fn lift(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<SuppressionId>,
) -> Result<StatusCode, Problem> {
    caller.may(Permission::ManageSuppressions)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    if suppression::lift(&mut tx, id, Some(caller.user)).await? {
        caller.record_in_bulk(&mut tx, "suppression.lift", id, json!({})).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
