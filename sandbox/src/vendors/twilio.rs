//! Twilio Lookup v2: `GET /v2/PhoneNumbers/{number}?Fields=line_type_intelligence`, with Basic authentication. A number
//! that is none is no error: it is answered with `valid: false`. The line type of a Canadian number is told to approved
//! accounts only: 60601.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::faults::{Fault, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::ledger::Charge;
use crate::settings::VendorSettings;
use crate::vendor::Vendor;
use crate::vendors::{is_nobodys, national};
use crate::world::{Identity, Line, LineKind, World, is_canadian};

const PATH: &str = "/v2/PhoneNumbers/";

pub(super) struct Twilio {
    world: Arc<World>,
    settings: VendorSettings,
}

impl Twilio {
    pub(super) fn new(world: Arc<World>, settings: VendorSettings) -> Self {
        Self { world, settings }
    }
}

impl Storefront for Twilio {
    fn vendor(&self) -> Vendor {
        Vendor::Twilio
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        match visit.basic() {
            Some((account, secret)) if !is_nobodys(&account) && !is_nobodys(&secret) => {
                Ok(Account { scope: account.clone(), key: account })
            }
            _ => Err(problem(StatusCode::UNAUTHORIZED, 20_003, "Authentication Error - invalid username")),
        }
    }

    fn serve(&self, visit: &Visit, _account: &Account, _twist: &Twist) -> Served {
        let number = match visit.path.strip_prefix(PATH) {
            Some(number) if visit.method == Method::GET && !number.is_empty() => number,
            _ => {
                let words = format!("The requested resource {} was not found", visit.path);
                return problem(StatusCode::NOT_FOUND, 20_404, &words).into();
            }
        };
        let wants_type =
            visit.param("Fields").split(',').any(|field| field.trim() == "line_type_intelligence");
        let number = match national_number(number) {
            Ok(number) => number,
            Err(reason) => return Reply::ok(&invalid(visit, number, reason)).into(),
        };
        let line = self.world.line(&number);
        let subject = Identity { phone: number.clone(), ..Identity::default() }.subject();
        // Only what is told beyond the format costs.
        let told = wants_type && !is_canadian(&number);
        let charge = Charge {
            subject: subject.clone(),
            what: "lookup",
            units: 1,
            micro_dollars: self.settings.price("lookup"),
        };
        Served {
            reply: Reply::ok(&answer(visit, &line, wants_type)),
            asked: vec![subject],
            charges: told.then_some(charge).into_iter().collect(),
            deliveries: Vec::new(),
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
            // The lookup failed behind the API: 200, and a code where the type would be.
            Refusal::ErrorInside => {
                let digits = visit.path.strip_prefix(PATH).and_then(|number| national_number(number).ok());
                let line = self.world.line(&digits.unwrap_or_default());
                let mut answer = answer(visit, &line, true);
                answer["line_type_intelligence"] = nothing_told(60_600);
                Reply::ok(&answer)
            }
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        matches!(
            fault,
            Fault::RateLimited { .. }
                | Fault::AccountStop { .. }
                | Fault::Outage { .. }
                | Fault::Slow { .. }
                | Fault::Hung { .. }
                | Fault::Cut { .. }
                | Fault::Malformed
                | Fault::ErrorInside
        )
    }
}

/// The ten digits of a North American number, or why it is none.
fn national_number(number: &str) -> Result<String, &'static str> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = match number.strip_prefix('+') {
        Some(_) if !digits.starts_with('1') => return Err("INVALID_COUNTRY_CODE"),
        Some(_) => digits[1..].to_owned(),
        None => digits,
    };
    match digits.len() {
        0 => Err("NOT_A_NUMBER"),
        1..10 => Err("TOO_SHORT"),
        10 if matches!(digits.as_bytes(), [b'2'..=b'9', _, _, b'2'..=b'9', ..]) => Ok(digits),
        10 => Err("INVALID_BUT_POSSIBLE"),
        _ => Err("TOO_LONG"),
    }
}

/// What every answer has, with nothing in it.
fn frame(visit: &Visit) -> Value {
    json!({
        "calling_country_code": null,
        "country_code": null,
        "phone_number": null,
        "national_format": null,
        "valid": false,
        "validation_errors": null,
        "caller_name": null,
        "sim_swap": null,
        "call_forwarding": null,
        "line_status": null,
        "line_type_intelligence": null,
        "identity_match": null,
        "reassigned_number": null,
        "sms_pumping_risk": null,
        "phone_number_quality_score": null,
        "pre_fill": null,
        "url": format!("https://lookups.twilio.com{}", visit.path),
    })
}

fn invalid(visit: &Visit, number: &str, reason: &str) -> Value {
    let mut answer = frame(visit);
    answer["phone_number"] = number.into();
    answer["validation_errors"] = json!([reason]);
    answer
}

fn answer(visit: &Visit, line: &Line, wants_type: bool) -> Value {
    let canadian = is_canadian(&line.number);
    let mut answer = frame(visit);
    answer["calling_country_code"] = "1".into();
    answer["country_code"] = if canadian { "CA" } else { "US" }.into();
    answer["phone_number"] = line.e164().into();
    answer["national_format"] = national(line).into();
    answer["valid"] = true.into();
    answer["validation_errors"] = json!([]);
    if wants_type && canadian {
        answer["line_type_intelligence"] = nothing_told(60_601);
    } else if wants_type {
        answer["line_type_intelligence"] = json!({
            "mobile_country_code": "313",
            "mobile_network_code": "981",
            "carrier_name": line.carrier,
            "type": match line.kind {
                LineKind::Mobile => "mobile",
                LineKind::Landline => "landline",
                LineKind::FixedVoip => "fixedVoip",
                LineKind::NonFixedVoip => "nonFixedVoip",
            },
            "error_code": null,
        });
    }
    answer
}

fn nothing_told(code: u32) -> Value {
    json!({
        "mobile_country_code": null,
        "mobile_network_code": null,
        "carrier_name": null,
        "type": null,
        "error_code": code,
    })
}

fn problem(status: StatusCode, code: u32, message: &str) -> Reply {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({"code": code, "message": message, "more_info": more, "status": status.as_u16()});
    Reply::json(status, &body)
}
