//! What the caller is told when something goes wrong: RFC 9457, `application/problem+json`.
//!
//! This is the only place that turns errors into statuses. A problem carries its cause for the log; the
//! middleware [`finish`] writes the body once the request id is known, and logs what is our fault once.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::FailureCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{error_pages, request_id};

/// The media type of problems.
pub const MEDIA_TYPE: &str = "application/problem+json";

macro_rules! http_codes {
    ($($(#[doc = $meaning:literal])* $name:ident = $code:literal $status:ident $title:literal, $advice:literal;)*) => {
        /// What goes wrong between the caller and this service, whatever the business.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum HttpCode {
            $($(#[doc = $meaning])* $name,)*
        }

        impl HttpCode {
            /// All of them.
            pub const ALL: &'static [HttpCode] = &[$(HttpCode::$name,)*];

            /// The code as the caller sees it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($meaning),*).trim(),)* }
            }

            /// What the caller can do about it.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)* }
            }

            const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

http_codes! {
    /// The request cannot be read as HTTP, multipart or JSON, or its body broke off.
    BadRequest = "http.bad_request" BAD_REQUEST "The request cannot be read",
        "Mend what the detail names and send it again; nothing was kept of it.";
    /// No API key, or one that is unknown or revoked.
    Unauthorized = "http.unauthorized" UNAUTHORIZED "An API key is needed",
        "Send the header Authorization: Bearer with a key. Whoever runs the service makes one with refinery keys create; a \
         lost key cannot be shown again, only replaced.";
    /// The key's scopes or its user's role do not reach this far.
    Forbidden = "http.forbidden" FORBIDDEN "This key may not do that",
        "Use a key with the scope, of a user with the role, that the detail names, or have an admin of the team give them.";
    /// There is no such thing in this team.
    NotFound = "http.not_found" NOT_FOUND "There is no such thing",
        "Look at the list of such things for the right id, and at /docs for the right path. What belongs to another team is \
         not found either.";
    /// The path exists, but not for this method.
    MethodNotAllowed = "http.method_not_allowed" METHOD_NOT_ALLOWED "This method is not offered here",
        "Look at /docs for the methods of this path.";
    /// The thing is in a state in which this cannot be done, or there is one of its name already.
    Conflict = "http.conflict" CONFLICT "The state of the thing does not allow this",
        "Read the thing again: the detail says which state it is in. Sending the same request once more does not help.";
    /// Another request under the same idempotency key is still being worked on.
    IdempotencyInFlight = "http.idempotency_in_flight" CONFLICT "The same request is still under way",
        "Wait as long as Retry-After says and send the same request again: it is answered as the first one was.";
    /// The idempotency key was used for another request.
    IdempotencyMismatch = "http.idempotency_mismatch" UNPROCESSABLE_ENTITY "The idempotency key is taken",
        "Take a fresh key for each thing that is to be done, and the same one only for sending the same request again.";
    /// The body is larger than this route accepts.
    TooLarge = "http.too_large" PAYLOAD_TOO_LARGE "The body is too large",
        "Send less at once; lists go to POST /v1/uploads, which takes large ones.";
    /// The body is of a kind that this route does not read.
    UnsupportedMediaType = "http.unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "The body is of the wrong kind",
        "Send the content type that the detail names; /docs has it for each route.";
    /// A field of the request has a value that it cannot have.
    Invalid = "http.invalid" UNPROCESSABLE_ENTITY "The request makes no sense",
        "Mend the fields that errors names, each with what would be right; expected lists the values where they are few.";
    /// Too many requests of this user or team.
    RateLimited = "http.rate_limited" TOO_MANY_REQUESTS "Too many requests",
        "Wait as long as Retry-After says. The limits are settings of the team, which an admin can raise.";
}

/// One thing that is wrong with the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where: a JSON pointer into the body, or the name of a query parameter.
    pub pointer: String,
    /// What is wrong with it, and what would be right.
    pub detail: String,
}

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// `/errors/<code>`: a page that explains the code.
    #[serde(rename = "type")]
    #[schema(example = "/errors/upload.duplicate_file")]
    pub type_uri: String,
    /// The stable code, for machines.
    #[schema(example = "upload.duplicate_file")]
    pub code: String,
    /// What it is, in a few words that are the same for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time and what to do about it.
    pub detail: String,
    /// The id under which the log has more.
    pub request_id: String,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Where the other thing is that this one collides with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub see: Option<String>,
    /// What could have been given instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
}

type Cause = Arc<dyn StdError + Send + Sync>;

/// Why a request was not done. Returned by handlers; becomes a [`ProblemBody`].
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    title: String,
    detail: String,
    errors: Vec<FieldError>,
    see: Option<String>,
    expected: Vec<String>,
    retry_after_s: Option<u64>,
    cause: Option<Cause>,
}

impl Problem {
    /// A problem between the caller and this service.
    pub fn http(code: HttpCode, detail: impl Into<String>) -> Self {
        Self::new(code.status(), code.as_str(), code.title().to_owned(), detail.into())
    }

    /// A problem of the business.
    pub fn failure(status: StatusCode, code: FailureCode, detail: impl Into<String>) -> Self {
        Self::new(status, code.as_str(), title(code), detail.into())
    }

    /// A thing that is not there, or not in this team: the caller cannot tell which.
    pub fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::http(
            HttpCode::NotFound,
            format!("there is no {what} {id} in this team; list them to see which there are"),
        )
    }

    /// One field with a value that it cannot have.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let error = FieldError { pointer: pointer.into(), detail: detail.into() };
        let summary = format!("{}: {}", error.pointer, error.detail);
        Self::http(HttpCode::Invalid, summary).with_errors(vec![error])
    }

    /// Something we depend on does not answer; the caller may repeat the request.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::failure(StatusCode::SERVICE_UNAVAILABLE, FailureCode::SystemUnavailable, detail).retry_after(2)
    }

    /// A defect of ours. The caller gets a fixed text, the log gets the cause.
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::failure(
            StatusCode::INTERNAL_SERVER_ERROR,
            FailureCode::SystemInternal,
            "something went wrong on our side; tell us the request id, the log has the rest under it",
        )
        .because(cause)
    }

    /// The same problem with its cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into().into());
        self
    }

    /// The same problem with what is wrong with which field.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// The same problem with a link to the thing it collides with.
    #[must_use]
    pub fn see(mut self, link: impl Into<String>) -> Self {
        self.0.see = Some(link.into());
        self
    }

    /// The same problem with the values that would have done.
    #[must_use]
    pub fn expected(mut self, values: impl IntoIterator<Item = String>) -> Self {
        self.0.expected = values.into_iter().collect();
        self
    }

    /// The same problem with the seconds after which to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What happened and what to do.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    fn new(status: StatusCode, code: &'static str, title: String, detail: String) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            title,
            detail,
            errors: Vec::new(),
            see: None,
            expected: Vec::new(),
            retry_after_s: None,
            cause: None,
        }))
    }

    fn body(self, request_id: String) -> ProblemBody {
        let Parts { status, code, title, detail, errors, see, expected, .. } = *self.0;
        ProblemBody {
            type_uri: error_pages::path(code),
            code: code.to_owned(),
            title,
            status: status.as_u16(),
            detail,
            request_id,
            errors,
            see,
            expected,
        }
    }

    /// The cause and what caused it, from the outside in.
    fn chain(&self) -> String {
        let mut chain = Vec::new();
        let mut next = self.0.cause.as_deref().map(|cause| cause as &dyn StdError);
        while let Some(error) = next {
            chain.push(error.to_string());
            next = error.source();
        }
        chain.join(": ")
    }
}

