//! `GET /v1/call-queue`, `POST /v1/call-queue/{id}/claim` and `…/done`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::id::{ConversationId, InboxItemId, LeadId, QueuedCallId, UserId};
use domain::role::Permission;
use entities::call_queue::{self, CallOutcome, Quiet, Taken};
use entities::send_intent::Stop;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::extract::{Id, OptionalJson, Params};
use crate::page::Page;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// How long a call is its caller's.
const LEASE: Duration = Duration::from_secs(30 * 60);
/// The longest notes, in bytes.
const MAX_NOTES: usize = 2_000;

/// A call to be made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueuedCall {
    #[schema(value_type = String, example = "qcall_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    id: QueuedCallId,
    #[schema(value_type = Option<String>)]
    conversation: Option<ConversationId>,
    #[schema(value_type = Option<String>)]
    item: Option<InboxItemId>,
    #[schema(value_type = Option<String>)]
    lead: Option<LeadId>,
    phone: String,
    /// Why, in a word or two.
    reason: String,
    /// What the caller has to know.
    skill: Option<String>,
    /// How urgent it is, 0 to 100.
    priority: i16,
    /// `queued`, `claimed`, `done` or `cancelled`.
    state: String,
    due_at: DateTime<Utc>,
    #[schema(value_type = Option<String>)]
    assigned_to: Option<UserId>,
    #[schema(value_type = Option<String>)]
    claimed_by: Option<UserId>,
    claimed_until: Option<DateTime<Utc>>,
    /// How often somebody began.
    attempts: i16,
    /// `reached`, `no_answer`, `voicemail`, `wrong_number`, `call_back` or `other`.
    outcome: Option<String>,
    notes: String,
    #[schema(value_type = Option<String>)]
    done_by: Option<UserId>,
    ended_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<call_queue::Call> for QueuedCall {
    fn from(call: call_queue::Call) -> Self {
        Self {
            id: call.id,
            conversation: call.conversation,
            item: call.item,
            lead: call.lead,
            phone: call.phone,
            reason: call.reason,
            skill: call.skill,
            priority: call.priority,
            state: call.state,
            due_at: call.due_at,
            assigned_to: call.assigned_to,
            claimed_by: call.claimed_by,
            claimed_until: call.claimed_until,
            attempts: call.attempts,
            outcome: call.outcome,
            notes: call.notes,
            done_by: call.done_by,
            ended_at: call.ended_at,
            created_at: call.created_at,
        }
    }
}

/// Which calls.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Which {
    /// Those of the caller alone.
    mine: bool,
}

/// The calls that wait, the most urgent first, 200 at the most.
#[utoipa::path(
    get, path = "/v1/call-queue", tag = "inbox", params(Which), responses((status = 200, body = Page<QueuedCall>)),
)]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Params(which): Params<Which>,
) -> Result<Json<Page<QueuedCall>>, Problem> {
    caller.may(Permission::Read)?;
    let mut tx = caller.bulk_transaction(&state).await?;
    let calls = call_queue::waiting(&mut tx, which.mine.then_some(caller.user), Utc::now()).await?;
    tx.commit().await?;
    Ok(Json(Page { items: calls.into_iter().map(Into::into).collect(), next_cursor: None }))
}

fn taken(by: UserId) -> Problem {
    Problem::http(HttpCode::Conflict, format!("{by} is making this call; take another one"))
}

/// Why a call that a campaign wants made is not made now.
const fn stopped(stop: Stop) -> &'static str {
    match stop {
        Stop::KillSwitch => {
            "a switch is on, and nobody is called for a campaign until it is lifted; see GET /v1/kill-switches"
        }
        Stop::Campaign => "the campaign that wants it is paused; make it when somebody has resumed that",
        Stop::Suppression => "the person is not to be contacted any more; the call is off the queue",
    }
}

/// Why a call is not made at this hour, and when it may be.
fn quiet(quiet: &Quiet, now: DateTime<Utc>) -> Problem {
    let Some(opens_at) = quiet.opens_at else {
        return Problem::http(
            HttpCode::Conflict,
            format!("nobody may call there at any hour: {}; say what came of it with .../done", quiet.says),
        );
    };
    let from = opens_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let problem =
        Problem::http(HttpCode::Conflict, format!("{}; it may be claimed from {from} on", quiet.says));
    let wait = (opens_at - now).num_seconds();
    problem.retry_after(u64::try_from(wait).unwrap_or_default().saturating_add(1))
}

/// Takes a call for half an hour: nobody else makes it meanwhile. Claiming what one has keeps it longer. Calls are taken only at
/// hours at which the law, the house and the campaign let somebody call, by each clock that may be the called party's; else
/// the answer says from when on they may (`Retry-After`), whoever wants the call made. What is claimed may be finished later.
#[utoipa::path(
    post, path = "/v1/call-queue/{id}/claim", tag = "inbox", params(("id" = String, Path)),
    responses(
        (status = 200, body = QueuedCall),
        (status = 409, body = crate::problem::ProblemBody, description = "Somebody else is calling, it is dealt with, it may not be made any more, or not at this hour; then Retry-After says when"),
    ),
)]
pub(crate) async fn claim(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<QueuedCallId>,
) -> Result<Json<QueuedCall>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    match call_queue::claim(&mut tx, id, caller.user, LEASE, now).await? {
        Taken::Yours(_) => {}
        Taken::Theirs(by, _) => return Err(taken(by)),
        Taken::Stopped(stop) => {
            tx.commit().await?;
            return Err(Problem::http(HttpCode::Conflict, stopped(stop)));
        }
        Taken::Quiet(why) => return Err(quiet(&why, now)),
    }
    caller.record_in_bulk(&mut tx, "call_queue.claim", id, json!({})).await?;
    let call = call_queue::get(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(Json(call.into()))
}

/// What came of it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = CallDone)]
pub(crate) struct Done {
    /// `reached`, `no_answer`, `voicemail`, `wrong_number`, `call_back` or `other`.
    outcome: String,
    /// In words.
    notes: String,
}

/// Says what came of a call, which is then dealt with.
#[utoipa::path(
    post, path = "/v1/call-queue/{id}/done", tag = "inbox", params(("id" = String, Path)), request_body = Done,
    responses(
        (status = 200, body = QueuedCall),
        (status = 409, body = crate::problem::ProblemBody, description = "Somebody else is calling, or it is dealt with"),
    ),
)]
pub(crate) async fn done(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<QueuedCallId>,
    OptionalJson(done): OptionalJson<Done>,
) -> Result<Json<QueuedCall>, Problem> {
    caller.may(Permission::DraftCampaigns)?;
    let now = Utc::now();
    let mut tx = caller.bulk_transaction(&state).await?;
    call_queue::get(&mut tx, id, now).await?;
    let outcome: CallOutcome = done
        .outcome
        .parse()
        .map_err(|error: domain::named::UnknownName| Problem::invalid("/outcome", error.to_string()))?;
    let notes = done.notes.trim();
    if notes.len() > MAX_NOTES {
        return Err(Problem::invalid("/notes", format!("must be {MAX_NOTES} bytes long at the most")));
    }
    if outcome == CallOutcome::Other && notes.is_empty() {
        return Err(Problem::invalid("/notes", "must say what came of it"));
    }
    if let Some(by) = call_queue::done(&mut tx, id, outcome, notes, caller.user, now).await? {
        return Err(taken(by));
    }
    caller.record_in_bulk(&mut tx, "call_queue.done", id, json!({ "outcome": outcome })).await?;
    let call = call_queue::get(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(Json(call.into()))
}
