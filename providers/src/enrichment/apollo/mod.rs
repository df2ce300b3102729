//! Apollo: people in business [V: docs.apollo.io; R where marked].
//!
//! `POST /api/v1/people/match` for one, `POST /api/v1/people/bulk_match` for up to ten, `x-api-key`, parameters in the
//! query. Its traps: a key as Bearer is refused; no match is 200 with a null; numbers come minutes later, to a webhook
//! that must be given with the question, unsigned and perhaps twice; limits are per team and endpoint, in windows that
//! open with their first call, and headers of unlimited ones are empty; no idempotency key exists, so a call that was
//! lost must not be made again.
//!
//! Apollo's waterfall (`run_waterfall_*`) is never asked for, since its vendors may charge for a miss; its answers are
//! understood, in case the account has it switched on.

mod contact;
mod person;
mod reply;
mod request;
mod webhook;

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::Value;

pub(in crate::enrichment) use webhook::later;

use super::canonical::Canonical;
use super::remote::{Adapter, RequestError, Unread, detail, words};
use super::subject::part;
use super::{
    CallContext, CallWindow, Capabilities, Charging, Polled, ProviderId, Subject, UsageHeaders, Verdict,
    Wanted,
};
use crate::Secret;
use crate::retry_after::{retry_after, seconds_up};
use crate::transport::Answer;

/// Where Apollo is \[V\].
pub(super) const BASE_URL: &str = "https://api.apollo.io";

/// \[R\] The origin's default: 10 cents a match, which is one credit \[V\].
const PRICE_MICROS: i64 = 100_000;

/// A number costs 8 credits where a match costs one \[V\]; what a credit costs is in the customer's contract \[K\].
const MOBILE_EXTRA_MICROS: i64 = 8 * PRICE_MICROS;

/// The most people a call \[V\].
const MOST: usize = 10;

/// Paid plans \[V\]; what the headers say goes before it.
const WINDOWS: &[CallWindow] = &[CallWindow { calls: 1_000, length: Duration::from_secs(60) }];

/// Apollo.
#[derive(Debug)]
pub(super) struct Apollo {
    base_url: String,
    key: Secret,
}

impl Apollo {
    pub(super) const fn new(base_url: String, key: Secret) -> Self {
        Self { base_url, key }
    }

    fn key(&self) -> Result<HeaderValue, RequestError> {
        let mut key = HeaderValue::try_from(self.key.expose()).map_err(http::Error::from)?;
        key.set_sensitive(true);
        Ok(key)
    }
}

impl Adapter for Apollo {
    fn id(&self) -> ProviderId {
        ProviderId::Apollo
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            gives: Wanted { mobile: true, email: true, demographics: true, ..Wanted::NONE },
            most_subjects: MOST,
            charging: Charging::PerMatch,
            price_micros: PRICE_MICROS,
            mobile_extra_micros: MOBILE_EXTRA_MICROS,
            answers_later: true,
            contract_required: false,
            windows: WINDOWS,
        }
    }

    /// An e-mail address, or a LinkedIn page, or the whole name and the company or its domain [R: the origin].
    fn requirements(&self, subject: &Subject, _wanted: Wanted) -> Result<(), &'static str> {
        let there = |text: &Option<String>| part(text).is_some();
        let by_name = there(&subject.given_name)
            && there(&subject.family_name)
            && (there(&subject.company) || there(&subject.domain));
        if !subject.emails.is_empty() || there(&subject.linkedin_url) || by_name {
            Ok(())
        } else {
            Err("an e-mail address, a LinkedIn page, or given and family name with the company or its domain")
        }
    }

    /// The title is not sent: it would narrow nothing. What is wanted decides what is revealed, and so paid.
    fn request_hash(&self, subject: &Subject, wanted: Wanted) -> [u8; 32] {
        Canonical::new(ProviderId::Apollo)
            .flag("emails", wanted.email)
            .flag("phones", wanted.mobile)
            .text("given", subject.given_name.as_deref())
            .text("family", subject.family_name.as_deref())
            .text("company", subject.company.as_deref())
            .text("domain", subject.domain.as_deref())
            .text("email", subject.emails.first().map(|email| email.expose()))
            .text("linkedin", subject.linkedin_url.as_deref())
            .finish()
    }

    /// Without a webhook there is nowhere for a number to go: Apollo refuses the call \[V\].
    fn asked(&self, wanted: Wanted, context: &CallContext) -> Wanted {
        Wanted { mobile: wanted.mobile && context.callback_url.is_some(), ..wanted }
    }

    fn request(
        &self,
        subjects: &[&Subject],
        wanted: Wanted,
        context: &CallContext,
    ) -> Result<Request<Full<Bytes>>, RequestError> {
        let callback = context.callback_url.as_deref();
        let (uri, body) = match subjects {
            [subject] => (request::of_one(&self.base_url, subject, wanted, callback), Full::default()),
            several => {
                let body = serde_json::to_vec(&request::Details::about(several))?;
                (request::of_several(&self.base_url, wanted, callback), Full::from(body))
            }
        };
        Ok(Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header("x-api-key", self.key()?)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("cache-control", "no-cache")
            .body(body)?)
    }

    fn verdicts(&self, subjects: &[&Subject], wanted: Wanted, body: &[u8]) -> Result<Vec<Verdict>, Unread> {
        match subjects {
            [subject] => Ok(vec![reply::of_one(subject, wanted, body, PRICE_MICROS)?]),
            several => reply::of_several(several, wanted, body, PRICE_MICROS),
        }
    }

    /// Errors have no common form. Out of credits has been seen as 422 with words \[R\].
    fn refusal(&self, answer: &Answer) -> Option<Verdict> {
        let about_credits = answer.status == 422 && words(answer).contains("insufficient credit");
        about_credits.then(|| Verdict::AccountStop { detail: detail(answer) })
    }

    fn usage(&self, headers: &HeaderMap) -> UsageHeaders {
        UsageHeaders::of_apollo(headers)
    }

    fn poll_request(&self, request_id: &str) -> Option<Result<Request<Full<Bytes>>, RequestError>> {
        let id: String = form_urlencoded::byte_serialize(request_id.as_bytes()).collect();
        let request = || -> Result<Request<Full<Bytes>>, RequestError> {
            Ok(Request::builder()
                .method(Method::GET)
                .uri(format!("{}/api/v1/webhook_result/{id}", self.base_url))
                .header("x-api-key", self.key()?)
                .header("accept", "application/json")
                .body(Full::default())?)
        };
        Some(request())
    }

    /// Not yet is 404 with `result_pending` and a number of seconds \[R\].
    fn polled(&self, answer: &Answer) -> Polled {
        let asked_to_wait = || retry_after(&answer.headers, SystemTime::now());
        match answer.status {
            200..=299 => match later(&answer.body) {
                Ok(answers) => Polled::Ready(answers),
                Err(error) => Polled::Never { detail: error.to_string() },
            },
            404 => match pending(&answer.body) {
                Some(retry_after) => Polled::NotYet { retry_after: retry_after.or_else(asked_to_wait) },
                None => Polled::Never { detail: detail(answer) },
            },
            408 | 429 | 500..=599 => Polled::NotYet { retry_after: asked_to_wait() },
            _ => Polled::Never { detail: detail(answer) },
        }
    }
}

/// Whether a 404 says that the result is pending, and how long to wait.
fn pending(body: &[u8]) -> Option<Option<Duration>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let is_pending = value.get("error_code").and_then(Value::as_str) == Some("result_pending");
    is_pending.then(|| seconds_up(value.get("retry_after_seconds")?.as_f64()?))
}
