//! Lookup v2: `GET /v2/PhoneNumbers/{number}?Fields=line_type_intelligence`. A number that is none is no error: it is answered
//! with `valid: false`. The line type of a Canadian number is told to approved accounts only: 60601.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Twilio, not_found};
use crate::front::{Reply, Served, Visit};
use crate::ledger::Charge;
use crate::vendors::national;
use crate::world::{Identity, Line, LineKind, is_canadian};

pub(super) const PATH: &str = "/v2/PhoneNumbers/";

impl Twilio {
    pub(super) fn look_up(&self, visit: &Visit) -> Served {
        let number = match visit.path.strip_prefix(PATH) {
            Some(number) if visit.method == Method::GET && !number.is_empty() => number,
            _ => return not_found(visit).into(),
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

    /// The lookup failed behind the API: 200, and a code where the type would be.
    pub(super) fn failed_behind(&self, visit: &Visit) -> Reply {
        let digits = visit.path.strip_prefix(PATH).and_then(|number| national_number(number).ok());
        let line = self.world.line(&digits.unwrap_or_default());
        let mut answer = answer(visit, &line, true);
        answer["line_type_intelligence"] = nothing_told(60_600);
        Reply::ok(&answer)
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
