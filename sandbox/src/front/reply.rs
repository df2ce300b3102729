//! What goes back to the caller.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// What goes back to the caller.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    kind: &'static str,
    body: String,
    lost: bool,
}

impl Reply {
    /// JSON with a status.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self { status, headers: Vec::new(), kind: "application/json", body: body.to_string(), lost: false }
    }

    /// 200 with JSON.
    pub(crate) fn ok(body: &Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// A page for people, as gateways show it to machines.
    pub(crate) fn html(status: StatusCode, body: String) -> Self {
        Self { status, headers: Vec::new(), kind: "text/html", body, lost: false }
    }

    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self::html(StatusCode::OK, String::new())
    }

    /// It never arrives: the connection is cut instead.
    pub(crate) fn lose(&mut self) {
        self.lost = true;
    }

    /// Whether it never arrives.
    pub(super) const fn is_lost(&self) -> bool {
        self.lost
    }

    /// What it says, to be said again.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// JSON that is text already.
    pub(crate) fn json_text(status: StatusCode, body: String) -> Self {
        Self { status, headers: Vec::new(), kind: "application/json", body, lost: false }
    }

    /// With another header; a value that cannot be one is left out.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
    }

    /// With `Retry-After` in whole seconds, rounded up, where there is something to say.
    #[must_use]
    pub(crate) fn retry_after(mut self, time: Option<std::time::Duration>) -> Self {
        if let Some(time) = time {
            self.set("retry-after", &time.as_millis().div_ceil(1_000).max(1).to_string());
        }
        self
    }

    /// Ends the body in the middle, as if it were whole.
    pub(crate) fn break_off(&mut self) {
        let mut end = self.body.len() / 2;
        while !self.body.is_char_boundary(end) {
            end -= 1;
        }
        self.body.truncate(end);
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        response.headers_mut().extend(self.headers);
        response
    }
}

/// What a gateway says of a vendor that is down.
pub(crate) fn gateway_page(status: StatusCode) -> Reply {
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error"));
    let page = format!(
        "<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n<hr><center>nginx</center>\n</body>\n</html>\n"
    );
    Reply::html(status, page)
}
