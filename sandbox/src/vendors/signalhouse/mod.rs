//! SignalHouse, version 2 [V: the vendor's SDK and guides]: texts, message list, delivery reports, opt-outs, numbers, webhooks
//! with signatures, and notifications, which are written whether a webhook arrives or not. A bearer key; `Idempotency-Key` on
//! what is sent. The frame of lists (`data`, `totalCount`, `page`, `limit`) is documented for registrations only \[K\].

mod hooks;
mod numbers;
mod read;
mod send;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::{Method, StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use hooks::Hooks;

use crate::deliveries::Delivery;
use crate::faults::{Fault, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::settings::VendorSettings;
use crate::texts::{AcceptedText, Network, News};
use crate::vendor::Vendor;
use crate::vendors::is_nobodys;

pub(super) struct SignalHouse {
    network: Arc<Network>,
    settings: VendorSettings,
    state: Mutex<State>,
    /// Held while something is sent under a key, so that two at once are one after the other.
    by_key: Mutex<()>,
}

#[derive(Default)]
struct State {
    hooks: Hooks,
    notifications: Vec<Notification>,
    /// What was answered under a key, to which request.
    answered: HashMap<String, Answered>,
    serial: u64,
}

struct Answered {
    request: Vec<u8>,
    status: StatusCode,
    body: String,
}

/// An event, written down before anybody is told.
struct Notification {
    at: DateTime<Utc>,
    body: Value,
}

impl SignalHouse {
    pub(super) fn new(network: Arc<Network>, settings: VendorSettings) -> Self {
        Self { network, settings, state: Mutex::default(), by_key: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of a list.
    fn page(visit: &Visit, all: Vec<Value>) -> Reply {
        let number =
            |name, usual| visit.param(name).parse().ok().filter(|number| *number > 0).unwrap_or(usual);
        let (page, limit): (usize, usize) = (number("page", 1), number("limit", 10).min(100));
        let total = all.len();
        let data: Vec<Value> = all.into_iter().skip((page - 1) * limit).take(limit).collect();
        Reply::ok(&json!({"data": data, "totalCount": total, "page": page, "limit": limit}))
    }
}

impl Storefront for SignalHouse {
    fn vendor(&self) -> Vendor {
        Vendor::SignalHouse
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        let key = visit.bearer();
        if is_nobodys(key) {
            return Err(problem(StatusCode::UNAUTHORIZED, "Unauthorized"));
        }
        Ok(Account { scope: key.to_owned(), key: key.to_owned() })
    }

    fn serve(&self, visit: &Visit, _account: &Account, _twist: &Twist) -> Served {
        let path = visit.path.trim_end_matches('/');
        match (&visit.method, path) {
            (&Method::POST, "/message/sms") => self.send(visit),
            (&Method::GET, "/message") => self.messages(visit).into(),
            (&Method::POST, "/message/delivery-report") => self.delivery_report(visit).into(),
            (&Method::GET, "/message/dnc") => self.opted_out(visit).into(),
            (&Method::GET, "/notification") => self.notifications(visit).into(),
            (&Method::GET, "/number") => self.numbers(visit).into(),
            (&Method::GET, "/number/available") => self.available(visit).into(),
            (&Method::POST, "/number") => self.buy(visit),
            (method, path) => self.hooks(method, path, visit).into(),
        }
    }

    fn refuse(&self, _visit: &Visit, refusal: &Refusal) -> Reply {
        match *refusal {
            Refusal::RateLimited { retry_after } => {
                problem(StatusCode::TOO_MANY_REQUESTS, "Too many requests").retry_after(retry_after)
            }
            Refusal::AccountStop(_) => problem(StatusCode::FORBIDDEN, "Account is not active"),
            Refusal::Outage(StatusCode::INTERNAL_SERVER_ERROR) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
            }
            Refusal::Outage(status) => gateway_page(status),
            // What moderation blocks is created all the same.
            Refusal::ErrorInside => Reply::json(
                StatusCode::CREATED,
                &json!({
                    "requestedRecipientCount": 1,
                    "enqueuedCount": 0,
                    "failedCount": 1,
                    "insertedMessages": [{
                        "_id": "0",
                        "status": "FAILED",
                        "errorCode": null,
                        "successOrFailureReason": "Blocked by content moderation",
                    }],
                    "dncBlockedNumbers": [],
                }),
            ),
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        fault.befalls_any()
    }

    fn tell(&self, news: &[News], about: Option<&AcceptedText>) -> Vec<Delivery> {
        self.announce(news, about)
    }

    /// Webhooks stay.
    fn forget(&self) {
        let mut state = self.state();
        state.notifications.clear();
        state.answered.clear();
    }
}

fn problem(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}

fn bad(message: &str) -> Reply {
    problem(StatusCode::BAD_REQUEST, message)
}

/// A number as the vendor writes it: eleven digits.
fn digits(ten: &str) -> String {
    format!("1{ten}")
}
