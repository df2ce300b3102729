//! What Twilio is asked, written out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use form_urlencoded::Serializer;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;

use crate::Secret;
use crate::sms::{NumberOffer, OutgoingText, Sought};

type Written = http::Result<Request<Full<Bytes>>>;

/// Writes requests.
#[derive(Debug)]
pub(in crate::sms) struct Requests {
    pub(in crate::sms) base_url: String,
    pub(in crate::sms) account_sid: String,
    pub(in crate::sms) auth_token: Secret,
    /// The messaging service (`MG…`) the numbers belong to, where they do: 10DLC registrations hang on it. `From` is said
    /// beside it, so that the number is the one the limits were drawn from.
    pub(in crate::sms) messaging_service_sid: Option<String>,
}

impl Requests {
    pub(super) fn send(&self, text: &OutgoingText) -> Written {
        let mut form = Serializer::new(String::new());
        form.append_pair("To", text.to.expose());
        form.append_pair("From", text.from.expose());
        if let Some(service) = &self.messaging_service_sid {
            form.append_pair("MessagingServiceSid", service);
        }
        form.append_pair("Body", text.text.expose());
        // What is sent is what was counted, judged and approved, and can be found again.
        form.append_pair("SmartEncoded", "false");
        if let Some(callback) = &text.status_callback {
            form.append_pair("StatusCallback", callback);
        }
        if let Some(validity) = text.validity {
            form.append_pair("ValidityPeriod", &validity.as_secs().clamp(1, 36_000).to_string());
        }
        self.post("/Messages.json", form.finish())
    }

    pub(super) fn message(&self, external_id: &str) -> Written {
        self.get(&self.path(&format!("/Messages/{external_id}.json")))
    }

    pub(super) fn list_to(&self, sought: &Sought, page: usize) -> Written {
        let query = Serializer::new(String::new())
            .append_pair("To", sought.to.expose())
            .append_pair("From", sought.from.expose())
            .append_pair("PageSize", &page.to_string())
            .finish();
        self.get(&format!("{}?{query}", self.path("/Messages.json")))
    }

    pub(super) fn list_since(&self, since: DateTime<Utc>, next: Option<&str>, page: usize) -> Written {
        match next.filter(|next| self.is_own(next)) {
            Some(next) => self.get(next),
            None => {
                let query = Serializer::new(String::new())
                    .append_pair("DateSent>", &since.format("%Y-%m-%d").to_string())
                    .append_pair("PageSize", &page.to_string())
                    .finish();
                self.get(&format!("{}?{query}", self.path("/Messages.json")))
            }
        }
    }

    pub(super) fn numbers(&self, next: Option<&str>, page: usize) -> Written {
        match next {
            Some(next) => self.get(next),
            None => self.get(&format!("{}?PageSize={page}", self.path("/IncomingPhoneNumbers.json"))),
        }
    }

    pub(super) fn offers(&self, area_code: &str, most: u16) -> Written {
        let query = Serializer::new(String::new())
            .append_pair("AreaCode", area_code)
            .append_pair("SmsEnabled", "true")
            .append_pair("PageSize", &most.to_string())
            .finish();
        self.get(&format!("{}?{query}", self.path("/AvailablePhoneNumbers/US/Local.json")))
    }

    /// With the addresses of ours, so that nobody has to enter them at the vendor: what is posted is a form by POST, which is
    /// what the vendor does unless it is told otherwise \[V\].
    pub(super) fn buy(&self, offer: &NumberOffer, hook: Option<&str>) -> Written {
        let mut form = Serializer::new(String::new());
        form.append_pair("PhoneNumber", offer.number.expose());
        if let Some(hook) = hook {
            form.append_pair("SmsUrl", hook);
            form.append_pair("VoiceUrl", &format!("{hook}/voice"));
        }
        self.post("/IncomingPhoneNumbers.json", form.finish())
    }

    /// Whether a path is one of this account: what the vendor calls the next page is asked for with our login, so it must
    /// not lead elsewhere.
    pub(super) fn is_own(&self, path: &str) -> bool {
        path.starts_with(&self.path("/")) && !path.contains("..") && path.len() < 2_000
    }

    fn path(&self, rest: &str) -> String {
        format!("/2010-04-01/Accounts/{}{rest}", self.account_sid)
    }

    fn get(&self, path: &str) -> Written {
        self.request(Method::GET, path)?.body(Full::default())
    }

    fn post(&self, rest: &str, form: String) -> Written {
        self.request(Method::POST, &self.path(rest))?
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(form))
    }

    fn request(&self, method: Method, path: &str) -> http::Result<http::request::Builder> {
        let login = STANDARD.encode(format!("{}:{}", self.account_sid, self.auth_token.expose()));
        let mut login = HeaderValue::try_from(format!("Basic {login}"))?;
        login.set_sensitive(true);
        Ok(Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header("authorization", login)
            .header("accept", "application/json"))
    }
}
