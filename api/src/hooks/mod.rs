//! `POST /hooks/{provider}/{token}`: what vendors of texts report.
//!
//! The token says whose it is, and nothing else does. The signature is checked over the body as it came, the delivery is kept
//! once, and what it says is done in the same transaction: statuses move forward, and a word that opts out suppresses before
//! the vendor has its answer. What else a reply means is for the conversation to find out.

mod take_in;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use chrono::Utc;
use entities::{DbError, webhook};
use providers::Secret;
use providers::sms::SmsProviderId;
use providers::sms::webhook::{Delivery, Parsed, parse, verify};

use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::webhooks::Lock;

/// Characters of a token: 32 bytes in URL-safe base 64.
const TOKEN: usize = 43;
/// How often a delivery that got in another's way is tried: the vendor waits three seconds.
const TRIES: usize = 4;

/// Takes what a vendor reports. No key: the address is a secret, and the body is signed.
#[utoipa::path(
    post, path = "/hooks/{provider}/{token}", tag = "operations",
    params(("provider" = String, Path), ("token" = String, Path)),
    request_body(content = Object, description = "In the vendor's own shape, signed"),
    responses(
        (status = 204, description = "Kept and done; a repetition changes nothing"),
        (status = 401, body = crate::problem::ProblemBody, description = "The signature is missing, old or wrong"),
        (status = 404, body = crate::problem::ProblemBody, description = "Nobody was given this address"),
        (status = 422, body = crate::problem::ProblemBody, description = "Not what this vendor sends"),
    ),
)]
pub(crate) async fn receive(
    State(state): State<AppState>,
    Path((provider, token)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let unknown = || Problem::http(HttpCode::NotFound, "nobody was given this address");
    let well_formed = token.len() == TOKEN
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let vendor: SmsProviderId = provider.parse().map_err(|_| unknown())?;
    if !well_formed {
        return Err(unknown());
    }
    let door = webhook::find_door(&state.db, token.as_bytes()).await?.ok_or_else(unknown)?;
    if door.provider != vendor.as_str() {
        return Err(unknown());
    }
    let lock = lock(&state, &door)?;
    let secrets: Vec<Secret> = lock.secrets.iter().map(|secret| Secret::from(secret.as_str())).collect();
    let delivery = Delivery { url: &lock.url, headers: &headers, body: &body };
    if let Err(fault) = verify(vendor, &delivery, &secrets, Utc::now()) {
        tracing::warn!(token = %door.token, provider = vendor.as_str(), fault = fault.as_str(), "a delivery was not believed");
        return Err(Problem::http(HttpCode::Unauthorized, fault.to_string()));
    }
    let parsed =
        parse(vendor, &delivery).map_err(|fault| Problem::http(HttpCode::Invalid, fault.to_string()))?;
    let (key_id, raw) = state.payload_keys.seal(&body).map_err(Problem::internal)?;
    let mut tried = 1;
    loop {
        match keep(&state, &door, vendor, &parsed, (&key_id, &raw)).await {
            // Where it met a worker who writes about the same person.
            Err(error) if error.is_transient() && tried < TRIES => tried += 1,
            Err(error) => return Err(error.into()),
            Ok(new) => {
                tracing::info!(token = %door.token, provider = vendor.as_str(), events = parsed.events.len(), new, "a vendor reported");
                return Ok(StatusCode::NO_CONTENT);
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
    let mut tx = state.db.team_bulk(door.team).await?;
    let Some(id) = webhook::keep(&mut tx, door, &parsed.delivery_key, raw, key_id).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    take_in::take_in(&mut tx, vendor, parsed, Utc::now()).await?;
    webhook::processed(&mut tx, id, None).await?;
    tx.commit().await?;
    Ok(true)
}