/// `upload.quota_exceeded` as a title: "Upload: quota exceeded".
pub(crate) fn title(code: FailureCode) -> String {
    let (stage, reason) = code.as_str().split_once('.').unwrap_or(("", code.as_str()));
    let mut letters = stage.chars();
    let stage: String =
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect();
    format!("{stage}: {}", reason.replace('_', " "))
}

impl IntoResponse for Problem {
    /// An empty answer that carries the problem; [`finish`] writes its body.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        if let Some(seconds) = self.0.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware outside all others: writes the body of problems and logs those that are our fault.
pub async fn finish(request: Request, next: Next) -> Response {
    let request_id = request_id::of(request.headers());
    let (method, path) = (request.method().clone(), loggable(request.uri().path()).to_owned());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    if problem.status().is_server_error() {
        let (code, cause) = (problem.code(), problem.chain());
        tracing::error!(%request_id, %method, path, status = problem.status().as_u16(), code, cause, "request failed");
    }
    // A problem is made of strings and numbers, which serialize.
    let body = serde_json::to_vec(&problem.body(request_id)).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = Body::from(body);
    response
}

/// The path without the capability token that may be part of it.
fn loggable(path: &str) -> &str {
    match path {
        path if path.starts_with("/codec/") => "/codec/…",
        path if path.starts_with("/hooks/") => "/hooks/…",
        path if path.starts_with("/unsubscribe/") => "/unsubscribe/…",
        path => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_something_is_not_logged() {
        for path in ["/codec/secret/decode", "/hooks/enrichment/secret", "/unsubscribe/secret"] {
            assert!(!loggable(path).contains("secret"), "{path}");
        }
        assert_eq!(loggable("/v1/leads"), "/v1/leads");
    }

    #[test]
    fn codes_have_titles_and_differ() {
        assert_eq!(title(FailureCode::UploadQuotaExceeded), "Upload: quota exceeded");
        let mut seen = std::collections::BTreeSet::new();
        for code in HttpCode::ALL {
            assert!(code.as_str().starts_with("http.") && seen.insert(code.as_str()), "{code:?}");
            assert!(code.status().is_client_error(), "{code:?} is the caller's");
            assert!(code.meaning().ends_with('.') && code.advice().ends_with('.'), "{code:?}");
        }
    }

    #[test]
    fn an_internal_problem_says_nothing_of_its_cause_to_the_caller() {
        let problem = Problem::internal(std::io::Error::other("password=hunter2"));
        assert_eq!(problem.chain(), "password=hunter2");
        let body = problem.body("r1".to_owned());
        let shown = serde_json::to_string(&body).expect("a problem is JSON");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("\"type\":\"/errors/system.internal\""), "{shown}");
        assert!(shown.contains("\"request_id\":\"r1\""), "{shown}");
    }

    #[test]
    fn a_token_in_the_path_is_not_logged() {
        assert!(!loggable("/codec/abcdefghijklmnopqrstuvwxyz/decode").contains("abc"));
        assert_eq!(loggable("/v1/uploads/src_1"), "/v1/uploads/src_1");
    }

    #[test]
    fn an_invalid_field_is_named() {
        let body = Problem::invalid("/limit", "must be 1 to 500").body("r".to_owned());
        assert_eq!(body.status, 422);
        assert_eq!(body.errors, [FieldError { pointer: "/limit".into(), detail: "must be 1 to 500".into() }]);
    }
}
