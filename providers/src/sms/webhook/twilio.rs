//! What Twilio posts \[V\]: forms; a text that came in, and what became of one that went out. Names are in any order and new
//! ones come without notice.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{Delivery, Parsed, WebhookFault};
use crate::sms::call::is_id;
use crate::sms::codes::code_like;
use crate::sms::twilio::status;
use crate::sms::{OptOutType, Party, SmsEvent, StatusReport};

pub(super) fn parse(delivery: &Delivery<'_>) -> Result<Parsed, WebhookFault> {
    if !delivery.is_form() {
        return Err(WebhookFault::Unreadable);
    }
    let form = Form(form_urlencoded::parse(delivery.body).collect());
    let sid = ["MessageSid", "SmsSid", "SmsMessageSid"].iter().find_map(|name| form.get(name));
    let sid = sid.filter(|sid| is_id(sid)).ok_or(WebhookFault::Lacks("MessageSid"))?;
    let word = form.get("MessageStatus").or_else(|| form.get("SmsStatus")).unwrap_or_default();
    let is_inbound = matches!(word, "received" | "receiving") || (word.is_empty() && form.has("Body"));
    if is_inbound { received(&form, sid) } else { reported(&form, sid, word) }
}

/// A call that comes in: asked once when it rings, and posted again as it goes on; all of that is one call. What calls us
/// without a number (`anonymous`) is nobody's.
pub(super) fn parse_call(delivery: &Delivery<'_>) -> Result<Parsed, WebhookFault> {
    if !delivery.is_form() {
        return Err(WebhookFault::Unreadable);
    }
    let form = Form(form_urlencoded::parse(delivery.body).collect());
    let sid = form.get("CallSid").filter(|sid| is_id(sid)).ok_or(WebhookFault::Lacks("CallSid"))?;
    if form.get("Direction").is_some_and(|direction| direction != "inbound") {
        let event = SmsEvent::Other { name: "outbound_call".to_owned() };
        return Ok(Parsed { delivery_key: format!("{sid}:outbound"), events: vec![event] });
    }
    let event = SmsEvent::Called {
        external_id: sid.to_owned(),
        from: Party::read(form.get("From").ok_or(WebhookFault::Lacks("From"))?),
        to: Party::read(form.get("To").ok_or(WebhookFault::Lacks("To"))?),
    };
    Ok(Parsed { delivery_key: event.key(), events: vec![event] })
}

fn received(form: &Form<'_>, sid: &str) -> Result<Parsed, WebhookFault> {
    let opt_out = form.get("OptOutType").and_then(|word| match word.to_ascii_uppercase().as_str() {
        "STOP" => Some(OptOutType::Stop),
        "START" => Some(OptOutType::Start),
        "HELP" => Some(OptOutType::Help),
        _ => None,
    });
    let event = SmsEvent::Received {
        external_id: sid.to_owned(),
        from: Party::read(form.get("From").ok_or(WebhookFault::Lacks("From"))?),
        to: Party::read(form.get("To").ok_or(WebhookFault::Lacks("To"))?),
        text: form.get("Body").unwrap_or_default().into(),
        opt_out,
        // It is not said when.
        at: None,
    };
    Ok(Parsed { delivery_key: event.key(), events: vec![event] })
}

/// Repeated and out of order; what makes two one is message, status, code and the carrier's date.
fn reported(form: &Form<'_>, sid: &str, word: &str) -> Result<Parsed, WebhookFault> {
    let done = form.get("RawDlrDoneDate").filter(|done| done.bytes().all(|byte| byte.is_ascii_digit()));
    let done = done.filter(|done| done.len() == 10);
    let Some(status) = status(word) else {
        let event = SmsEvent::Other { name: "unknown".to_owned() };
        let word = code_like(word).unwrap_or_else(|| "unknown".to_owned());
        return Ok(Parsed { delivery_key: format!("{sid}:{word}"), events: vec![event] });
    };
    let report = StatusReport {
        error_code: form.get("ErrorCode").filter(|code| *code != "0").and_then(code_like),
        at: done.and_then(carriers_date),
        ..StatusReport::of(sid.to_owned(), status)
    };
    // The vendor's own word, since `sending` and `queued` are one status and two deliveries.
    let mut delivery_key = format!("{sid}:{word}");
    if let Some(code) = &report.error_code {
        delivery_key.push_str(&format!(":{code}"));
        if let Some(done) = done {
            delivery_key.push_str(&format!(":{done}"));
        }
    }
    Ok(Parsed { delivery_key, events: vec![SmsEvent::Status(report)] })
}

/// `YYMMDDhhmm`; in which zone is not said, UTC is \[K\].
fn carriers_date(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, "%y%m%d%H%M").ok().map(|at| at.and_utc())
}

/// The parameters, each with the first of its values that says something.
struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl Form<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_ref());
        values.find(|value| !value.trim().is_empty())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }
}
