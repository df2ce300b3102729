//! Apollo: `POST /api/v1/people/match` for one person, everything in the query; `POST /api/v1/people/bulk_match` for up
//! to ten; `GET /api/v1/webhook_result/{request_id}` for what the webhook brought or would have. Phones come later, by
//! webhook only, in one of two shapes. The key goes into `x-api-key`: as a Bearer token it is refused. One with `free`
//! in it is of a plan that may not enrich.

mod later;
mod matching;
mod person;

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use later::Result as LaterResult;
use serde_json::{Value, json};

use crate::faults::{Fault, StopReason, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::ledger::WindowState;
use crate::settings::VendorSettings;
use crate::vendor::Vendor;
use crate::vendors::is_nobodys;
use crate::world::World;

pub(super) struct Apollo {
    world: Arc<World>,
    settings: VendorSettings,
    webhook_delay: Duration,
    /// Requests that were promised something for later.
    promised: AtomicU64,
    /// What was or will be posted, by request id.
    results: Mutex<HashMap<i64, LaterResult>>,
}

impl Apollo {
    pub(super) fn new(world: Arc<World>, settings: VendorSettings, webhook_delay: Duration) -> Self {
        Self { world, settings, webhook_delay, promised: AtomicU64::new(0), results: Mutex::default() }
    }

    fn results(&self) -> std::sync::MutexGuard<'_, HashMap<i64, LaterResult>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storefront for Apollo {
    fn vendor(&self) -> Vendor {
        Vendor::Apollo
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        let key = visit.header("x-api-key");
        if is_nobodys(key) {
            return Err(problem(StatusCode::UNAUTHORIZED, "Invalid API key"));
        }
        // Limits are of a team at an endpoint; polls are all one.
        let endpoint = if visit.path.starts_with(later::PATH) { later::PATH } else { &visit.path };
        Ok(Account { scope: format!("{key} {endpoint}"), key: key.to_owned() })
    }

    fn serve(&self, visit: &Visit, account: &Account, twist: &Twist) -> Served {
        if account.key.contains("free") && visit.method == Method::POST {
            return inaccessible(visit).into();
        }
        let served = match (&visit.method, visit.path.as_str()) {
            (&Method::POST, matching::ONE) => self.match_one(visit, twist),
            (&Method::POST, matching::BULK) => self.match_many(visit, twist),
            (&Method::GET, path) if path.starts_with(later::PATH) => Ok(self.poll(path).into()),
            _ => Err(problem(StatusCode::NOT_FOUND, "The endpoint does not exist")),
        };
        served.unwrap_or_else(Served::from)
    }

    fn refuse(&self, visit: &Visit, refusal: &Refusal) -> Reply {
        match *refusal {
            Refusal::RateLimited { retry_after } => {
                let endpoint = visit.path.trim_start_matches('/');
                let most = self.settings.limits.iter().find_map(|limit| limit.requests).unwrap_or(600);
                let words = format!(
                    "The maximum number of api calls allowed for {endpoint} is {most} times per minute. Please \
                     upgrade your plan from https://app.apollo.io/#/settings/plans/upgrade."
                );
                let body = json!({"message": words});
                Reply::json(StatusCode::TOO_MANY_REQUESTS, &body).retry_after(retry_after)
            }
            Refusal::AccountStop(StopReason::TokenDisabled | StopReason::AccountDisabled) => {
                inaccessible(visit)
            }
            // What it says without credits is not in the documents.
            Refusal::AccountStop(StopReason::Balance) => Reply::json(
                StatusCode::PAYMENT_REQUIRED,
                &json!({"error": "You have insufficient credits", "error_code": "INSUFFICIENT_CREDITS"}),
            ),
            Refusal::Outage(StatusCode::INTERNAL_SERVER_ERROR) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
            }
            Refusal::Outage(status) => gateway_page(status),
            Refusal::ErrorInside => Reply::ok(&json!({
                "status": "failed",
                "error_code": "INTERNAL_ERROR",
                "error_message": "An unexpected error of application",
            })),
        }
    }

    fn stamp(&self, reply: &mut Reply, windows: &[WindowState]) {
        let names = [
            ["x-rate-limit-minute", "x-minute-usage", "x-minute-requests-left"],
            ["x-rate-limit-hourly", "x-hourly-usage", "x-hourly-requests-left"],
            ["x-rate-limit-24-hour", "x-24-hour-usage", "x-24-hour-requests-left"],
        ];
        for ([limit, usage, left], window) in names.into_iter().zip(windows) {
            // A window without a limit has headers without values.
            let text = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
            reply.set(limit, &text(window.limit));
            reply.set(usage, &text(Some(window.used)));
            reply.set(left, &text(window.limit.map(|limit| limit.saturating_sub(window.used))));
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        !matches!(fault, Fault::EmptyAddress | Fault::ShortPage | Fault::Declines | Fault::OffSchema)
    }

    fn forget(&self) {
        self.results().clear();
    }
}

fn problem(status: StatusCode, words: &str) -> Reply {
    Reply::json(status, &json!({"error": words}))
}

fn inaccessible(visit: &Visit) -> Reply {
    let words = format!("{} is not accessible with this api_key", visit.path.trim_start_matches('/'));
    let body: Value = json!({"error": words, "error_code": "API_INACCESSIBLE"});
    Reply::json(StatusCode::FORBIDDEN, &body)
}
