//! Messages \[V\]: sent by a form, shown as JSON in which numbers are texts and dates are RFC 2822.

use axum::http::StatusCode;
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{ACCOUNTS, Form, Twilio, problem};
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::texts::{AcceptedText, Asked, InboundText, Taken, ten_digits};
use crate::vendor::Vendor;
use crate::world::Identity;

/// The longest text.
const LONGEST: usize = 1_600;

impl Twilio {
    pub(super) fn send(&self, visit: &Visit) -> Served {
        let bad = |code, words: &str| Served::from(problem(StatusCode::BAD_REQUEST, code, words));
        let form = Form::of(visit);
        let Some(to) = form.get("To") else { return bad(21_604, "A 'To' phone number is required.") };
        let Some(to) = ten_digits(to).filter(|_| to.starts_with("+1")) else {
            return bad(21_211, "Invalid 'To' Phone Number");
        };
        let service = form.get("MessagingServiceSid");
        let from = match form.get("From") {
            Some(from) => ten_digits(from),
            None => service.and_then(|_| Some(self.network.senders(Vendor::Twilio).first()?.number.clone())),
        };
        let Some(from) = from else { return bad(21_603, "A 'From' phone number is required.") };
        let Some(body) = form.get("Body") else { return bad(21_602, "Message body is required.") };
        if body.chars().count() > LONGEST {
            return bad(21_617, "The concatenated message body exceeds the 1600 character limit.");
        }
        let asked = Asked {
            vendor: Vendor::Twilio,
            from,
            to: to.clone(),
            body: body.to_owned(),
            filters_landlines: false,
            key: None,
            price: self.settings.price("segment"),
        };
        let subject = Identity { phone: to, ..Identity::default() }.subject();
        match self.network.take(&asked) {
            Taken::Throttled => problem(StatusCode::TOO_MANY_REQUESTS, 20_429, "Too Many Requests").into(),
            Taken::Refused(code) if code == "sender" => {
                bad(21_606, "The 'From' phone number provided is not a valid message-capable number")
            }
            Taken::Refused(code) if code == "daily_cap" => bad(30_023, "Daily message cap reached"),
            Taken::Refused(code) => bad(code.parse().unwrap_or(30_008), "The message was refused"),
            Taken::Accepted { text, news } => {
                let (account, _) = self.login().unwrap_or_default();
                let mut reply = Reply::json(StatusCode::CREATED, &self.shown(&text, &account));
                if text.reply_lost {
                    reply.lose();
                }
                let callback = form.get("StatusCallback");
                let posted = news.iter().filter_map(|news| self.posted(news, Some(&text), callback));
                let charge = Charge {
                    subject: subject.clone(),
                    what: "text",
                    units: text.segments,
                    micro_dollars: text.micro_dollars,
                };
                Served { reply, asked: vec![subject], charges: vec![charge], deliveries: posted.collect() }
            }
        }
    }

    /// Newest first, by `To`, `From` and `DateSent` with its comparisons; the latter finds what was sent only \[K\].
    pub(super) fn messages(&self, visit: &Visit, account: &str) -> Reply {
        let (to, from) = (ten_digits(visit.param("To")), ten_digits(visit.param("From")));
        let day = |name: &str| visit.param(name).get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
        let (on, since, until) = (day("DateSent"), day("DateSent>"), day("DateSent<"));
        let fits = |own_from: &str, own_to: &str, sent: Option<NaiveDate>| {
            to.as_deref().is_none_or(|to| to == own_to)
                && from.as_deref().is_none_or(|from| from == own_from)
                && (on.is_none() || sent == on)
                && since.is_none_or(|since| sent.is_some_and(|sent| sent >= since))
                && until.is_none_or(|until| sent.is_some_and(|sent| sent <= until))
        };
        let mut all: Vec<_> = Vec::new();
        for text in self.network.listed(Vendor::Twilio, to.as_deref()) {
            let sent = (text.status != "queued").then(|| text.at.date_naive());
            if fits(&text.from, &text.to, sent) {
                all.push((text.at, self.shown(&text, account)));
            }
        }
        for text in self.network.inbound_texts() {
            if text.vendor == Vendor::Twilio && fits(&text.from, &text.to, Some(text.at.date_naive())) {
                all.push((text.at, inbound(&text, account)));
            }
        }
        all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let size = visit.param("PageSize").parse().unwrap_or(50_usize).clamp(1, 1_000);
        let page: usize = visit.param("Page").parse().unwrap_or(0);
        let more = all.len() > (page + 1) * size;
        let shown: Vec<Value> =
            all.into_iter().skip(page * size).take(size).map(|(_, shown)| shown).collect();
        let next = more.then(|| {
            let query = visit.query.iter().filter(|(name, _)| name != "Page");
            let query = query.map(|(name, value)| (name.as_str(), value.as_str()));
            let mut query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            query.push_str(&format!("&Page={}", page + 1));
            format!("{}?{query}", visit.path)
        });
        Reply::ok(&json!({"messages": shown, "page": page, "page_size": size, "next_page_uri": next}))
    }

    pub(super) fn message(&self, visit: &Visit, sid: &str, account: &str) -> Reply {
        let id = sid.strip_suffix(".json").unwrap_or(sid).strip_prefix("SM").unwrap_or_default();
        match self.network.text(Vendor::Twilio, id) {
            Some(text) => Reply::ok(&self.shown(&text, account)),
            None => super::not_found(visit),
        }
    }

    /// A text that went out, as the API shows it: its price is told when it is decided.
    fn shown(&self, text: &AcceptedText, account: &str) -> Value {
        let decided = matches!(text.status.as_str(), "delivered" | "undelivered");
        let dollars = text.micro_dollars as f64 / 1_000_000.0;
        let sent = (text.status != "queued").then(|| text.at.to_rfc2822());
        json!({
            "body": text.body,
            "num_segments": text.segments.to_string(),
            "direction": "outbound-api",
            "from": format!("+1{}", text.from),
            "to": format!("+1{}", text.to),
            "date_created": text.at.to_rfc2822(),
            "date_sent": sent,
            "date_updated": text.at.to_rfc2822(),
            "price": decided.then(|| format!("-{dollars:.6}")),
            "price_unit": "USD",
            "error_code": text.error_code.as_ref().and_then(|code| code.parse::<u32>().ok()),
            "error_message": null,
            "uri": format!("{ACCOUNTS}{account}/Messages/SM{}.json", text.id),
            "account_sid": account,
            "num_media": "0",
            "status": text.status,
            "messaging_service_sid": null,
            "sid": format!("SM{}", text.id),
            "api_version": "2010-04-01",
            "subresource_uris": {},
        })
    }
}

fn inbound(text: &InboundText, account: &str) -> Value {
    json!({
        "body": text.body,
        "num_segments": "1",
        "direction": "inbound",
        "from": format!("+1{}", text.from),
        "to": format!("+1{}", text.to),
        "date_created": text.at.to_rfc2822(),
        "date_sent": text.at.to_rfc2822(),
        "date_updated": text.at.to_rfc2822(),
        "price": null,
        "price_unit": "USD",
        "error_code": null,
        "error_message": null,
        "uri": format!("{ACCOUNTS}{account}/Messages/SM{}.json", text.id),
        "account_sid": account,
        "num_media": "0",
        "status": "received",
        "messaging_service_sid": null,
        "sid": format!("SM{}", text.id),
        "api_version": "2010-04-01",
        "subresource_uris": {},
    })
}
