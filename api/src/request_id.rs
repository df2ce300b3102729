//! One id per request: the caller's `X-Request-Id` where it is a decent one, else ours.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// The header, in requests and answers.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids of callers are replaced: they end up in the log.
const MAX_LEN: usize = 64;

/// Middleware: gives the request an id and says it in the answer.
pub(crate) async fn assign(mut request: Request, next: Next) -> Response {
    let id = request.headers().get(&HEADER).filter(|id| is_decent(id)).cloned().unwrap_or_else(fresh);
    request.headers_mut().insert(HEADER, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(HEADER, id);
    response
}

/// The id of the request with these headers.
pub(crate) fn of(headers: &HeaderMap) -> String {
    headers.get(&HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default().to_owned()
}

fn is_decent(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=MAX_LEN).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

fn fresh() -> HeaderValue {
    let id = format!("{:032x}", rand::random::<u128>());
    // Hexadecimal digits are fine in a header.
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_decent_ids_only() {
        assert!(is_decent(&HeaderValue::from_static("abc-1.2_X")));
        for bad in ["", "a b", "<script>", "x\"y"] {
            assert!(!is_decent(&HeaderValue::from_static(bad)), "{bad:?}");
        }
        assert!(!is_decent(&HeaderValue::from_str(&"a".repeat(65)).expect("a header")));
        assert_ne!(fresh(), fresh());
    }
}
