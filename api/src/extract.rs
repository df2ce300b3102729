//! Reading bodies, queries and ids out of requests, with problems instead of axum's plain texts.

use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use domain::id::TypedId;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Deserializer};

use crate::problem::{HttpCode, Problem};

/// The longest JSON body that may be left out.
const MAX_JSON: usize = 1 << 20;

/// A JSON body.
pub(crate) struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::JsonDataError(error)) => {
                Err(Problem::http(HttpCode::Invalid, error.body_text()))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::http(
                HttpCode::UnsupportedMediaType,
                "send JSON, with Content-Type: application/json",
            )),
            Err(JsonRejection::BytesRejection(error)) if error.status().as_u16() == 413 => {
                Err(Problem::http(HttpCode::TooLarge, "send less than 1 MiB here"))
            }
            Err(error) => Err(Problem::http(HttpCode::BadRequest, error.body_text())),
        }
    }
}

/// The query of the URL.
pub(crate) struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(QueryRejection::FailedToDeserializeQueryString(error)) => {
                Err(Problem::http(HttpCode::Invalid, error.body_text()))
            }
            Err(error) => Err(Problem::http(HttpCode::BadRequest, error.body_text())),
        }
    }
}

/// The id in the path. What is no id of this kind names nothing, so it is not found.
pub(crate) struct Id<T>(pub T);

impl<S, T> FromRequestParts<S> for Id<T>
where
    S: Send + Sync,
    T: TypedId + FromStr<Err: Display> + Send,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| Problem::http(HttpCode::BadRequest, error.body_text()))?;
        text.parse().map(Self).map_err(|error: T::Err| Problem::http(HttpCode::NotFound, error.to_string()))
    }
}

/// The `Idempotency-Key` and other headers as text; `None` where absent or not ASCII.
pub(crate) fn header_text<'a>(headers: &'a axum::http::HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim).filter(|text| !text.is_empty())
}

/// A JSON body that may be left out: then it is `T`'s default.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let bytes = axum::body::to_bytes(request.into_body(), MAX_JSON)
            .await
            .map_err(|error| Problem::http(HttpCode::TooLarge, "send less than 1 MiB here").because(error))?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(T::default()));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Problem::http(HttpCode::Invalid, format!("the body must be JSON as described in /docs: {error}"))
        })
    }
}

/// Tells `null` from absent, for fields that a patch can take away.
pub(crate) fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
