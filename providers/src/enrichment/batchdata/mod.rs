//! BatchData skip trace v3: who owns a property, and how they can be reached [R: several integrators; the SDK's page V].
//!
//! `POST /api/v3/property/skip-trace`, Bearer, up to 100 items \[V\], asked by address, or by parcel number with state and
//! county. Its traps, each of which cost somebody money: answers are not in the order of the questions and hold nulls, so
//! they are tied by request id or address and never by place; numbers under the TCPA list are left out unless asked for;
//! an address may be `{}`; an absent flag is not `false`; a key for one version is refused by the other; 402 and 403 are
//! about the account and not about the row.
//!
//! Charged per match, so subjects of one property are one question.

mod link;
mod person;
mod reply;
mod request;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;

use super::canonical::Canonical;
use super::remote::{Adapter, RequestError, Unread};
use super::subject::part;
use super::{CallContext, Capabilities, Charging, ProviderId, Subject, Verdict, Wanted};
use crate::Secret;

/// Where BatchData is \[R\].
pub(super) const BASE_URL: &str = "https://api.batchdata.com";

/// 7 cents a match [R: differences of an account]. The origin reckoned with 15.
const PRICE_MICROS: i64 = 70_000;

/// The most items a call \[V\].
const MOST: usize = 100;

/// BatchData.
#[derive(Debug)]
pub(super) struct BatchData {
    base_url: String,
    key: Secret,
}

impl BatchData {
    pub(super) const fn new(base_url: String, key: Secret) -> Self {
        Self { base_url, key }
    }
}

impl Adapter for BatchData {
    fn id(&self) -> ProviderId {
        ProviderId::BatchData
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
            // Nobody documents one.
            windows: &[],
        }
    }

    fn requirements(&self, subject: &Subject, _wanted: Wanted) -> Result<(), &'static str> {
        let there = |text: &Option<String>| part(text).is_some();
        let by_address =
            there(&subject.street) && (there(&subject.zip5) || there(&subject.city) && there(&subject.state));
        let by_parcel = there(&subject.apn) && there(&subject.state) && there(&subject.county);
        if by_address || by_parcel {
            Ok(())
        } else {
            Err("a street with a ZIP code or with city and state, or a parcel number with state and county")
        }
    }

    /// What is wanted changes nothing: the answer always holds both.
    fn request_hash(&self, subject: &Subject, _wanted: Wanted) -> [u8; 32] {
        let canonical = Canonical::new(ProviderId::BatchData)
            .text("given", subject.given_name.as_deref())
            .text("family", subject.family_name.as_deref())
            .address("property", &subject.property())
            .text("apn", subject.apn.as_deref())
            .text("county", subject.county.as_deref());
        match &subject.mailing {
            Some(mailing) => canonical.address("mailing", mailing).finish(),
            None => canonical.finish(),
        }
    }

    fn request(
        &self,
        subjects: &[&Subject],
        _wanted: Wanted,
        _context: &CallContext,
    ) -> Result<Request<Full<Bytes>>, RequestError> {
        let body = serde_json::to_vec(&request::Call::about(&link::groups(subjects)))?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {}", self.key.expose())).map_err(http::Error::from)?;
        bearer.set_sensitive(true);
        Ok(Request::builder()
            .method(Method::POST)
            .uri(format!("{}/api/v3/property/skip-trace", self.base_url))
            .header("authorization", bearer)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(Full::from(body))?)
    }

    fn verdicts(&self, subjects: &[&Subject], _wanted: Wanted, body: &[u8]) -> Result<Vec<Verdict>, Unread> {
        reply::verdicts(subjects, body, PRICE_MICROS)
    }
}
