//! Twilio Messages and phone numbers, API version 2010-04-01 [V: the vendor's documents and SDK].
//!
//! Basic authentication with account and token, forms in, JSON out. There is no idempotency key for messages \[K\]: whatever
//! is unknown must be looked for.

mod reply;
mod request;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::message::MessageStatus;
use futures::future::try_join_all;

use super::call::{Caller, SendAnswer, is_id};
use super::{
    Bought, Found, MissedEvents, NumberOffer, OutgoingText, OwnedNumber, SendOutcome, SmsEvent, SmsFault,
    SmsProvider, SmsProviderId, Sought, StatusReport,
};
pub(super) use request::Requests;

/// Where the API is \[V\].
pub(super) const BASE_URL: &str = "https://api.twilio.com";

/// The most of anything a page holds that is asked for; the vendor allows 1000 \[V\].
const PAGE: usize = 100;

/// How far the vendor's clock may be behind ours.
const CLOCKS: chrono::TimeDelta = chrono::TimeDelta::seconds(120);

/// Messages that are asked about at once.
const AT_ONCE: usize = 8;

const NAME: &str = SmsProviderId::Twilio.as_str();

/// Twilio.
#[derive(Debug)]
pub(super) struct Twilio {
    requests: Requests,
    caller: Caller,
    settle: Duration,
}

impl Twilio {
    pub(super) const fn new(requests: Requests, caller: Caller, settle: Duration) -> Self {
        Self { requests, caller, settle }
    }

    async fn report(&self, external_id: &str) -> Result<Option<StatusReport>, SmsFault> {
        if !is_id(external_id) {
            return Ok(None);
        }
        match self.caller.ask(self.requests.message(external_id)).await {
            Ok(message) => Ok(reply::report(&message)),
            Err(SmsFault::Refused { code, .. }) if code == "http_404" => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

#[async_trait]
impl SmsProvider for Twilio {
    fn id(&self) -> SmsProviderId {
        SmsProviderId::Twilio
    }

    async fn send(&self, text: &OutgoingText) -> SendOutcome {
        let outcome = match self.caller.send(self.requests.send(text)).await {
            SendAnswer::Ended(outcome) => outcome,
            SendAnswer::Came(answer) => reply::outcome(&answer),
        };
        tracing::debug!(provider = NAME, ended = outcome.as_str(), "handed a text to a vendor");
        outcome
    }

    /// By the list of messages to that number. It is not narrowed by `DateSent`, which a message that is still queued does
    /// not have \[K\]; `date_created` is compared here instead.
    async fn find(&self, sought: &Sought) -> Result<Found, SmsFault> {
        let page = self.caller.ask(self.requests.list_to(sought, PAGE)).await?;
        let listed = reply::list(&page, "messages").ok_or(SmsFault::Unreadable { provider: NAME })?;
        let from = sought.since - CLOCKS;
        let ours = listed.iter().filter_map(|message| reply::is_sought(message, sought, from));
        if let Some(report) = ours.min_by_key(|report| report.at) {
            return Ok(Found::Message(report));
        }
        let settled = (Utc::now() - sought.since).to_std().is_ok_and(|age| age >= self.settle);
        Ok(if settled && listed.len() < PAGE { Found::Absent } else { Found::NotYetCertain })
    }

    /// One call each: there is no list by ids.
    async fn reports(&self, external_ids: &[String]) -> Result<Vec<StatusReport>, SmsFault> {
        let mut reports = Vec::with_capacity(external_ids.len());
        for ids in external_ids.chunks(AT_ONCE) {
            let mut asked = Vec::with_capacity(ids.len());
            for id in ids {
                asked.push(self.report(id));
            }
            reports.extend(try_join_all(asked).await?.into_iter().flatten());
        }
        Ok(reports)
    }

    /// The list of messages from that day on, newest first \[K\].
    async fn events_since(&self, since: DateTime<Utc>, page: Option<&str>) -> Result<MissedEvents, SmsFault> {
        let request = self.requests.list_since(since, page, PAGE);
        let page = self.caller.ask(request).await?;
        let listed = reply::list(&page, "messages").ok_or(SmsFault::Unreadable { provider: NAME })?;
        let mut older = false;
        let mut events: Vec<SmsEvent> = Vec::with_capacity(listed.len());
        for message in listed {
            match reply::updated(message) {
                Some(at) if at < since => older = true,
                _ => events.extend(reply::event(message)),
            }
        }
        let next = reply::next_page(&page).filter(|next| !older && self.requests.is_own(next));
        Ok(MissedEvents { events, next })
    }

    async fn numbers(&self) -> Result<Vec<OwnedNumber>, SmsFault> {
        let (mut numbers, mut next) = (Vec::new(), None);
        loop {
            let page = self.caller.ask(self.requests.numbers(next.as_deref(), PAGE)).await?;
            let listed = reply::list(&page, "incoming_phone_numbers");
            let listed = listed.ok_or(SmsFault::Unreadable { provider: NAME })?;
            numbers.extend(listed.iter().filter_map(reply::number));
            next = reply::next_page(&page).filter(|next| self.requests.is_own(next));
            if next.is_none() || listed.is_empty() {
                return Ok(numbers);
            }
        }
    }

    async fn offers(&self, area_code: &str, most: u16) -> Result<Vec<NumberOffer>, SmsFault> {
        let page = self.caller.ask(self.requests.offers(area_code, most)).await?;
        let listed = reply::list(&page, "available_phone_numbers");
        let listed = listed.ok_or(SmsFault::Unreadable { provider: NAME })?;
        let offers = listed.iter().filter_map(reply::offer);
        Ok(offers.filter(|offer| offer.number.area_code() == area_code).take(usize::from(most)).collect())
    }

    /// The vendor knows of no key: a number that was bought twice is refused, since it is no longer for sale.
    async fn buy(&self, offer: &NumberOffer, _key: &str, hook: Option<&str>) -> Result<Bought, SmsFault> {
        let bought = self.caller.order(self.requests.buy(offer, hook)).await?;
        Ok(bought.as_ref().and_then(reply::number).map_or(Bought::Unknown, Bought::Now))
    }
}

/// What Twilio calls a status \[V\]; `None` for inbound ones and words that are none of its.
pub(super) fn status(word: &str) -> Option<MessageStatus> {
    match word {
        "accepted" | "scheduled" | "queued" | "sending" => Some(MessageStatus::Queued),
        "sent" => Some(MessageStatus::Sent),
        "delivered" | "read" => Some(MessageStatus::Delivered),
        "undelivered" | "partially_delivered" => Some(MessageStatus::Undelivered),
        "failed" | "canceled" => Some(MessageStatus::Failed),
        _ => None,
    }
}
