//! SignalHouse, API version 2 [V: the vendor's SDK 1.5.1 and its guides].
//!
//! A key as `Authorization: Bearer`, `Idempotency-Key` on what must not happen twice (the same key and request replay the
//! first answer). Numbers are digits without a plus. What its documents do not tell is marked where it is used.

mod reply;
mod request;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::message::MessageStatus;
use serde_json::Value;

use super::call::{Caller, SendAnswer};
use super::{
    Bought, Found, MissedEvents, NumberOffer, OutgoingText, OwnedNumber, SendOutcome, SmsEvent, SmsFault,
    SmsProvider, SmsProviderId, Sought, StatusReport,
};
pub(super) use request::Requests;

/// Where version 2 is \[V\].
pub(super) const BASE_URL: &str = "https://v2.signalhouse.io";

/// The most of anything a page holds [V for notifications, K for the others].
const PAGE: usize = 100;

/// How far the vendor's clock may be behind ours.
const CLOCKS: chrono::TimeDelta = chrono::TimeDelta::seconds(120);

const NAME: &str = SmsProviderId::SignalHouse.as_str();

/// SignalHouse.
#[derive(Debug)]
pub(super) struct SignalHouse {
    requests: Requests,
    caller: Caller,
    settle: Duration,
}

impl SignalHouse {
    pub(super) const fn new(requests: Requests, caller: Caller, settle: Duration) -> Self {
        Self { requests, caller, settle }
    }

    fn group(&self) -> Result<&str, SmsFault> {
        let setting = "REFINERY_SIGNALHOUSE_GROUP_ID";
        self.requests.group_id.as_deref().ok_or(SmsFault::NotConfigured { provider: NAME, setting })
    }
}

#[async_trait]
impl SmsProvider for SignalHouse {
    fn id(&self) -> SmsProviderId {
        SmsProviderId::SignalHouse
    }

    async fn send(&self, text: &OutgoingText) -> SendOutcome {
        let outcome = match self.caller.send(self.requests.send(text)).await {
            SendAnswer::Ended(outcome) => outcome,
            SendAnswer::Came(answer) => reply::outcome(&answer, &text.to),
        };
        tracing::debug!(provider = NAME, ended = outcome.as_str(), "handed a text to a vendor");
        outcome
    }

    /// By the message list, which needs the group and both dates \[V\], and of what it holds by the delivery report, which
    /// knows the carrier's word for about 48 hours \[V\].
    async fn find(&self, sought: &Sought) -> Result<Found, SmsFault> {
        let now = Utc::now();
        let from = sought.since - CLOCKS;
        let request = self.requests.list(self.group()?, sought, from, now + CLOCKS, PAGE);
        let page = self.caller.ask(request).await?;
        let listed = reply::list(&page).ok_or(SmsFault::Unreadable { provider: NAME })?;
        let ours = listed.iter().filter_map(|message| reply::is_sought(message, sought, from));
        if let Some(report) = ours.min_by_key(|report| report.at) {
            return Ok(Found::Message(report));
        }
        let settled = (now - sought.since).to_std().is_ok_and(|age| age >= self.settle);
        Ok(if settled && listed.len() < PAGE { Found::Absent } else { Found::NotYetCertain })
    }

    async fn reports(&self, external_ids: &[String]) -> Result<Vec<StatusReport>, SmsFault> {
        let mut reports = Vec::with_capacity(external_ids.len());
        for ids in external_ids.chunks(PAGE) {
            let answer = self.caller.ask(self.requests.reports(ids)).await?;
            let listed = reply::list(&answer).ok_or(SmsFault::Unreadable { provider: NAME })?;
            reports.extend(listed.iter().filter_map(reply::report));
        }
        Ok(reports)
    }

    /// The notifications, which are written before a webhook is even tried \[V\]; newest first \[K\], so pages are read until
    /// one is older than wanted.
    async fn events_since(&self, since: DateTime<Utc>, page: Option<&str>) -> Result<MissedEvents, SmsFault> {
        let number: u32 = page.and_then(|page| page.parse().ok()).unwrap_or(1);
        let answer = self.caller.ask(self.requests.notifications(self.group()?, number, PAGE)).await?;
        let listed = reply::list(&answer).ok_or(SmsFault::Unreadable { provider: NAME })?;
        let mut older = false;
        let mut events: Vec<SmsEvent> = Vec::with_capacity(listed.len());
        for notification in listed {
            let (event, at) = super::webhook::signalhouse_event(notification);
            match at {
                Some(at) if at < since => older = true,
                _ => events.extend(event),
            }
        }
        let next = (listed.len() == PAGE && !older).then(|| (number + 1).to_string());
        Ok(MissedEvents { events, next })
    }

    async fn numbers(&self) -> Result<Vec<OwnedNumber>, SmsFault> {
        let mut numbers = Vec::new();
        for page in 1.. {
            let answer = self.caller.ask(self.requests.numbers(self.group()?, page, PAGE)).await?;
            let listed = reply::list(&answer).ok_or(SmsFault::Unreadable { provider: NAME })?;
            numbers.extend(listed.iter().filter_map(reply::number));
            if listed.len() < PAGE {
                break;
            }
        }
        Ok(numbers)
    }

    async fn offers(&self, area_code: &str, most: u16) -> Result<Vec<NumberOffer>, SmsFault> {
        let answer = self.caller.ask(self.requests.offers(area_code, most)).await?;
        let listed = reply::list(&answer).ok_or(SmsFault::Unreadable { provider: NAME })?;
        let offers = listed.iter().filter_map(reply::offer);
        Ok(offers.filter(|offer| offer.number.area_code() == area_code).take(usize::from(most)).collect())
    }

    /// Queued there; what became of it comes by webhook (`NUMBER_PURCHASE_SUCCESSFUL`, `_FAILED`) and by the list of
    /// numbers \[V\].
    async fn buy(&self, offer: &NumberOffer, key: &str, _hook: Option<&str>) -> Result<Bought, SmsFault> {
        let setting = "REFINERY_SIGNALHOUSE_SUBGROUP_ID";
        let subgroup = self.requests.subgroup_id.as_deref();
        let subgroup = subgroup.ok_or(SmsFault::NotConfigured { provider: NAME, setting })?;
        let ordered = self.caller.order(self.requests.buy(offer, subgroup, key)).await?;
        Ok(if ordered.is_some() { Bought::Ordered } else { Bought::Unknown })
    }
}

/// What SignalHouse calls a status \[V\]; `None` for a word that is none of its.
pub(super) fn status(word: &str) -> Option<MessageStatus> {
    match word {
        "ENQUEUED" | "DEQUEUED" => Some(MessageStatus::Queued),
        "SENT" => Some(MessageStatus::Sent),
        "DELIVERED" => Some(MessageStatus::Delivered),
        "FAILED" => Some(MessageStatus::Failed),
        _ => None,
    }
}

/// The code of a failure: the vendor's own, or the word for what its reason is about.
pub(super) fn failure_code(value: &Value) -> String {
    let own = super::call::text(value, "errorCode").and_then(|code| super::codes::code_like(&code));
    own.unwrap_or_else(|| {
        let reason = super::call::text(value, "successOrFailureReason").unwrap_or_default();
        super::codes::of_reason(&reason).to_owned()
    })
}
