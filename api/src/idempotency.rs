//! `Idempotency-Key`: a POST that is sent twice under one key is done once.
//!
//! The answer to a request that succeeded is kept, encrypted, and replayed: some answers show a secret that is shown once. One
//! that failed did nothing, so its key is free again. What a request is (its fingerprint) is method, path, query and body; of a
//! streamed body, which is not read before it is stored, the length, kind and file name stand for it. Sent again it is read to
//! its end, so that another list of the same length is not taken for the one that was stored.
//!
//! Every request that changes something runs in a task of its own ([`detach`]): a caller who hangs up in the
//! middle can neither leave work half done nor a key in flight.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::TeamId;
use entities::idempotency_key::{self, Begun, LOST_AFTER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracing::Instrument;
use workflows::codec::KeyRing;

use crate::auth::Caller;
use crate::extract::header_text;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;
use crate::uploads;

/// The header.
pub(crate) const HEADER: &str = "idempotency-key";

/// Says that an answer is a replay.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key.
const MAX_KEY_LEN: usize = 200;

/// The longest body that is read to be fingerprinted: that of a JSON request.
const MAX_BODY: usize = 1 << 20;

/// The longest answer that is kept.
const MAX_ANSWER: usize = 4 << 20;

/// Headers of an answer that are replayed.
const KEPT_HEADERS: [HeaderName; 2] = [header::LOCATION, header::CONTENT_TYPE];

/// Paths whose bodies are streamed, so that they cannot be part of the fingerprint.
const STREAMED: [&str; 2] = ["/v1/uploads", "/v1/uploads/preview"];

/// Middleware: lets a request that changes something run to its end even when the caller hangs up.
pub(crate) async fn detach(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// Middleware behind the one that knows the caller: does a POST under one key once.
pub(crate) async fn once(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match under_key(&state, caller.team, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn under_key(
    state: &AppState,
    team: TeamId,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let key = key(request.headers())?;
    let (fingerprint, request) = fingerprint(request).await?;
    let tx = state.db.team(team).await?;
    let begun = idempotency_key::begin(&tx, &key, &fingerprint).await?;
    tx.commit().await?;
    match begun {
        Begun::New => {}
        Begun::Replay(status, answer) => {
            let body = opened(&state.payload_keys, &answer)?;
            unless_other_content(state, request, &body).await?;
            return replay(status, &answer, body);
        }
        Begun::InFlight => {
            return Err(Problem::http(
                HttpCode::IdempotencyInFlight,
                "a request under this idempotency key is still under way; ask again in a moment",
            )
            .retry_after(2));
        }
        Begun::Mismatch => return Err(mismatch()),
    }
    let response = while_keeping(state, team, &key, next.run(request)).await;
    if !response.status().is_success() {
        // A panic of the handler does not come by here: its key is free after LOST_AFTER.
        settle(state, team, &key, None).await;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_ANSWER).await.map_err(Problem::internal)?;
    let headers: serde_json::Map<String, Value> = KEPT_HEADERS
        .iter()
        .filter_map(|name| Some((name.to_string(), header_text(&parts.headers, name.as_str())?.into())))
        .collect();
    let (key_id, sealed) = state.payload_keys.seal(&bytes).map_err(Problem::internal)?;
    let answer = json!({ "headers": headers, "key": key_id, "sealed": STANDARD.encode(sealed) });
    settle(state, team, &key, Some((parts.status.as_u16(), answer))).await;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

/// Runs `work` and meanwhile says again and again that the key is in use: a large upload takes longer than a
/// request may be silent.
async fn while_keeping<F: Future>(state: &AppState, team: TeamId, key: &str, work: F) -> F::Output {
    let mut work = std::pin::pin!(work);
    let mut beat = tokio::time::interval(LOST_AFTER / 4);
    beat.tick().await;
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = beat.tick() => {
                let kept = async {
                    let tx = state.db.team(team).await?;
                    idempotency_key::keep(&tx, key).await?;
                    tx.commit().await
                };
                // Not for ever: what is done must not hang on the database.
                if let Ok(Err(error)) = tokio::time::timeout(Duration::from_secs(10), kept).await {
                    tracing::warn!(%team, cause = %error, "an idempotency key could not be kept");
                }
            }
        }
    }
}

/// Keeps the answer or frees the key. The request is done either way, so a failure here is told to the log:
/// the key then counts as lost after a while.
async fn settle(state: &AppState, team: TeamId, key: &str, answer: Option<(u16, Value)>) {
    let settled = async {
        let tx = state.db.team(team).await?;
        match answer {
            Some((status, answer)) => idempotency_key::finish(&tx, key, status, &answer).await?,
            None => idempotency_key::release(&tx, key).await?,
        }
        tx.commit().await
    };
    if let Err(error) = settled.await {
        tracing::error!(%team, cause = %error, "the answer under an idempotency key could not be kept");
    }
}

fn mismatch() -> Problem {
    Problem::http(
        HttpCode::IdempotencyMismatch,
        "this idempotency key was used for another request; take a fresh one for each",
    )
}

/// Refuses an upload whose content is not what `answer` says was stored.
async fn unless_other_content(state: &AppState, request: Request, body: &[u8]) -> Result<(), Problem> {
    if !STREAMED.contains(&request.uri().path()) {
        return Ok(());
    }
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    // A preview stores nothing: its answer has no digest.
    let Some(stored) = told["sha256"].as_str() else { return Ok(()) };
    if uploads::sha256_of(state, request).await? == stored { Ok(()) } else { Err(mismatch()) }
}

/// What was answered. Answers of earlier versions are in the clear.
fn opened(keys: &KeyRing, answer: &Value) -> Result<Vec<u8>, Problem> {
    let Some(sealed) = answer["sealed"].as_str() else {
        return Ok(answer["body"].as_str().unwrap_or_default().as_bytes().to_vec());
    };
    let sealed = STANDARD.decode(sealed).map_err(Problem::internal)?;
    keys.open(answer["key"].as_str().unwrap_or_default(), &sealed).map_err(Problem::internal)
}

fn replay(status: u16, answer: &Value, body: Vec<u8>) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(status).map_err(Problem::internal)?;
    let mut response = (status, body).into_response();
    for name in KEPT_HEADERS {
        if let Some(value) = answer["headers"][name.as_str()].as_str() {
            response.headers_mut().insert(name, HeaderValue::from_str(value).map_err(Problem::internal)?);
        }
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

fn key(headers: &HeaderMap) -> Result<String, Problem> {
    header_text(headers, HEADER)
        .filter(|key| key.len() <= MAX_KEY_LEN)
        .map(str::to_owned)
        .ok_or_else(|| Problem::invalid(HEADER, format!("must be 1 to {MAX_KEY_LEN} ASCII characters")))
}

/// What is asked, so that the same key with another request is noticed; and the request, unread.
async fn fingerprint(request: Request) -> Result<(String, Request), Problem> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if STREAMED.contains(&parts.uri.path()) {
        let mut hash = Sha256::new();
        for name in ["content-length", "x-filename", "content-disposition"] {
            hash.update(header_text(&parts.headers, name).unwrap_or_default());
            hash.update([0]);
        }
        // The boundary of a multipart body is made anew for each attempt.
        let kind = header_text(&parts.headers, "content-type").unwrap_or_default();
        hash.update(kind.split(';').next().unwrap_or_default());
        let fingerprint = format!("{} {target} {}", parts.method, hex::encode(hash.finalize()));
        return Ok((fingerprint, Request::from_parts(parts, body)));
    }
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|error| {
        Problem::http(HttpCode::TooLarge, "send a whole body of less than 1 MiB here").because(error)
    })?;
    let fingerprint = format!("{} {target} {}", parts.method, hex::encode(Sha256::digest(&bytes)));
    Ok((fingerprint, Request::from_parts(parts, Body::from(bytes))))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(uri: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut request = Request::builder().method("POST").uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        let (fingerprint, request) = fingerprint(request).await.expect("readable");
        let bytes = to_bytes(request.into_body(), 100).await.expect("unread");
        assert_eq!(bytes, body.as_bytes(), "the request still has its body");
        fingerprint
    }

    #[tokio::test]
    async fn another_path_query_or_body_is_another_request() {
        let first = of("/v1/blocks?a=1", &[], "{}").await;
        assert_eq!(first, of("/v1/blocks?a=1", &[("x-request-id", "other")], "{}").await);
        for (uri, body) in [("/v1/blocks?a=2", "{}"), ("/v1/leads?a=1", "{}"), ("/v1/blocks?a=1", "{ }")] {
            assert_ne!(first, of(uri, &[], body).await, "{uri} {body}");
        }
    }

    #[tokio::test]
    async fn a_streamed_body_is_told_by_its_length_kind_and_name() {
        let upload = |boundary, len| [("content-type", boundary), ("content-length", len)];
        let first = of("/v1/uploads", &upload("multipart/form-data; boundary=a", "10"), "x").await;
        assert_eq!(first, of("/v1/uploads", &upload("multipart/form-data; boundary=b", "10"), "y").await);
        assert_ne!(first, of("/v1/uploads", &upload("multipart/form-data; boundary=a", "11"), "x").await);
        assert_ne!(first, of("/v1/uploads", &upload("text/csv", "10"), "x").await);
    }

    #[test]
    fn a_replay_has_status_headers_and_body() {
        let answer = json!({"headers": {"location": "/v1/uploads/src_1"}, "body": "{}"});
        let keys = KeyRing::parse(&format!("k1:{}", STANDARD.encode([7; 32]))).expect("keys");
        let body = opened(&keys, &answer).expect("in the clear");
        assert_eq!(body, b"{}");
        let response = replay(202, &answer, body).expect("replays");
        assert_eq!(response.status(), 202);
        assert_eq!(response.headers()["location"], "/v1/uploads/src_1");
        assert_eq!(response.headers()[REPLAYED], "true");
    }

    #[test]
    fn keys_are_checked() {
        let with = |key: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_str(key).expect("a header"));
            key_of(&headers)
        };
        fn key_of(headers: &HeaderMap) -> Result<String, Problem> {
            key(headers)
        }
        assert_eq!(with("abc").expect("good"), "abc");
        assert!(with("").is_err() && with(&"a".repeat(201)).is_err());
    }
}
