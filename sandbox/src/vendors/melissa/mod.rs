//! Melissa Personator Consumer, version 3: `GET` and `POST /v3/WEB/ContactVerify/doContactVerify`. All values are
//! strings, an empty one a blank; what is wrong with a call is said in `TransmissionResults` with status 200.

mod record;
mod request;

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use request::{Call, Question};
use serde_json::{Value, json};

use crate::faults::{Fault, StopReason, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::ledger::Charge;
use crate::settings::VendorSettings;
use crate::vendor::Vendor;
use crate::vendors::{is_nobodys, perhaps_another};
use crate::world::World;

const PATH: &str = "/v3/WEB/ContactVerify/doContactVerify";
/// What a call may hold \[K\].
const MOST: usize = 100;

pub(super) struct Melissa {
    world: Arc<World>,
    settings: VendorSettings,
}

impl Melissa {
    pub(super) fn new(world: Arc<World>, settings: VendorSettings) -> Self {
        Self { world, settings }
    }

    fn answer(&self, call: &Call, question: &Question, twist: &Twist) -> Value {
        let told = &question.identity;
        let person = self.world.person(told);
        let known = person.filter(|person| self.world.knows(Vendor::Melissa, person));
        let person = known.map(|person| perhaps_another(&self.world, person, twist.wrong_person));
        record::record(&self.world, call, question, person.as_ref())
    }
}

impl Storefront for Melissa {
    fn vendor(&self) -> Vendor {
        Vendor::Melissa
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        if visit.path != PATH {
            return Err(gateway_page(StatusCode::NOT_FOUND));
        }
        let license = match visit.method {
            Method::GET => visit.param("id").to_owned(),
            Method::POST => {
                let body: Value = visit.json().map_err(|_| transmission("", "GE07"))?;
                body.get("CustomerID").and_then(Value::as_str).unwrap_or_default().trim().to_owned()
            }
            _ => return Err(gateway_page(StatusCode::METHOD_NOT_ALLOWED)),
        };
        match license.as_str() {
            "" => Err(transmission("", "GE04")),
            license if is_nobodys(license) => Err(transmission("", "GE05")),
            _ => Ok(Account { scope: license.clone(), key: license }),
        }
    }

    fn serve(&self, visit: &Visit, _account: &Account, twist: &Twist) -> Served {
        let call = match Call::read(visit) {
            Ok(call) => call,
            Err(code) => return transmission("", code).into(),
        };
        if call.questions.is_empty() {
            return transmission(&call.reference, "GE02").into();
        }
        if call.questions.len() > MOST {
            return transmission(&call.reference, "GE03").into();
        }
        let records: Vec<Value> =
            call.questions.iter().map(|question| self.answer(&call, question, twist)).collect();
        let asked: Vec<String> = call.questions.iter().map(|question| question.identity.subject()).collect();
        // A record costs, whether anything is found or not.
        let charge = |subject: &String| Charge {
            subject: subject.clone(),
            what: "record",
            units: 1,
            micro_dollars: self.settings.price("record"),
        };
        Served {
            charges: asked.iter().map(charge).collect(),
            asked,
            deliveries: Vec::new(),
            reply: Reply::ok(&json!({
                "Version": "5.6.11",
                "TransmissionReference": call.reference,
                "TransmissionResults": " ",
                "TotalRecords": records.len().to_string(),
                "Records": records,
            })),
        }
    }

    fn refuse(&self, _visit: &Visit, refusal: &Refusal) -> Reply {
        match *refusal {
            // What the vendor says beyond its limits is not published.
            Refusal::RateLimited { retry_after } => {
                gateway_page(StatusCode::TOO_MANY_REQUESTS).retry_after(retry_after)
            }
            Refusal::AccountStop(StopReason::Balance) => transmission("", "GE14"),
            Refusal::AccountStop(StopReason::AccountDisabled) => transmission("", "GE06"),
            Refusal::AccountStop(StopReason::TokenDisabled) => transmission("", "GE08"),
            Refusal::Outage(status) => gateway_page(status),
            Refusal::ErrorInside => transmission("", "SE01"),
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        !matches!(
            fault,
            Fault::PositionalNulls
                | Fault::EmptyAddress
                | Fault::ShortPage
                | Fault::Declines
                | Fault::OffSchema
                | Fault::WebhookLate { .. }
                | Fault::WebhookTwice
                | Fault::WebhookOutOfOrder
        )
    }
}

/// A call that was not answered: the code is all there is.
fn transmission(reference: &str, code: &str) -> Reply {
    Reply::ok(&json!({
        "Version": "5.6.11",
        "TransmissionReference": reference,
        "TransmissionResults": code,
        "TotalRecords": "0",
        "Records": [],
    }))
}
