//! Melissa Personator Consumer: checks and completes addresses, and gives each its key (MAK).
//!
//! `POST /v3/WEB/ContactVerify/doContactVerify`, up to 100 records \[K\]. The form of the request is \[R\]; that of the reply
//! is \[V\] for Melissa's Global Address, which shares it. Its traps: HTTP 200 for everything, faults of the account in
//! `TransmissionResults`; every value a string, `"TotalRecords":"1"` included; what is in a record is what was sent,
//! unless `Results` says otherwise.

mod codes;
mod reply;
mod request;

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;

use super::canonical::Canonical;
use super::remote::{Adapter, RequestError, Unread};
use super::subject::part;
use super::{CallContext, Capabilities, Charging, ProviderId, Subject, Verdict, Wanted};
use crate::Secret;

/// Where Melissa is \[R\].
pub(super) const BASE_URL: &str = "https://personator.melissadata.net";

/// \[R\] The default price of the origin: 5 cents a record.
const PRICE_MICROS: i64 = 50_000;

/// The most records a call \[K\].
const MOST: usize = 100;

/// Melissa.
#[derive(Debug)]
pub(super) struct Melissa {
    base_url: String,
    license: Secret,
}

impl Melissa {
    pub(super) const fn new(base_url: String, license: Secret) -> Self {
        Self { base_url, license }
    }
}

impl Adapter for Melissa {
    fn id(&self) -> ProviderId {
        ProviderId::Melissa
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            gives: Wanted {
                mobile: true,
                email: true,
                address_key: true,
                demographics: true,
                line_type: false,
            },
            most_subjects: MOST,
            // Records are what Melissa counts, found or not [K].
            charging: Charging::PerSubject,
            price_micros: PRICE_MICROS,
            mobile_extra_micros: 0,
            answers_later: false,
            contract_required: false,
            windows: &[],
        }
    }

    fn requirements(&self, subject: &Subject, _wanted: Wanted) -> Result<(), &'static str> {
        let place =
            part(&subject.zip5).is_some() || part(&subject.city).is_some() && part(&subject.state).is_some();
        if part(&subject.street).is_some() && place {
            Ok(())
        } else {
            Err("a street, and a ZIP code or a city and state")
        }
    }

    fn request_hash(&self, subject: &Subject, wanted: Wanted) -> [u8; 32] {
        Canonical::new(ProviderId::Melissa)
            .flag("append", request::appends(wanted))
            .flag("demographics", wanted.demographics)
            .text("given", subject.given_name.as_deref())
            .text("family", subject.family_name.as_deref())
            .text("company", subject.company.as_deref())
            .address("property", &subject.property())
            .text("email", subject.emails.first().map(|email| email.expose()))
            .text("phone", subject.phones.first().map(|phone| phone.expose()))
            .finish()
    }

    fn request(
        &self,
        subjects: &[&Subject],
        wanted: Wanted,
        _context: &CallContext,
    ) -> Result<Request<Full<Bytes>>, RequestError> {
        let body = serde_json::to_vec(&request::Call::about(subjects, wanted, &self.license))?;
        Ok(Request::builder()
            .method(Method::POST)
            .uri(format!("{}/v3/WEB/ContactVerify/doContactVerify", self.base_url))
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .body(Full::from(body))?)
    }

    fn verdicts(&self, subjects: &[&Subject], _wanted: Wanted, body: &[u8]) -> Result<Vec<Verdict>, Unread> {
        reply::verdicts(subjects, body, PRICE_MICROS)
    }
}
