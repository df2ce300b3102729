//! What SignalHouse is asked, written out.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::phone::Phone;
use form_urlencoded::Serializer;
use http::{HeaderValue, Method, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::Secret;
use crate::sms::{NumberOffer, OutgoingText, Sought};

type Written = http::Result<Request<Full<Bytes>>>;

/// Writes requests.
#[derive(Debug)]
pub(in crate::sms) struct Requests {
    pub(in crate::sms) base_url: String,
    pub(in crate::sms) key: Secret,
    /// Whose messages, numbers and notifications are listed.
    pub(in crate::sms) group_id: Option<String>,
    /// To whom numbers are bought.
    pub(in crate::sms) subgroup_id: Option<String>,
}

impl Requests {
    /// One recipient a request: of several, one that is refused would say nothing of the others, and an answer that is lost
    /// would leave all of them unknown. Links are left as they are, since a text that was changed could not be found again.
    pub(super) fn send(&self, text: &OutgoingText) -> Written {
        let body = json!({
            "senderPhoneNumber": digits(&text.from),
            "recipientPhoneNumber": [digits(&text.to)],
            "messageBody": text.text.expose(),
            "enableShortlink": false,
            "filterLandlinesAndInactiveNumbers": true,
        });
        self.post("/message/sms", &body, Some(&text.key))
    }

    pub(super) fn list(
        &self,
        group: &str,
        sought: &Sought,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        page: usize,
    ) -> Written {
        self.get(
            "/message",
            &[
                ("groupId", group),
                ("senderPhoneNumber", digits(&sought.from)),
                ("recipientPhoneNumber", digits(&sought.to)),
                ("direction", "OUTBOUND"),
                ("startDate", &from.to_rfc3339_opts(SecondsFormat::Millis, true)),
                ("endDate", &until.to_rfc3339_opts(SecondsFormat::Millis, true)),
                ("dateBounds", "exact"),
                ("sortField", "createdAt"),
                ("sortOrder", "asc"),
                ("limit", &page.to_string()),
            ],
        )
    }

    pub(super) fn reports(&self, ids: &[String]) -> Written {
        self.post("/message/delivery-report", &json!({ "messageIds": ids }), None)
    }

    pub(super) fn notifications(&self, group: &str, number: u32, page: usize) -> Written {
        self.get(
            "/notification",
            &[
                ("groupId", group),
                ("eventTypes", "MESSAGE_RECEIVED,MESSAGE_DELIVERED,MESSAGE_FAILED"),
                ("page", &number.to_string()),
                ("limit", &page.to_string()),
            ],
        )
    }

    pub(super) fn numbers(&self, group: &str, number: u32, page: usize) -> Written {
        self.get(
            "/number",
            &[("groupId", group), ("page", &number.to_string()), ("limit", &page.to_string())],
        )
    }

    pub(super) fn offers(&self, area_code: &str, most: u16) -> Written {
        self.get(
            "/number/available",
            &[("smsEnabled", "true"), ("country", "US"), ("npa", area_code), ("limit", &most.to_string())],
        )
    }

    pub(super) fn buy(&self, offer: &NumberOffer, subgroup: &str, key: &str) -> Written {
        let body = json!({"phoneNumbers": [digits(&offer.number)], "subgroupId": subgroup, "country": "US"});
        self.post("/number", &body, Some(key))
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Written {
        let query = Serializer::new(String::new()).extend_pairs(query).finish();
        self.request(Method::GET, &format!("{path}?{query}"))?.body(Full::default())
    }

    fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Written {
        let mut request = self.request(Method::POST, path)?.header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.body(Full::from(body.to_string()))
    }

    fn request(&self, method: Method, path: &str) -> http::Result<http::request::Builder> {
        let mut login = HeaderValue::try_from(format!("Bearer {}", self.key.expose()))?;
        login.set_sensitive(true);
        Ok(Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header("authorization", login)
            .header("accept", "application/json"))
    }
}

/// As the vendor writes numbers: the country code and no plus \[V\].
fn digits(phone: &Phone) -> &str {
    phone.expose().trim_start_matches('+')
}
