//! Numbers: those there are, those for sale, and buying, which is only queued.

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{SignalHouse, bad, digits};
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::texts::{Sender, ten_digits};
use crate::vendor::Vendor;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Purchase {
    phone_numbers: Vec<String>,
    subgroup_id: Option<String>,
}

impl SignalHouse {
    pub(super) fn numbers(&self, visit: &Visit) -> Reply {
        let shown = self.network.senders(Vendor::SignalHouse).into_iter().map(|sender| {
            json!({
                "_id": format!("number-{}", sender.number),
                "phoneNumber": digits(&sender.number),
                "status": if sender.ready { "READY" } else { "PENDING" },
                "campaignId": sender.campaign,
                "brandId": sender.brand,
            })
        });
        Self::page(visit, shown.collect())
    }

    pub(super) fn available(&self, visit: &Visit) -> Reply {
        let area_code = visit.param("npa");
        if area_code.len() != 3 {
            return bad("npa must have three digits");
        }
        let offers = self.network.offers(area_code, 30);
        let shown = offers.iter().map(|number| json!({"phoneNumber": digits(number), "smsEnabled": true}));
        Self::page(visit, shown.collect())
    }

    pub(super) fn buy(&self, visit: &Visit) -> Served {
        let purchase: Purchase = match visit.json() {
            Ok(purchase) => purchase,
            Err(words) => return bad(&words).into(),
        };
        if purchase.subgroup_id.is_none_or(|id| id.is_empty()) || purchase.phone_numbers.is_empty() {
            return bad("phoneNumbers and subgroupId are required").into();
        }
        let Some(numbers) =
            purchase.phone_numbers.iter().map(|number| ten_digits(number)).collect::<Option<Vec<_>>>()
        else {
            return bad("phoneNumbers must be digits").into();
        };
        let mut charges = Vec::new();
        for number in numbers {
            let known = self.network.senders(Vendor::SignalHouse);
            if known.iter().any(|sender| sender.number == number) {
                continue;
            }
            let area_code = number[..3].to_owned();
            let sender = Sender::of(Vendor::SignalHouse, number);
            self.network.add_sender(sender);
            charges.push(Charge {
                subject: format!("number {area_code}"),
                what: "number",
                units: 1,
                micro_dollars: self.settings.price("number"),
            });
        }
        let reply = Reply::json(StatusCode::ACCEPTED, &json!({"message": "queued"}));
        Served { reply, asked: Vec::new(), charges, deliveries: Vec::new() }
    }
}
