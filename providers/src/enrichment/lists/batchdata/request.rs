//! What the property search is sent.

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::super::{ListQuestion, ListWindow};
use crate::Secret;
use crate::enrichment::remote::RequestError;

/// The request for a part of the list.
pub(super) fn search(
    base_url: &str,
    key: &Secret,
    question: &ListQuestion,
    window: ListWindow,
) -> Result<Request<Full<Bytes>>, RequestError> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(http::Error::from)?;
    bearer.set_sensitive(true);
    Ok(Request::builder()
        .method(Method::POST)
        .uri(format!("{base_url}/api/v1/property/search"))
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .body(Full::from(serde_json::to_vec(&body(question, window))?))?)
}

/// One ZIP code is a `query`; several are an address whose ZIP is one of a list \[K\].
fn body(question: &ListQuestion, window: ListWindow) -> Value {
    let mut criteria: Map<String, Value> = question.filters.clone();
    let mut zips: Vec<&str> = question.zip_codes.iter().map(String::as_str).collect();
    // As in the signature: the same question is the same list, in whatever order it was written.
    zips.sort_unstable();
    zips.dedup();
    match zips.as_slice() {
        [] => {}
        [zip] => {
            criteria.insert("query".to_owned(), Value::from(*zip));
        }
        several => {
            criteria.insert("address".to_owned(), json!({ "zip": { "inList": several } }));
        }
    }
    let mut options = json!({ "skip": window.skip, "take": window.take });
    if !question.sort.is_null() {
        options["sort"] = question.sort.clone();
    }
    json!({ "searchCriteria": criteria, "options": options })
}
