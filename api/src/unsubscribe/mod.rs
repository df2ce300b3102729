//! `/unsubscribe/{pass}`: where whoever gets our e-mail leaves, without logging in (RFC 8058).
//!
//! The address stands in each message, sealed, so that nobody can read or make one, and it can do one thing only. Scanners follow
//! every link: a `GET` shows a page with one button and changes nothing. A `POST`, by that button or by the mail program itself,
//! suppresses the address for all that the team sends, calls off what was planned, and silences its conversations; done again it
//! changes nothing more.

mod page;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::Utc;
use domain::email::UnsubscribePass;
use domain::reply::HoldReason;
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use entities::{DbError, audit_log, conversation};
use serde_json::json;

use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// The longest pass: an address of 254 bytes with what is around it, sealed, in base 64.
const LONGEST: usize = 800;
/// How often one that got in a worker's way is tried.
const TRIES: usize = 4;

/// The page with the button. Nothing is changed.
#[utoipa::path(
    get, path = "/unsubscribe/{pass}", tag = "operations", params(("pass" = String, Path)),
    responses(
        (status = 200, description = "A page with a button; nothing is changed", content_type = "text/html"),
        (status = 404, body = crate::problem::ProblemBody, description = "Nobody was given this address"),
    ),
)]
pub(crate) async fn show(
    State(state): State<AppState>,
    Path(word): Path<String>,
) -> Result<Response, Problem> {
    read(&state, &word)?;
    Ok(shown(page::ASK))
}

/// Leaves, at once and for good.
#[utoipa::path(
    post, path = "/unsubscribe/{pass}", tag = "operations", params(("pass" = String, Path)),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
                 description = "`List-Unsubscribe=One-Click`; whatever it says, it means this"),
    responses(
        (status = 200, description = "The address gets no more e-mail of this sender", content_type = "text/html"),
        (status = 404, body = crate::problem::ProblemBody, description = "Nobody was given this address"),
    ),
)]
pub(crate) async fn leave(
    State(state): State<AppState>,
    Path(word): Path<String>,
) -> Result<Response, Problem> {
    let pass = read(&state, &word)?;
    let mut tried = 1;
    loop {
        match suppress(&state, &pass).await {
            // Where it met a worker who is about to write to the same person.
            Err(error) if error.is_transient() && tried < TRIES => tried += 1,
            Err(error) => return Err(error.into()),
            Ok(cancelled) => {
                tracing::info!(team = %pass.team, cancelled, "somebody unsubscribed");
                return Ok(shown(page::DONE));
            }
        }
    }
}

/// Suppresses in one transaction; answers how many messages were called off.
async fn suppress(state: &AppState, pass: &UnsubscribePass) -> Result<usize, DbError> {
    let now = Utc::now();
    let address = pass.address.expose();
    let mut tx = state.db.team_bulk(pass.team).await?;
    let who = OptOut {
        kind: SuppressedKind::Email,
        value: address,
        scope: SuppressionScope::Team,
        subject: "",
        method: SuppressionMethod::Link,
        source: "unsubscribe",
    };
    let out = suppression::opt_out(&mut tx, &who, now).await?;
    conversation::silence(&mut tx, address, HoldReason::OptedOut, now).await?;
    if out.new {
        let subject = pass.campaign.map_or_else(|| "none".to_owned(), |campaign| campaign.to_string());
        let details = json!({ "cancelled": out.cancelled.len(), "leads": out.leads });
        audit_log::record_in_bulk(&mut tx, None, "contact.unsubscribe", &subject, &details).await?;
    }
    tx.commit().await?;
    Ok(out.cancelled.len())
}

/// What the word means, where we made it.
fn read(state: &AppState, word: &str) -> Result<UnsubscribePass, Problem> {
    let unknown = || Problem::http(HttpCode::NotFound, "nobody was given this address to unsubscribe at");
    if word.len() > LONGEST {
        return Err(unknown());
    }
    let clear = state.payload_keys.open_word(word).map_err(|_| unknown())?;
    UnsubscribePass::from_bytes(&clear).ok_or_else(unknown)
}

/// A page that no other site may frame, keep or learn the address of.
fn shown(page: &'static str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        ),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    (StatusCode::OK, headers, Html(page)).into_response()
}
