//! Phone numbers \[V\]: those there are, those for sale, buying, and where what is written to them is posted.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Form, Twilio, problem};
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::texts::{Sender, ten_digits};
use crate::vendor::Vendor;

impl Twilio {
    pub(super) fn numbers(&self) -> Reply {
        let own: Vec<Value> = self.network.senders(Vendor::Twilio).iter().map(shown).collect();
        Reply::ok(&json!({"incoming_phone_numbers": own, "page": 0, "next_page_uri": null}))
    }

    pub(super) fn available(&self, visit: &Visit) -> Reply {
        let size = visit.param("PageSize").parse().unwrap_or(20);
        let offers = self.network.offers(visit.param("AreaCode"), size);
        let offers: Vec<Value> = offers
            .iter()
            .map(|number| {
                json!({
                    "phone_number": format!("+1{number}"),
                    "friendly_name": number,
                    "iso_country": "US",
                    "capabilities": {"voice": true, "SMS": true, "MMS": true},
                })
            })
            .collect();
        Reply::ok(&json!({"available_phone_numbers": offers}))
    }

    pub(super) fn buy(&self, visit: &Visit) -> Served {
        let form = Form::of(visit);
        let Some(number) = form.get("PhoneNumber").and_then(ten_digits) else {
            return problem(StatusCode::BAD_REQUEST, 21_421, "PhoneNumber is invalid").into();
        };
        if self.network.senders(Vendor::Twilio).iter().any(|sender| sender.number == number) {
            return problem(StatusCode::BAD_REQUEST, 21_422, "PhoneNumber is not available").into();
        }
        let charge = Charge {
            subject: format!("number {}", &number[..3]),
            what: "number",
            units: 1,
            micro_dollars: self.settings.price("number"),
        };
        let inbound_url = form.get("SmsUrl").map(str::to_owned);
        let sender = Sender { inbound_url, ..Sender::of(Vendor::Twilio, number) };
        let reply = Reply::json(StatusCode::CREATED, &shown(&sender));
        self.network.add_sender(sender);
        Served { reply, asked: Vec::new(), charges: vec![charge], deliveries: Vec::new() }
    }

    /// Where what is written to a number is posted.
    pub(super) fn change_number(&self, visit: &Visit, sid: &str) -> Reply {
        let number = sid.strip_suffix(".json").unwrap_or(sid).strip_prefix("PN").unwrap_or_default();
        let known = self.network.senders(Vendor::Twilio).into_iter().find(|sender| sender.number == number);
        let Some(mut sender) = known else { return super::not_found(visit) };
        if let Some(url) = Form::of(visit).get("SmsUrl") {
            sender.inbound_url = Some(url.to_owned());
        }
        let reply = Reply::ok(&shown(&sender));
        self.network.add_sender(sender);
        reply
    }
}

fn shown(sender: &Sender) -> Value {
    json!({
        "sid": format!("PN{}", sender.number),
        "phone_number": format!("+1{}", sender.number),
        "friendly_name": sender.number,
        "capabilities": {"voice": true, "sms": sender.ready, "mms": true, "fax": false},
        "sms_url": sender.inbound_url,
        "sms_method": "POST",
        "status": "in-use",
    })
}
