//! `POST /hooks/{provider}/{token}`: what vendors of texts report; `…/voice`: that somebody calls.
//!
//! The token says whose it is, and nothing else does. The signature is checked over the body as it came, the delivery is kept
//! once, and what it says is done in the same transaction: statuses move forward, a word that opts out suppresses before the
//! vendor has its answer, and what came in is in its conversation. Nothing waits for Temporal: the notice in the outbox is told
//! to the conversation's workflow afterwards. Each delivery is counted by what became of it.

pub(crate) mod outcome;
mod take_in;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use entities::{DbError, webhook};
use providers::Secret;
use providers::sms::SmsProviderId;
use providers::sms::webhook::{Delivery, Lock, Parsed, parse, parse_call, verify};

use self::outcome::{Outcome, vendor_word};
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// Characters of a token: 32 bytes in URL-safe base 64.
const TOKEN: usize = 43;
/// How often a delivery that got in another's way is tried: the vendor waits three seconds.
const TRIES: usize = 4;
/// The largest delivery, in bytes. A text of ten segments with all that vendors put around it is a tenth of this.
const MAX_BYTES: usize = 64 * 1024;
/// What a call is answered: nothing is said, and the vendor goes on as the number is set up.
const NO_WORDS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// Takes what a vendor reports. No key: the address is a secret, and the body is signed.
#[utoipa::path(
    post, path = "/hooks/{provider}/{token}", tag = "operations",
    params(("provider" = String, Path), ("token" = String, Path)),
    request_body(content = Object, description = "In the vendor's own shape, signed"),
    responses(
        (status = 204, description = "Kept and done; a repetition changes nothing"),
        (status = 401, body = crate::problem::ProblemBody, description = "The signature is missing, old or wrong"),
        (status = 404, body = crate::problem::ProblemBody, description = "Nobody was given this address"),
        (status = 413, body = crate::problem::ProblemBody, description = "Larger than anything a vendor sends"),
        (status = 422, body = crate::problem::ProblemBody, description = "Not what this vendor sends"),
        (status = 429, body = crate::problem::ProblemBody, description = "Too many in a minute by one address"),
    ),
)]
pub(crate) async fn receive(
    State(state): State<AppState>,
    Path((provider, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    taken(&state, (&provider, &token), &headers, &body, Kind::Report).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes that somebody calls one of our numbers.
#[utoipa::path(
    post, path = "/hooks/{provider}/{token}/voice", tag = "operations",
    params(("provider" = String, Path), ("token" = String, Path)),
    request_body(content = Object, description = "In the vendor's own shape, signed"),
    responses(
        (status = 200, description = "Kept; an empty answer in the vendor's own shape", content_type = "text/xml"),
        (status = 401, body = crate::problem::ProblemBody, description = "The signature is missing, old or wrong"),
        (status = 404, body = crate::problem::ProblemBody, description = "Nobody was given this address, or the vendor has no calls"),
        (status = 413, body = crate::problem::ProblemBody, description = "Larger than anything a vendor sends"),
        (status = 422, body = crate::problem::ProblemBody, description = "Not what this vendor sends"),
        (status = 429, body = crate::problem::ProblemBody, description = "Too many in a minute by one address"),
    ),
)]
pub(crate) async fn receive_call(
    State(state): State<AppState>,
    Path((provider, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    taken(&state, (&provider, &token), &headers, &body, Kind::Call).await?;
    Ok(([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], NO_WORDS).into_response())
}

/// What a door's addresses are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Texts and what became of them.
    Report,
    /// Calls.
    Call,
}

/// Takes a delivery in and counts it, whatever becomes of it.
async fn taken(
    state: &AppState,
    (provider, token): (&str, &str),
    headers: &HeaderMap,
    body: &Bytes,
    kind: Kind,
) -> Result<(), Problem> {
    // An address with a vendor that we do not know is one that nobody was given; it is counted as such.
    let vendor: Option<SmsProviderId> = provider.parse().ok();
    let vendor = vendor.filter(|vendor| kind == Kind::Report || *vendor == SmsProviderId::Twilio);
    let (outcome, answer) = match deliver(state, vendor, token, headers, body, kind).await {
        Ok(outcome) => (outcome, Ok(())),
        Err((outcome, problem)) => (outcome, Err(problem)),
    };
    state.metrics.delivered(vendor_word(vendor), outcome.as_str());
    answer
}

async fn deliver(
    state: &AppState,
    vendor: Option<SmsProviderId>,
    token: &str,
    headers: &HeaderMap,
    body: &Bytes,
    kind: Kind,
) -> Result<Outcome, (Outcome, Problem)> {
    let unknown = || (Outcome::Unknown, Problem::http(HttpCode::NotFound, "nobody was given this address"));
    let failed = |problem: Problem| (Outcome::Failed, problem);
    let well_formed = token.len() == TOKEN
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let vendor = vendor.filter(|_| well_formed).ok_or_else(unknown)?;
    if body.len() > MAX_BYTES {
        let what = format!("a delivery has {MAX_BYTES} bytes at the most");
        return Err((Outcome::Oversized, Problem::http(HttpCode::TooLarge, what)));
    }
    let door =
        webhook::find_door(&state.hooks_db, token.as_bytes()).await.map_err(|error| failed(error.into()))?;
    let door = door.filter(|door| door.provider == vendor.as_str()).ok_or_else(unknown)?;
    if let Err(exceeded) = state.limits.count_delivery(door.token, state.deliveries_per_minute) {
        let wait_s = exceeded.retry_after.as_secs().max(1);
        let what = format!("this address takes {} deliveries a minute", exceeded.per_minute);
        let problem = Problem::http(HttpCode::RateLimited, what).retry_after(wait_s);
        return Err((Outcome::Limited, problem));
    }
    let lock = lock(state, &door).map_err(failed)?;
    let secrets: Vec<Secret> = lock.secrets.iter().map(|secret| Secret::from(secret.as_str())).collect();
    let url = if kind == Kind::Call { format!("{}/voice", lock.url) } else { lock.url };
    let delivery = Delivery { url: &url, headers, body };
    if let Err(fault) = verify(vendor, &delivery, &secrets, Utc::now()) {
        tracing::warn!(token = %door.token, provider = vendor.as_str(), fault = fault.as_str(), "a delivery was not believed");
        return Err((Outcome::of(fault), Problem::http(HttpCode::Unauthorized, fault.to_string())));
    }
    let parsed = if kind == Kind::Call { parse_call(vendor, &delivery) } else { parse(vendor, &delivery) };
    let parsed = parsed.map_err(|fault| {
        tracing::warn!(token = %door.token, provider = vendor.as_str(), %fault, "a delivery cannot be read");
        (Outcome::Malformed, Problem::http(HttpCode::Invalid, fault.to_string()))
    })?;
    let (key_id, raw) = state.payload_keys.seal(body).map_err(|error| failed(Problem::internal(error)))?;
    let mut tried = 1;
    loop {
        match keep(state, &door, vendor, &parsed, (&key_id, &raw)).await {
            // Where it met a worker who writes about the same person.
            Err(error) if error.is_transient() && tried < TRIES => tried += 1,
            Err(error) => return Err(failed(error.into())),
            Ok(new) => {
                tracing::info!(token = %door.token, provider = vendor.as_str(), events = parsed.events.len(), new, "a vendor reported");
                return Ok(if new { Outcome::Taken } else { Outcome::Duplicate });
            }
        }
    }
}

/// What the door is locked with.
fn lock(state: &AppState, door: &webhook::Door) -> Result<Lock, Problem> {
    let (sealed, key_id) = door.sealed_secrets.as_ref().ok_or_else(|| {
        Problem::http(HttpCode::Unauthorized, "this address has no signing secret; make another one")
    })?;
    let clear = state.payload_keys.open(key_id, sealed).map_err(Problem::internal)?;
    serde_json::from_slice(&clear).map_err(Problem::internal)
}

/// Keeps a delivery and does what it says, in one transaction. Answers whether it is new.
async fn keep(
    state: &AppState,
    door: &webhook::Door,
    vendor: SmsProviderId,
    parsed: &Parsed,
    (key_id, raw): (&str, &[u8]),
) -> Result<bool, DbError> {
    let mut tx = state.hooks_db.team_bulk(door.team).await?;
    if webhook::keep(&mut tx, door, &parsed.delivery_key, raw, key_id).await?.is_none() {
        tx.rollback().await?;
        return Ok(false);
    }
    take_in::take_in(&mut tx, vendor, parsed, Utc::now()).await?;
    tx.commit().await?;
    Ok(true)
}
