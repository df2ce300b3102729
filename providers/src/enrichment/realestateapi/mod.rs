//! RealEstateAPI skip trace v2 [V: copy of the vendor's document; R where marked].
//!
//! `POST /v2/SkipTraceBatchAwait`, `x-api-key`, 1 to 100 items and at most 256 KB. Its traps: HTTP 200 with another
//! `statusCode` inside; `doNotCall` is a text; what `match_requirements` demands decides what counts as a match, and so
//! what is charged. Items repeat their `key`, by which they are tied; the document also says that they are in order.

mod person;
mod reply;
mod request;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;

use super::canonical::Canonical;
use super::remote::{Adapter, RequestError, Unread};
use super::subject::part;
use super::{CallContext, CallWindow, Capabilities, Charging, ProviderId, Subject, Verdict, Wanted};
use crate::Secret;

/// Where RealEstateAPI is \[R\].
pub(super) const BASE_URL: &str = "https://api.realestateapi.com";

/// Nobody publishes a price: the origin's of a skip trace, 15 cents \[K\].
const PRICE_MICROS: i64 = 150_000;

/// The most items a call \[V\].
const MOST: usize = 100;

/// The most bytes a call \[V\].
const LONGEST: usize = 256 * 1024;

/// What integrators keep to; the vendor's own limit is not known \[R\].
const WINDOWS: &[CallWindow] = &[CallWindow { calls: 10, length: Duration::from_secs(1) }];

/// RealEstateAPI.
#[derive(Debug)]
pub(super) struct RealEstateApi {
    base_url: String,
    key: Secret,
}

impl RealEstateApi {
    pub(super) const fn new(base_url: String, key: Secret) -> Self {
        Self { base_url, key }
    }
}

impl Adapter for RealEstateApi {
    fn id(&self) -> ProviderId {
        ProviderId::RealEstateApi
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            gives: Wanted { mobile: true, email: true, ..Wanted::NONE },
            most_subjects: MOST,
            charging: Charging::PerMatch,
            price_micros: PRICE_MICROS,
            mobile_extra_micros: 0,
            answers_later: false,
            contract_required: false,
            windows: WINDOWS,
        }
    }

    /// An address needs city and state; a city alone needs the whole name, state and ZIP code \[V\].
    fn requirements(&self, subject: &Subject, _wanted: Wanted) -> Result<(), &'static str> {
        let there = |text: &Option<String>| part(text).is_some();
        let city_and_state = there(&subject.city) && there(&subject.state);
        let by_address = there(&subject.street) && city_and_state;
        let by_name = !there(&subject.street)
            && city_and_state
            && there(&subject.given_name)
            && there(&subject.family_name)
            && there(&subject.zip5);
        if by_address || by_name {
            Ok(())
        } else {
            Err("a street with city and state, or given and family name with city, state and ZIP code")
        }
    }

    fn request_hash(&self, subject: &Subject, wanted: Wanted) -> [u8; 32] {
        let canonical = Canonical::new(ProviderId::RealEstateApi)
            .flag("phones", wanted.mobile)
            .flag("emails", wanted.email)
            .text("given", subject.given_name.as_deref())
            .text("family", subject.family_name.as_deref())
            .address("property", &subject.property())
            .text("phone", subject.phones.first().map(|phone| phone.expose()))
            .text("email", subject.emails.first().map(|email| email.expose()));
        match &subject.mailing {
            Some(mailing) => canonical.address("mailing", mailing).finish(),
            None => canonical.finish(),
        }
    }

    fn request(
        &self,
        subjects: &[&Subject],
        wanted: Wanted,
        _context: &CallContext,
    ) -> Result<Request<Full<Bytes>>, RequestError> {
        let body = serde_json::to_vec(&request::Call::about(subjects, wanted))?;
        if body.len() > LONGEST {
            return Err(RequestError::TooLong(body.len()));
        }
        let mut key = HeaderValue::try_from(self.key.expose()).map_err(http::Error::from)?;
        key.set_sensitive(true);
        Ok(Request::builder()
            .method(Method::POST)
            .uri(format!("{}/v2/SkipTraceBatchAwait", self.base_url))
            .header("x-api-key", key)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(Full::from(body))?)
    }

    fn verdicts(&self, subjects: &[&Subject], _wanted: Wanted, body: &[u8]) -> Result<Vec<Verdict>, Unread> {
        reply::verdicts(subjects, body, PRICE_MICROS)
    }
}
