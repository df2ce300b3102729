//! BatchData: skip tracing by property in two versions with two shapes, the do-not-call check of version 1, and lists
//! of properties. A key is for one version of skip tracing only; one with `v1` in it is for version 1, any other for 3.

mod dnc;
mod list;
mod request;
mod v1;
mod v3;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::faults::{Fault, StopReason, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::settings::VendorSettings;
use crate::vendor::Vendor;
use crate::vendors::is_nobodys;
use crate::world::{Address, World};

pub(super) struct BatchData {
    world: Arc<World>,
    settings: VendorSettings,
    list_length: u64,
    /// Records that came to every list since the start.
    published: AtomicU64,
}

impl BatchData {
    pub(super) fn new(world: Arc<World>, settings: VendorSettings, list_length: u64) -> Self {
        Self { world, settings, list_length, published: AtomicU64::new(0) }
    }
}

impl Storefront for BatchData {
    fn vendor(&self) -> Vendor {
        Vendor::BatchData
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        let key = visit.bearer();
        if is_nobodys(key) {
            return Err(problem(StatusCode::UNAUTHORIZED, "Invalid token"));
        }
        Ok(Account { scope: key.to_owned(), key: key.to_owned() })
    }

    fn serve(&self, visit: &Visit, account: &Account, twist: &Twist) -> Served {
        let known = [v1::PATH, v3::PATH, dnc::PATH, list::PATH];
        if !known.contains(&visit.path.as_str()) {
            return problem(StatusCode::NOT_FOUND, "Resource not found").into();
        }
        if visit.method != Method::POST {
            return problem(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed").into();
        }
        let is_for_v1 = account.key.contains("v1");
        let served = match visit.path.as_str() {
            v1::PATH if !is_for_v1 => Err(scope()),
            v3::PATH if is_for_v1 => Err(scope()),
            v1::PATH => self.trace_v1(visit, twist),
            v3::PATH => self.trace_v3(visit, twist),
            dnc::PATH => self.check_dnc(visit),
            _ => self.list(visit, twist),
        };
        served.unwrap_or_else(Served::from)
    }

    fn refuse(&self, _visit: &Visit, refusal: &Refusal) -> Reply {
        match *refusal {
            Refusal::RateLimited { retry_after } => {
                problem(StatusCode::TOO_MANY_REQUESTS, "Too many requests").retry_after(retry_after)
            }
            Refusal::AccountStop(reason) => match reason {
                StopReason::Balance => problem(StatusCode::PAYMENT_REQUIRED, "Insufficient balance"),
                StopReason::AccountDisabled => problem(StatusCode::FORBIDDEN, "Account is disabled"),
                StopReason::TokenDisabled => problem(StatusCode::FORBIDDEN, "Token is disabled"),
            },
            Refusal::Outage(StatusCode::INTERNAL_SERVER_ERROR) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "An unexpected error occurred")
            }
            Refusal::Outage(status) => gateway_page(status),
            Refusal::ErrorInside => {
                Reply::ok(&status_body(500, "Internal Server Error", "Search is unavailable"))
            }
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        !matches!(
            fault,
            Fault::WebhookLate { .. }
                | Fault::WebhookTwice
                | Fault::WebhookOutOfOrder
                | Fault::Declines
                | Fault::OffSchema
        )
    }

    fn publish(&self, records: u64) {
        self.published.fetch_add(records, Ordering::Relaxed);
    }

    fn forget(&self) {
        self.published.store(0, Ordering::Relaxed);
    }
}

/// Words of the vendor for a caller who shows a key of the other version.
fn scope() -> Reply {
    problem(StatusCode::FORBIDDEN, "Token does not have access to this resource")
}

fn problem(status: StatusCode, message: &str) -> Reply {
    let text = status.canonical_reason().unwrap_or_default();
    Reply::json(status, &status_body(status.as_u16(), text, message))
}

fn status_body(code: u16, text: &str, message: &str) -> Value {
    json!({"status": {"code": code, "text": text, "message": message}})
}

fn address_json(address: &Address) -> Value {
    json!({
        "street": address.street,
        "city": address.city,
        "county": address.county,
        "state": address.state,
        "zip": address.zip,
    })
}
