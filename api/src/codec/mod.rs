//! The payload codec for the Temporal UI: what Temporal stores encrypted, shown to whoever may see it.
//!
//! Temporal's codec server protocol: `POST …/decode` with `{"payloads": […]}`, the same back in the clear. Two
//! doors: `/codec/decode` wants the API key of somebody who may decode (operator, admin); `/codec/{token}/decode`
//! takes the configured capability token instead, for the local stack, whose UI cannot send a key. Nothing is
//! ever encrypted here: only the service and its workers write payloads. Payloads hold ids and counts of all
//! teams, never anything of a person.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::role::Permission;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use temporalio_common::protos::temporal::api::common::v1::Payload;
use tower_http::cors::CorsLayer;

use crate::auth;
use crate::extract::JsonBody;
use crate::problem::{HttpCode, Problem};
use crate::state::AppState;

/// Payloads as Temporal's codec protocol writes them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Payloads {
    payloads: Vec<JsonPayload>,
}

/// One payload: bytes in base64.
#[derive(Debug, Serialize, Deserialize)]
struct JsonPayload {
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    data: String,
}

/// The routes, with leave for the Temporal UI's origin to use them.
pub(crate) fn routes(temporal_ui_url: Option<&str>) -> axum::Router<AppState> {
    let router = axum::Router::new()
        .route("/codec/decode", post(with_key).options(preflight))
        .route("/codec/encode", post(refuse).options(preflight))
        .route("/codec/{token}/decode", post(with_token).options(preflight))
        .route("/codec/{token}/encode", post(refuse).options(preflight));
    let Some(origin) = temporal_ui_url.and_then(origin) else { return router };
    router.layer(
        CorsLayer::new()
            .allow_origin(origin)
            .allow_credentials(true)
            .allow_methods([Method::POST])
            .allow_headers([
                header::CONTENT_TYPE,
                header::AUTHORIZATION,
                header::HeaderName::from_static("x-namespace"),
            ]),
    )
}

async fn with_key(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(payloads): JsonBody<Payloads>,
) -> Result<Json<Payloads>, Problem> {
    auth::identify(&state, &headers).await?.may(Permission::DecodePayloads)?;
    decode(&state, payloads)
}

async fn with_token(
    State(state): State<AppState>,
    Path(token): Path<String>,
    JsonBody(payloads): JsonBody<Payloads>,
) -> Result<Json<Payloads>, Problem> {
    let wanted = state.codec_token.as_ref().map(|token| Sha256::digest(token.expose()));
    // Hashes are compared, so that the time it takes says nothing of the token.
    if wanted != Some(Sha256::digest(&token)) {
        return Err(Problem::http(
            HttpCode::Unauthorized,
            "this is not the codec token; see REFINERY_CODEC_TOKEN",
        ));
    }
    decode(&state, payloads)
}

/// What a browser asks first; the CORS layer answers in its place where an origin is configured.
async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn refuse() -> Problem {
    Problem::http(HttpCode::Forbidden, "payloads are encrypted by the service and its workers only")
}

fn decode(state: &AppState, payloads: Payloads) -> Result<Json<Payloads>, Problem> {
    let payloads = payloads
        .payloads
        .into_iter()
        .enumerate()
        .map(|(index, payload)| {
            let wrong = |what: String| Problem::invalid(format!("/payloads/{index}"), what);
            let payload = from_json(payload).map_err(|error| wrong(format!("must be base64: {error}")))?;
            let clear = state.payload_keys.decrypt(&payload).map_err(|error| wrong(error.to_string()))?;
            Ok(to_json(clear))
        })
        .collect::<Result<_, Problem>>()?;
    Ok(Json(Payloads { payloads }))
}

fn from_json(payload: JsonPayload) -> Result<Payload, base64::DecodeError> {
    let metadata = payload
        .metadata
        .into_iter()
        .map(|(name, value)| Ok((name, STANDARD.decode(value)?)))
        .collect::<Result<_, base64::DecodeError>>()?;
    Ok(Payload { metadata, data: STANDARD.decode(payload.data)?, ..Payload::default() })
}

fn to_json(payload: Payload) -> JsonPayload {
    JsonPayload {
        metadata: payload.metadata.into_iter().map(|(name, value)| (name, STANDARD.encode(value))).collect(),
        data: STANDARD.encode(payload.data),
    }
}

/// `http://host:port` of a URL, as browsers name an origin.
fn origin(url: &str) -> Option<HeaderValue> {
    let after = url.find("://")? + 3;
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    HeaderValue::from_str(&url[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path() {
        for url in
            ["http://127.0.0.1:8233", "http://127.0.0.1:8233/", "http://127.0.0.1:8233/namespaces/default"]
        {
            assert_eq!(origin(url), Some(HeaderValue::from_static("http://127.0.0.1:8233")), "{url}");
        }
        assert_eq!(origin("127.0.0.1"), None);
    }

    #[test]
    fn payloads_are_read_and_written_as_base64() {
        let text = r#"{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"NDI="}]}"#;
        let mut read: Payloads = serde_json::from_str(text).expect("the protocol");
        let payload = from_json(read.payloads.remove(0)).expect("base64");
        assert_eq!(
            (payload.metadata["encoding"].as_slice(), payload.data.as_slice()),
            (&b"json/plain"[..], &b"42"[..])
        );
        let back = serde_json::to_string(&Payloads { payloads: vec![to_json(payload)] }).expect("writes");
        assert_eq!(back, text);
        let bad = JsonPayload { metadata: BTreeMap::new(), data: "%".into() };
        assert!(from_json(bad).is_err());
    }
}
