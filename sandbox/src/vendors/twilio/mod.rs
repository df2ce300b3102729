//! Twilio: Lookup v2, and Messages and phone numbers of the API of 2010-04-01, with Basic authentication.

mod lookup;
mod messages;
mod numbers;
mod posted;

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::deliveries::Delivery;
use crate::faults::{Fault, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::settings::VendorSettings;
use crate::texts::{AcceptedText, Network, News};
use crate::vendor::Vendor;
use crate::vendors::is_nobodys;
use crate::world::World;

/// Where accounts are.
const ACCOUNTS: &str = "/2010-04-01/Accounts/";

pub(super) struct Twilio {
    world: Arc<World>,
    network: Arc<Network>,
    settings: VendorSettings,
    /// The account and token shown last: what is posted to numbers that have none of their own is signed with it.
    login: Mutex<Option<(String, String)>>,
}

impl Twilio {
    pub(super) fn new(world: Arc<World>, network: Arc<Network>, settings: VendorSettings) -> Self {
        Self { world, network, settings, login: Mutex::default() }
    }

    fn login(&self) -> Option<(String, String)> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Storefront for Twilio {
    fn vendor(&self) -> Vendor {
        Vendor::Twilio
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        match visit.basic() {
            Some((account, secret)) if !is_nobodys(&account) && !is_nobodys(&secret) => {
                let login = Some((account.clone(), secret));
                *self.login.lock().unwrap_or_else(PoisonError::into_inner) = login;
                Ok(Account { scope: account.clone(), key: account })
            }
            _ => Err(problem(StatusCode::UNAUTHORIZED, 20_003, "Authentication Error - invalid username")),
        }
    }

    fn serve(&self, visit: &Visit, account: &Account, _twist: &Twist) -> Served {
        if !visit.path.starts_with(ACCOUNTS) {
            return self.look_up(visit);
        }
        let own = visit.path.strip_prefix(ACCOUNTS).and_then(|rest| rest.strip_prefix(account.key.as_str()));
        let path: Vec<&str> = own.unwrap_or_default().trim_matches('/').split('/').collect();
        match (&visit.method, path.as_slice()) {
            (&Method::POST, ["Messages.json"]) => self.send(visit),
            (&Method::GET, ["Messages.json"]) => self.messages(visit, &account.key).into(),
            (&Method::GET, ["Messages", sid]) => self.message(visit, sid, &account.key).into(),
            (&Method::GET, ["IncomingPhoneNumbers.json"]) => self.numbers().into(),
            (&Method::POST, ["IncomingPhoneNumbers.json"]) => self.buy(visit),
            (&Method::POST, ["IncomingPhoneNumbers", sid]) => self.change_number(visit, sid).into(),
            (&Method::GET, ["AvailablePhoneNumbers", "US", "Local.json"]) => self.available(visit).into(),
            _ => not_found(visit).into(),
        }
    }

    fn refuse(&self, visit: &Visit, refusal: &Refusal) -> Reply {
        match *refusal {
            Refusal::RateLimited { retry_after } => {
                problem(StatusCode::TOO_MANY_REQUESTS, 20_429, "Too Many Requests").retry_after(retry_after)
            }
            Refusal::AccountStop(_) => problem(StatusCode::FORBIDDEN, 20_005, "Account not active"),
            Refusal::Outage(StatusCode::INTERNAL_SERVER_ERROR) => {
                problem(StatusCode::INTERNAL_SERVER_ERROR, 20_500, "Internal Server Error")
            }
            Refusal::Outage(status) => gateway_page(status),
            Refusal::ErrorInside if visit.path.starts_with(ACCOUNTS) => {
                // Created, and failed already.
                let body =
                    json!({"sid": "SM0", "status": "failed", "error_code": 30_008, "num_segments": "0"});
                Reply::json(StatusCode::CREATED, &body)
            }
            Refusal::ErrorInside => self.failed_behind(visit),
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        fault.befalls_any()
    }

    fn tell(&self, news: &[News], about: Option<&AcceptedText>) -> Vec<Delivery> {
        news.iter().filter_map(|news| self.posted(news, about, None)).collect()
    }
}

fn not_found(visit: &Visit) -> Reply {
    let words = format!("The requested resource {} was not found", visit.path);
    problem(StatusCode::NOT_FOUND, 20_404, &words)
}

fn problem(status: StatusCode, code: u32, message: &str) -> Reply {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": message, "more_info": more, "status": status.as_u16()});
    Reply::json(status, &body)
}

/// The fields of a form.
struct Form(Vec<(String, String)>);

impl Form {
    fn of(visit: &Visit) -> Self {
        Self(form_urlencoded::parse(&visit.body).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim());
        value.filter(|value| !value.is_empty())
    }
}
