//! A request, read whole.

use axum::body::{Bytes, to_bytes};
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use base64::Engine;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::reply::{Reply, gateway_page};

/// The largest body that is read. No vendor takes as much.
const LARGEST: usize = 8 << 20;

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) method: Method,
    /// Decoded.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// When it came.
    pub(super) at: Instant,
}

impl Visit {
    /// Reads a request.
    ///
    /// # Errors
    /// 413 for a body nobody takes, 400 for a query that is none.
    pub(super) async fn read(request: Request) -> Result<Self, Reply> {
        let at = Instant::now();
        let (head, body) = request.into_parts();
        let query = Query::<Vec<(String, String)>>::try_from_uri(&head.uri)
            .map_err(|_| gateway_page(StatusCode::BAD_REQUEST))?;
        let body = to_bytes(body, LARGEST).await.map_err(|_| gateway_page(StatusCode::PAYLOAD_TOO_LARGE))?;
        Ok(Self {
            method: head.method,
            path: decoded(head.uri.path()),
            query: query.0,
            headers: head.headers,
            body,
            at,
        })
    }

    /// A parameter of the query; one without a value is none.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether a parameter of the query says yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.param(name).eq_ignore_ascii_case("true")
    }

    /// A header; one that is not text is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim()
    }

    /// The token of `Authorization: Bearer …`.
    pub(crate) fn bearer(&self) -> &str {
        self.header(header::AUTHORIZATION.as_str()).strip_prefix("Bearer ").unwrap_or_default().trim()
    }

    /// User and password of `Authorization: Basic …`.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let coded = self.header(header::AUTHORIZATION.as_str()).strip_prefix("Basic ")?.trim();
        let pair = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(coded).ok()?).ok()?;
        pair.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| error.to_string())
    }

    /// Everything the request says but its headers: what faults are matched against.
    pub(super) fn text(&self) -> String {
        let mut text = self.path.clone();
        for (key, value) in &self.query {
            text.push_str(&format!(" {key}={value}"));
        }
        text.push(' ');
        text.push_str(&String::from_utf8_lossy(&self.body));
        text
    }
}

/// A path without its percent signs.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |at: usize| tail.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded() {
        assert_eq!(decoded("/v2/PhoneNumbers/%2B15125550234"), "/v2/PhoneNumbers/+15125550234");
        assert_eq!(decoded("/100%/%zz"), "/100%/%zz");
    }
}
