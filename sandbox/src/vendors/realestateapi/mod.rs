//! RealEstateAPI: `POST /v1/SkipTrace` for one person and `POST /v2/SkipTraceBatchAwait` for up to a hundred, with
//! `x-api-key`. A status inside the body counts, not the one of HTTP.

mod v1;
mod v2;

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::faults::{Fault, StopReason, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::ledger::Charge;
use crate::settings::VendorSettings;
use crate::vendor::Vendor;
use crate::vendors::{is_nobodys, perhaps_another};
use crate::world::{Identity, Line, LineKind, Person, World};

pub(super) struct RealEstateApi {
    world: Arc<World>,
    settings: VendorSettings,
}

impl RealEstateApi {
    pub(super) fn new(world: Arc<World>, settings: VendorSettings) -> Self {
        Self { world, settings }
    }

    /// Who is meant, if they are known here.
    fn find(&self, told: &Identity, twist: &Twist) -> Option<Person> {
        let person = self.world.person(told)?;
        let known = self.world.knows(Vendor::RealEstateApi, &person);
        known.then(|| perhaps_another(&self.world, person, twist.wrong_person))
    }

    fn charge(&self, told: &Identity) -> Charge {
        let micro_dollars = self.settings.price("match");
        Charge { subject: told.subject(), what: "match", units: 1, micro_dollars }
    }
}

impl Storefront for RealEstateApi {
    fn vendor(&self) -> Vendor {
        Vendor::RealEstateApi
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        let key = visit.header("x-api-key");
        if is_nobodys(key) {
            return Err(problem(StatusCode::UNAUTHORIZED, "Unauthorized", "Missing or invalid API key"));
        }
        Ok(Account { scope: key.to_owned(), key: key.to_owned() })
    }

    fn serve(&self, visit: &Visit, _account: &Account, twist: &Twist) -> Served {
        let served = match (&visit.method, visit.path.as_str()) {
            (&Method::POST, v1::PATH) => self.trace(visit, twist),
            (&Method::POST, v2::PATH) => self.trace_batch(visit, twist),
            _ => Err(problem(StatusCode::NOT_FOUND, "Not Found", "No such endpoint")),
        };
        served.unwrap_or_else(Served::from)
    }

    fn refuse(&self, _visit: &Visit, refusal: &Refusal) -> Reply {
        match *refusal {
            Refusal::RateLimited { retry_after } => {
                problem(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", "Rate limit exceeded")
                    .retry_after(retry_after)
            }
            Refusal::AccountStop(StopReason::Balance) => {
                problem(StatusCode::PAYMENT_REQUIRED, "Payment Required", "Insufficient credits")
            }
            Refusal::AccountStop(StopReason::AccountDisabled) => {
                problem(StatusCode::FORBIDDEN, "Forbidden", "Account is disabled")
            }
            Refusal::AccountStop(StopReason::TokenDisabled) => {
                problem(StatusCode::FORBIDDEN, "Forbidden", "API key is disabled")
            }
            Refusal::Outage(StatusCode::INTERNAL_SERVER_ERROR) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", "Unexpected error")
            }
            Refusal::Outage(status) => gateway_page(status),
            Refusal::ErrorInside => Reply::ok(&status_body(500, "Internal Server Error", "Upstream failed")),
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        !matches!(
            fault,
            Fault::ShortPage
                | Fault::WebhookLate { .. }
                | Fault::WebhookTwice
                | Fault::WebhookOutOfOrder
                | Fault::Declines
                | Fault::OffSchema
        )
    }
}

fn problem(status: StatusCode, text: &str, message: &str) -> Reply {
    Reply::json(status, &status_body(status.as_u16(), text, message))
}

fn status_body(code: u16, text: &str, message: &str) -> Value {
    json!({"statusCode": code, "statusMessage": text, "message": message})
}

fn phone_type(line: &Line) -> &'static str {
    match line.kind {
        LineKind::Mobile => "mobile",
        LineKind::Landline => "landline",
        LineKind::FixedVoip | LineKind::NonFixedVoip => "voip",
    }
}
