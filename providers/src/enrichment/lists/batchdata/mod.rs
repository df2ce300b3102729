//! BatchData's property search: `POST /api/v1/property/search`, Bearer, `searchCriteria` and `options.take` and `skip`
//! [R: the shape and the short pages; K: the longest page, several ZIP codes in one question, `options.sort`].
//!
//! Its traps: an integrator got 25 records whatever they asked for, so the next page begins after what came and not after
//! what was asked for; records that are added shift the others down while pages are turned; `address` may be `{}`.
//!
//! Charged per record.

mod reply;
mod request;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;

use super::question::MOST_ZIP_CODES;
use super::{
    ListCapabilities, ListOutcome, ListPage, ListQuestion, ListSource, ListSourceId, ListWindow,
    QuestionError,
};
use crate::Secret;
use crate::enrichment::remote::by_status;
use crate::enrichment::{Charged, UnknownWhy, UsageHeaders, Verdict};
use crate::transport::{Sent, Transport};

/// A cent a record [K: nobody documents it; a matter of the contract].
const PRICE_MICROS: i64 = 10_000;

/// The longest page that is asked for. The vendor's own limit is said to be 500 \[K\]; with fewer, less is paid for twice when
/// only the first records are new.
const MOST: u32 = 100;

/// BatchData's property search.
#[derive(Debug)]
pub(super) struct PropertySearch {
    base_url: String,
    key: Secret,
    transport: Arc<Transport>,
}

impl PropertySearch {
    pub(super) const fn new(base_url: String, key: Secret, transport: Arc<Transport>) -> Self {
        Self { base_url, key, transport }
    }

    /// Everything of a call but for the log.
    async fn ask(&self, question: &ListQuestion, window: ListWindow, timeout: Duration) -> ListOutcome {
        // Nobody documents headers that tell of the account's limits.
        let outcome = |page, raw, status| ListOutcome { page, usage: UsageHeaders::default(), raw, status };
        let nothing = |verdict, status| outcome(Err(verdict), Bytes::new(), status);
        if let Err(error) = check(question) {
            return nothing(Verdict::Permanent { detail: error.to_string() }, None);
        }
        let request = match request::search(&self.base_url, &self.key, question, window) {
            Ok(request) => request,
            Err(error) => return nothing(Verdict::Permanent { detail: error.to_string() }, None),
        };
        match self.transport.send(request, timeout).await {
            Sent::NeverLeft(detail) => nothing(Verdict::Transient { detail, retry_after: None }, None),
            Sent::Lost { why, status } => nothing(unknown(why, window.take), status),
            Sent::Answered(answer) => {
                let page = if (200..300).contains(&answer.status) {
                    reply::page(&answer.body, window.take)
                } else {
                    Err(by_status(&answer))
                };
                outcome(page, answer.body, Some(answer.status))
            }
        }
    }
}

/// As many records as were asked for may have been charged.
fn unknown(why: UnknownWhy, take: u32) -> Verdict {
    Verdict::Unknown { why, charged: Charged::Perhaps(PRICE_MICROS * i64::from(take)) }
}

#[async_trait]
impl ListSource for PropertySearch {
    fn id(&self) -> ListSourceId {
        ListSourceId::BatchData
    }

    fn capabilities(&self) -> ListCapabilities {
        ListCapabilities { most_records: MOST, price_micros: PRICE_MICROS }
    }

    async fn fetch(&self, question: &ListQuestion, window: ListWindow, timeout: Duration) -> ListOutcome {
        let started = Instant::now();
        let outcome = self.ask(question, window, timeout).await;
        tracing::info!(
            provider = %self.id(),
            status = outcome.status,
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            skip = window.skip,
            take = window.take,
            records = outcome.page.as_ref().map_or(0, |page| page.records.len()),
            ended = outcome.page.as_ref().map_or_else(Verdict::as_str, |_| "page"),
            "asked a vendor for a list"
        );
        outcome
    }

    fn read(&self, body: &[u8]) -> Result<ListPage, Verdict> {
        reply::page(body, MOST)
    }
}

/// See [`ListSourceId::check`].
pub(super) fn check(question: &ListQuestion) -> Result<(), QuestionError> {
    if question.zip_codes.len() > MOST_ZIP_CODES {
        return Err(QuestionError::new("/zip_codes", format!("at most {MOST_ZIP_CODES} in one question")));
    }
    let is_zip = |zip: &String| zip.len() == 5 && zip.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(zip) = question.zip_codes.iter().find(|zip| !is_zip(zip)) {
        return Err(QuestionError::new("/zip_codes", format!("{zip:?} is not five digits")));
    }
    for (name, what) in [("query", "/filters/query"), ("address", "/filters/address")] {
        if question.filters.contains_key(name) && !question.zip_codes.is_empty() {
            return Err(QuestionError::new(what, "says where, and so do zip_codes; leave one of them out"));
        }
    }
    if question.zip_codes.is_empty() && question.filters.is_empty() {
        return Err(QuestionError::new("/filters", "must say something where there are no zip_codes"));
    }
    if !matches!(question.sort, Value::Null | Value::String(_) | Value::Object(_)) {
        return Err(QuestionError::new("/sort", "must be null, a text or an object, in the vendor's words"));
    }
    Ok(())
}
