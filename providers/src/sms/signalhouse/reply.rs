//! What SignalHouse answers.

use chrono::{DateTime, Utc};
use domain::phone::Phone;
use serde_json::Value;

use super::{failure_code, status};
use crate::sms::call::{http_code, id, pause, small, text};
use crate::sms::codes::code_like;
use crate::sms::{
    NumberOffer, OwnedNumber, Party, RefusalAction, SendOutcome, SmsProviderId, Sought, StatusReport,
};
use crate::transport::Answer;

/// How a send ended. 201 is not acceptance \[V\]: what moderation, an opt-out or the landline filter blocked is 201 too, with
/// `enqueuedCount` 0, and numbers of the global do-not-contact list stand in `dncBlockedNumbers` alone.
pub(super) fn outcome(answer: &Answer, to: &Phone) -> SendOutcome {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    match answer.status {
        200..=299 => match body.as_ref().and_then(|body| taken(body, to)) {
            Some(outcome) => outcome,
            None => SendOutcome::Unknown { why: "unreadable".to_owned() },
        },
        429 => SendOutcome::RateLimited { retry_after: pause(answer) },
        status @ 401..=403 => SendOutcome::AccountStop { code: http_code(status) },
        // The same key is at work already [K], or the vendor failed behind having taken it.
        status @ (408 | 409 | 425 | 500..=599) => SendOutcome::Unknown { why: http_code(status) },
        status => {
            let words = body.as_ref().and_then(|body| text(body, "message")).unwrap_or_default();
            SendOutcome::Refused { code: http_code(status), action: blames(&words) }
        }
    }
}

/// What a 2xx says; `None` where it says nothing.
fn taken(body: &Value, to: &Phone) -> Option<SendOutcome> {
    let enqueued = body.get("enqueuedCount")?.as_u64()?;
    let inserted = body.get("insertedMessages").and_then(|messages| messages.get(0));
    if enqueued >= 1 {
        let inserted = inserted?;
        let external_id = id(inserted, "_id")?;
        return Some(SendOutcome::Accepted {
            external_id,
            segments: small(inserted, "segmentCount"),
            price: None,
        });
    }
    let blocked = body.get("dncBlockedNumbers").and_then(Value::as_array);
    let is_blocked = blocked.is_some_and(|numbers| {
        numbers.iter().filter_map(Value::as_str).any(|number| Party::read(number).phone() == Some(to))
    });
    let code = if is_blocked { "dnc".to_owned() } else { failure_code(inserted?) };
    let action = SmsProviderId::SignalHouse.action(&code);
    Some(SendOutcome::Refused { code, action })
}

/// Whom the words of a 4xx blame, by the fields they name \[K\]. The words are not kept.
fn blames(words: &str) -> RefusalAction {
    let words = words.to_lowercase();
    let speaks_of = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if speaks_of(&["messagebody", "message body"]) {
        RefusalAction::TemplateFault
    } else if speaks_of(&["recipient"]) {
        RefusalAction::GiveUp
    } else if speaks_of(&["sender", "campaign", "brand", "not ready"]) {
        RefusalAction::ConfigStop
    } else {
        RefusalAction::GiveUp
    }
}

/// The elements of a page. Pages are objects with `data` [V for registrations]; that the other names occur is \[K\].
pub(super) fn list(page: &Value) -> Option<&Vec<Value>> {
    let names =
        ["data", "messages", "notifications", "numbers", "phoneNumbers", "rows", "records", "reports"];
    page.as_array().or_else(|| names.iter().find_map(|name| page.get(name)?.as_array()))
}

/// What is known of a message, from the message list or the delivery report.
pub(super) fn report(message: &Value) -> Option<StatusReport> {
    let external_id = id(message, "_id").or_else(|| id(message, "messageId"))?;
    let status = status(message.get("status")?.as_str()?)?;
    let failed = status == domain::message::MessageStatus::Failed;
    Some(StatusReport {
        error_code: failed.then(|| failure_code(message)),
        segments: small(message, "segmentCount"),
        at: at(message),
        ..StatusReport::of(external_id, status)
    })
}

/// What is known of a message, if it is the one that is looked for.
pub(super) fn is_sought(message: &Value, sought: &Sought, from: DateTime<Utc>) -> Option<StatusReport> {
    let recipient = message.get("recipientPhoneNumber");
    let recipient = recipient.and_then(|to| to.as_str().or_else(|| to.get(0)?.as_str()));
    let is_to = recipient.is_some_and(|to| Party::read(to).phone() == Some(&sought.to));
    let says = message.get("messageBody").and_then(Value::as_str).unwrap_or_default();
    let since = at(message).is_none_or(|at| at >= from);
    if !is_to || !since || says.trim() != sought.text.expose().trim() {
        return None;
    }
    report(message).filter(|report| !sought.accounted.contains(&report.external_id))
}

/// When it was made.
fn at(message: &Value) -> Option<DateTime<Utc>> {
    let text = message.get("createdAt").and_then(Value::as_str)?;
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A number of ours.
pub(super) fn number(value: &Value) -> Option<OwnedNumber> {
    let number = *Party::read(&text(value, "phoneNumber")?).phone()?;
    let status = text(value, "status").unwrap_or_default();
    Some(OwnedNumber {
        number,
        external_id: id(value, "_id"),
        ready: status == "READY",
        campaign: text(value, "campaignId").and_then(|campaign| code_like_id(&campaign)),
    })
}

/// A number that can be bought: an object, or the number alone.
pub(super) fn offer(value: &Value) -> Option<NumberOffer> {
    let text_of = value.as_str().map(str::to_owned).or_else(|| text(value, "phoneNumber"))?;
    let state = text(value, "state").and_then(|state| code_like(&state)).filter(|state| state.len() == 2);
    Some(NumberOffer { number: *Party::read(&text_of).phone()?, state })
}

fn code_like_id(text: &str) -> Option<String> {
    crate::sms::call::is_id(text).then(|| text.to_owned())
}
