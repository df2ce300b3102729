//! What SignalHouse posts \[V\]: `{timestamp, event, identifier, metaData}`, a text that came in wrapped under
//! `metaData.Message`, a report flat in `metaData`. Its notifications have the same shape.

use chrono::{DateTime, Utc};
use domain::message::MessageStatus;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Delivery, Parsed, WebhookFault};
use crate::sms::call::{id, is_id, small, text};
use crate::sms::signalhouse::{failure_code, status};
use crate::sms::{Party, SmsEvent, StatusReport};

pub(super) fn parse(delivery: &Delivery<'_>) -> Result<Parsed, WebhookFault> {
    let body: Value = serde_json::from_slice(delivery.body).map_err(|_| WebhookFault::Unreadable)?;
    if !body.is_object() {
        return Err(WebhookFault::Unreadable);
    }
    let (event, _) = event(&body);
    let event = event.ok_or(WebhookFault::Lacks("event, identifier or message"))?;
    let told = delivery.header("x-signalhouse-delivery-id").filter(|told| is_id(told));
    let delivery_key = match told {
        Some(told) => told.to_owned(),
        // Not known to happen; the same words are the same delivery.
        None => format!("sha256:{}", hex::encode(Sha256::digest(delivery.body))),
    };
    Ok(Parsed { delivery_key, events: vec![event] })
}

/// What an event says, and when it happened. `None` for one that lacks what it needs to mean anything.
pub(in crate::sms) fn event(body: &Value) -> (Option<SmsEvent>, Option<DateTime<Utc>>) {
    let at = body.get("timestamp").or_else(|| body.get("createdAt")).and_then(instant);
    let Some(name) = body.get("event").or_else(|| body.get("eventType")).and_then(Value::as_str) else {
        return (None, at);
    };
    let nothing = Value::Null;
    let about = body.get("metaData").unwrap_or(&nothing);
    let event = match name {
        "MESSAGE_RECEIVED" => received(body, about, at),
        name if name.starts_with("MESSAGE_") => reported(body, name, about, at),
        name => Some(other(name)),
    };
    (event, at)
}

fn received(body: &Value, about: &Value, at: Option<DateTime<Utc>>) -> Option<SmsEvent> {
    // Wrapped; and flat, should the vendor ever make both alike.
    let message = about.get("Message").unwrap_or(about);
    Some(SmsEvent::Received {
        external_id: id(body, "identifier").or_else(|| id(message, "_id"))?,
        from: party(message, "senderPhoneNumber")?,
        to: party(message, "recipientPhoneNumber")?,
        text: message.get("messageBody").and_then(Value::as_str).unwrap_or_default().into(),
        // It answers keywords by itself and does not say so.
        opt_out: None,
        at,
    })
}

fn reported(body: &Value, name: &str, about: &Value, at: Option<DateTime<Utc>>) -> Option<SmsEvent> {
    let about = about.get("Message").unwrap_or(about);
    let told = about.get("status").and_then(Value::as_str).and_then(status);
    let status = match name {
        "MESSAGE_DELIVERED" => MessageStatus::Delivered,
        "MESSAGE_FAILED" => MessageStatus::Failed,
        "MESSAGE_SENT" => MessageStatus::Sent,
        _ => match told {
            Some(told) => told,
            None => return Some(other(name)),
        },
    };
    let external_id = id(body, "identifier").or_else(|| id(about, "_id"))?;
    Some(SmsEvent::Status(StatusReport {
        error_code: (status == MessageStatus::Failed).then(|| failure_code(about)),
        segments: small(about, "segmentCount"),
        at,
        ..StatusReport::of(external_id, status)
    }))
}

fn other(name: &str) -> SmsEvent {
    let is_name = name.len() <= 60 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    SmsEvent::Other { name: if is_name && !name.is_empty() { name } else { "unknown" }.to_owned() }
}

/// A number, or the first of several.
fn party(message: &Value, field: &str) -> Option<Party> {
    let value = message.get(field)?;
    let first = value.get(0).unwrap_or(value);
    let text = match first {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => text(message, field)?,
    };
    (!text.trim().is_empty()).then(|| Party::read(&text))
}

/// Milliseconds since 1970, or a date as RFC 3339 has it.
fn instant(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::Number(number) => DateTime::from_timestamp_millis(number.as_i64()?),
        Value::String(text) => match text.parse() {
            Ok(millis) => DateTime::from_timestamp_millis(millis),
            Err(_) => DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc()),
        },
        _ => None,
    }
}
