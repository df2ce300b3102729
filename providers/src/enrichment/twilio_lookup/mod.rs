//! Twilio Lookup v2: what kind of line a number is \[V\].
//!
//! `GET /v2/PhoneNumbers/{E.164}?Fields=line_type_intelligence`, Basic authentication with account and token. One number
//! a call. A malformed number is answered 200 with `valid:false`; `line_type_intelligence` may be null or hold an
//! `error_code` (60601 for Canada without approval) beside an empty type.

mod reply;

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;

use super::canonical::Canonical;
use super::remote::{Adapter, RequestError, Unread};
use super::{CallContext, Capabilities, Charged, Charging, ProviderId, Subject, Verdict, Wanted};
use crate::Secret;
use crate::transport::Answer;

/// Where Lookup is \[V\].
pub(super) const BASE_URL: &str = "https://lookups.twilio.com";

/// \[R\] The origin's default price of checking a phone: 1 cent.
const PRICE_MICROS: i64 = 10_000;

/// Twilio Lookup.
#[derive(Debug)]
pub(super) struct TwilioLookup {
    base_url: String,
    account_sid: String,
    auth_token: Secret,
}

impl TwilioLookup {
    pub(super) const fn new(base_url: String, account_sid: String, auth_token: Secret) -> Self {
        Self { base_url, account_sid, auth_token }
    }
}

impl Adapter for TwilioLookup {
    fn id(&self) -> ProviderId {
        ProviderId::TwilioLookup
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            gives: Wanted { line_type: true, ..Wanted::NONE },
            most_subjects: 1,
            charging: Charging::PerCall,
            price_micros: PRICE_MICROS,
            mobile_extra_micros: 0,
            answers_later: false,
            contract_required: false,
            windows: &[],
        }
    }

    fn requirements(&self, subject: &Subject, _wanted: Wanted) -> Result<(), &'static str> {
        if subject.phones.is_empty() { Err("a telephone number") } else { Ok(()) }
    }

    fn request_hash(&self, subject: &Subject, _wanted: Wanted) -> [u8; 32] {
        Canonical::new(ProviderId::TwilioLookup)
            .text("fields", Some("line_type_intelligence"))
            .text("phone", subject.phones.first().map(|phone| phone.expose()))
            .finish()
    }

    fn request(
        &self,
        subjects: &[&Subject],
        _wanted: Wanted,
        _context: &CallContext,
    ) -> Result<Request<Full<Bytes>>, RequestError> {
        let phone = subjects.iter().find_map(|subject| subject.phones.first());
        // The plus sign of E.164 is written out: a path may hold it, and not every proxy leaves it.
        let number = phone.map_or_else(String::new, |phone| format!("%2B1{}", phone.national()));
        let login = STANDARD.encode(format!("{}:{}", self.account_sid, self.auth_token.expose()));
        let mut login = HeaderValue::try_from(format!("Basic {login}")).map_err(http::Error::from)?;
        login.set_sensitive(true);
        Ok(Request::builder()
            .method(Method::GET)
            .uri(format!("{}/v2/PhoneNumbers/{number}?Fields=line_type_intelligence", self.base_url))
            .header("authorization", login)
            .header("accept", "application/json")
            .body(Full::default())?)
    }

    fn verdicts(&self, subjects: &[&Subject], _wanted: Wanted, body: &[u8]) -> Result<Vec<Verdict>, Unread> {
        let verdict = reply::verdict(subjects, body, PRICE_MICROS)?;
        Ok(subjects.iter().map(|_| verdict.clone()).collect())
    }

    /// 404 (code 20404): there is no such number [V: Twilio's error list].
    fn refusal(&self, answer: &Answer) -> Option<Verdict> {
        (answer.status == 404).then_some(Verdict::NoMatch { charged: Charged::No })
    }
}
