//! What Twilio answers.

use chrono::{DateTime, Utc};
use domain::message::MessageStatus;
use domain::money::MicroDollars;
use serde_json::Value;

use super::status;
use crate::sms::call::{http_code, id, pause, small, text};
use crate::sms::codes::code_like;
use crate::sms::{
    NumberOffer, OwnedNumber, Party, RefusalAction, SendOutcome, SmsEvent, SmsProviderId, Sought,
    StatusReport,
};
use crate::transport::Answer;

/// What accounts on trial put before every text \[K\].
const TRIAL: &str = "Sent from your Twilio trial account - ";

/// How a send ended.
pub(super) fn outcome(answer: &Answer) -> SendOutcome {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    if (200..300).contains(&answer.status) {
        let taken = body.as_ref().and_then(taken);
        return taken.unwrap_or(SendOutcome::Unknown { why: "unreadable".to_owned() });
    }
    let code = body.as_ref().and_then(|body| code_like(&text(body, "code")?));
    let known = code.as_deref().map(|code| SmsProviderId::Twilio.action(code));
    match (answer.status, code) {
        (429, _) => SendOutcome::RateLimited { retry_after: pause(answer) },
        (_, Some(code)) if code == "20429" => SendOutcome::RateLimited { retry_after: pause(answer) },
        (_, Some(code)) if SmsProviderId::Twilio.stops_account(&code) => SendOutcome::AccountStop { code },
        // It failed behind having taken it, perhaps.
        (status @ (408 | 500..=599), _) => SendOutcome::Unknown { why: http_code(status) },
        (_, Some(code)) if known == Some(RefusalAction::Reconcile) => SendOutcome::Unknown { why: code },
        (401..=403, code) if known.is_none_or(|known| known == RefusalAction::GiveUp) => {
            SendOutcome::AccountStop { code: code.unwrap_or_else(|| http_code(answer.status)) }
        }
        (status, code) => SendOutcome::Refused {
            code: code.unwrap_or_else(|| http_code(status)),
            action: known.unwrap_or(RefusalAction::GiveUp),
        },
    }
}

/// What a 2xx says; `None` where it says nothing.
fn taken(message: &Value) -> Option<SendOutcome> {
    let report = report(message)?;
    if report.status == MessageStatus::Failed {
        let code = report.error_code.unwrap_or_else(|| "failed".to_owned());
        let action = SmsProviderId::Twilio.action(&code);
        return Some(SendOutcome::Refused { code, action });
    }
    let StatusReport { external_id, segments, price, .. } = report;
    Some(SendOutcome::Accepted { external_id, segments, price })
}

/// The elements of a page.
pub(super) fn list<'a>(page: &'a Value, name: &str) -> Option<&'a Vec<Value>> {
    page.get(name)?.as_array()
}

/// The path of the page after it.
pub(super) fn next_page(page: &Value) -> Option<String> {
    page.get("next_page_uri")?.as_str().filter(|next| !next.is_empty()).map(str::to_owned)
}

/// What is known of a message that went out.
pub(super) fn report(message: &Value) -> Option<StatusReport> {
    let external_id = id(message, "sid")?;
    let status = status(message.get("status")?.as_str()?)?;
    Some(StatusReport {
        error_code: text(message, "error_code").and_then(|code| code_like(&code)),
        // "0" while a service has not chosen [V].
        segments: small(message, "num_segments"),
        price: price(message),
        at: updated(message),
        ..StatusReport::of(external_id, status)
    })
}

/// What is known of a message, if it is the one that is looked for.
pub(super) fn is_sought(message: &Value, sought: &Sought, from: DateTime<Utc>) -> Option<StatusReport> {
    let is_to = text(message, "to").is_some_and(|to| Party::read(&to).phone() == Some(&sought.to));
    let says = message.get("body").and_then(Value::as_str).unwrap_or_default();
    let says = says.strip_prefix(TRIAL).unwrap_or(says);
    let since = date(message, "date_created").is_none_or(|at| at >= from);
    if !is_to || !since || says.trim() != sought.text.expose().trim() {
        return None;
    }
    report(message).filter(|report| !sought.accounted.contains(&report.external_id))
}

/// When the vendor last touched it.
pub(super) fn updated(message: &Value) -> Option<DateTime<Utc>> {
    date(message, "date_updated").or_else(|| date(message, "date_created"))
}

/// A message of the list, whichever way it went.
pub(super) fn event(message: &Value) -> Option<SmsEvent> {
    if text(message, "direction")? != "inbound" {
        return report(message).map(SmsEvent::Status);
    }
    Some(SmsEvent::Received {
        external_id: id(message, "sid")?,
        from: Party::read(&text(message, "from")?),
        to: Party::read(&text(message, "to")?),
        text: message.get("body").and_then(Value::as_str).unwrap_or_default().into(),
        // The list does not tell it.
        opt_out: None,
        at: date(message, "date_created"),
    })
}

/// A number of ours.
pub(super) fn number(value: &Value) -> Option<OwnedNumber> {
    let sms = value.get("capabilities").and_then(|able| able.get("sms").or_else(|| able.get("SMS")));
    Some(OwnedNumber {
        number: *Party::read(&text(value, "phone_number")?).phone()?,
        external_id: id(value, "sid"),
        ready: sms.and_then(Value::as_bool).unwrap_or(false),
        campaign: None,
    })
}

/// A number that can be bought.
pub(super) fn offer(value: &Value) -> Option<NumberOffer> {
    let state = text(value, "region").and_then(|state| code_like(&state)).filter(|state| state.len() == 2);
    Some(NumberOffer { number: *Party::read(&text(value, "phone_number")?).phone()?, state })
}

/// What it cost: `"-0.00790"`, of the account's money, filled in some time after sending.
fn price(message: &Value) -> Option<MicroDollars> {
    let dollars = text(message, "price_unit").is_none_or(|unit| unit.eq_ignore_ascii_case("USD"));
    let amount = text(message, "price").filter(|_| dollars)?;
    amount.trim_start_matches('-').parse().ok()
}

/// A date as RFC 2822 has it \[V\].
fn date(message: &Value, field: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(message.get(field)?.as_str()?).ok().map(|at| at.to_utc())
}
