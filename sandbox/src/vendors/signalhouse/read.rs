//! What can be read back: messages, delivery reports, opt-outs, notifications.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::send::{document, status};
use super::{SignalHouse, bad, digits};
use crate::front::{Reply, Visit};
use crate::texts::{AcceptedText, InboundText, ten_digits};
use crate::vendor::Vendor;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportRequest {
    message_ids: Vec<String>,
}

impl SignalHouse {
    /// Group and both dates are required unless one message is asked for by its id \[V\].
    pub(super) fn messages(&self, visit: &Visit) -> Reply {
        let id = visit.param("id");
        if !id.is_empty() {
            let found = self.network.text(Vendor::SignalHouse, id);
            return Self::page(visit, found.iter().map(shown).collect());
        }
        let bounds = bound(visit, "startDate", false).zip(bound(visit, "endDate", true));
        let Some((from, until)) = bounds.filter(|_| !visit.param("groupId").is_empty()) else {
            return bad("groupId, startDate and endDate are required");
        };
        let (by, to) = (visit.param("senderPhoneNumber"), visit.param("recipientPhoneNumber"));
        let wanted = |sender: &str, recipient: &str, at: DateTime<Utc>| {
            (by.is_empty() || ten_digits(by).as_deref() == Some(sender))
                && (to.is_empty() || ten_digits(to).as_deref() == Some(recipient))
                && at >= from
                && at <= until
        };
        let mut all: Vec<(DateTime<Utc>, Value)> = Vec::new();
        if visit.param("direction") != "INBOUND" {
            let recipient = ten_digits(to);
            let texts = self.network.listed(Vendor::SignalHouse, recipient.as_deref());
            let texts = texts.iter().filter(|text| wanted(&text.from, &text.to, text.at));
            all.extend(texts.map(|text| (text.at, shown(text))));
        }
        if visit.param("direction") != "OUTBOUND" {
            let inbound = self.network.inbound_texts();
            let inbound = inbound.iter().filter(|text| text.vendor == Vendor::SignalHouse);
            let inbound = inbound.filter(|text| wanted(&text.from, &text.to, text.at));
            all.extend(inbound.map(|text| (text.at, received(text))));
        }
        let status = visit.param("status");
        all.retain(|(_, message)| status.is_empty() || message["status"] == status);
        all.sort_by_key(|(at, _)| *at);
        if visit.param("sortOrder") != "asc" {
            all.reverse();
        }
        Self::page(visit, all.into_iter().map(|(_, message)| message).collect())
    }

    /// 1 to 100 ids \[V\]; those that are nobody's are left out \[K\].
    pub(super) fn delivery_report(&self, visit: &Visit) -> Reply {
        let request: ReportRequest = match visit.json() {
            Ok(request) => request,
            Err(words) => return bad(&words),
        };
        if !(1..=100).contains(&request.message_ids.len()) {
            return bad("messageIds must have 1 to 100 elements");
        }
        let found = request.message_ids.iter().filter_map(|id| self.network.text(Vendor::SignalHouse, id));
        let report = |text: AcceptedText| {
            let mut report = shown(&text);
            report["messageId"] = text.id.into();
            report["upstreamReportAvailable"] = true.into();
            report
        };
        Reply::ok(&json!({"data": found.map(report).collect::<Vec<_>>()}))
    }

    pub(super) fn opted_out(&self, visit: &Visit) -> Reply {
        let shown = self.network.opted_out().into_iter().map(|out| {
            json!({
                "recipientPhoneNumber": digits(&out.number),
                "brandId": out.brand,
                "optOutKeyword": out.word,
                "createdAt": out.since,
            })
        });
        Self::page(visit, shown.collect())
    }

    /// Newest first.
    pub(super) fn notifications(&self, visit: &Visit) -> Reply {
        if visit.param("groupId").is_empty() && visit.param("id").is_empty() {
            return bad("id or groupId is required");
        }
        let kinds: Vec<&str> = visit.param("eventTypes").split(',').filter(|kind| !kind.is_empty()).collect();
        let now = Utc::now();
        let state = self.state();
        let mut told: Vec<_> = state.notifications.iter().filter(|told| told.at <= now).collect();
        told.sort_by_key(|told| std::cmp::Reverse(told.at));
        let wanted = told.into_iter().map(|told| told.body.clone()).filter(|body| {
            kinds.is_empty() || body["event"].as_str().is_some_and(|event| kinds.contains(&event))
        });
        Self::page(visit, wanted.collect())
    }
}

/// A text with its status.
fn shown(text: &AcceptedText) -> Value {
    document(text, status(text), text.error_code.as_deref())
}

/// A text that came in.
pub(super) fn received(text: &InboundText) -> Value {
    json!({
        "_id": text.id,
        "senderPhoneNumber": digits(&text.from),
        "recipientPhoneNumber": digits(&text.to),
        "messageBody": text.body,
        "direction": "INBOUND",
        "messageType": "SMS",
        "status": "DELIVERED",
        "createdAt": text.at,
    })
}

/// A date is its whole day, a timestamp, too, unless `dateBounds` is `exact` \[V\].
fn bound(visit: &Visit, name: &str, end: bool) -> Option<DateTime<Utc>> {
    let text = visit.param(name);
    let exact = visit.param("dateBounds") == "exact";
    let instant = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    if let Some(instant) = instant.filter(|_| exact) {
        return Some(instant);
    }
    let day = instant.map(|at| at.date_naive()).or_else(|| text.parse::<NaiveDate>().ok())?;
    let day = if end { day.checked_add_days(Days::new(1))? } else { day };
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}
