//! Asking for a page: once, within every limit, and with the outcome written down before anything is made of it.

use std::sync::Arc;

use bytes::Bytes;
use domain::FailureCode;
use domain::id::ProviderCallId;
use domain::money::MicroDollars;
use entities::budget;
use entities::enrichment::raw_results::{self, Counts, NewResult};
use entities::provider_call::{self, CallState, Finished};
use futures::FutureExt;
use providers::enrichment::Verdict;
use providers::lists::{ListOutcome, ListPage, ListQuestion, ListSource, ListWindow};
use tokio_util::sync::CancellationToken;
use workflows::pull::PullRef;

use super::account;
use super::leave::{self, Left};
use crate::enrich::again::again;
use crate::{Fault, Resources};

/// One page to be asked for.
pub(super) struct Asking {
    pub(super) resources: Resources,
    pub(super) source: Arc<dyn ListSource>,
    pub(super) pull: PullRef,
    pub(super) question: ListQuestion,
    pub(super) window: ListWindow,
    pub(super) page: u32,
    /// Who asks: each attempt for itself, so that none takes the call of another for its own.
    pub(super) claimed_by: String,
    /// Set when nobody waits for the page any more: what has not left does not leave.
    pub(super) given_up: CancellationToken,
}

impl Asking {
    /// The vendor whose account pays.
    pub(super) fn word(&self) -> &'static str {
        self.source.id().provider().as_str()
    }

    /// The most the page can cost.
    pub(super) fn most(&self) -> MicroDollars {
        MicroDollars::new(self.source.capabilities().price_micros.saturating_mul(self.window.take.into()))
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.is_cancelled()
    }
}

/// The page: from the vendor, or as it was kept when an earlier attempt asked for it.
pub(super) async fn page(asking: &Asking) -> Result<ListPage, Fault> {
    let call = match leave::leave(asking).await? {
        Left::Answered(call) => return kept(asking, call).await,
        Left::Now(call) => call,
    };
    let timeout = asking.resources.vendors.policy.call_timeout;
    let outcome = asking.source.fetch(&asking.question, asking.window, timeout).await;
    again(|| record(asking, call, &outcome).boxed()).await?;
    outcome.page.map_err(|verdict| fault(asking, &verdict))
}

/// A page that was asked for, paid and kept before it could be stored.
async fn kept(asking: &Asking, call: ProviderCallId) -> Result<ListPage, Fault> {
    let mut tx = asking.resources.db.team_bulk(asking.pull.team).await?;
    let parts = raw_results::of_call(&mut tx, call).await?;
    tx.commit().await?;
    let Some(part) = parts.first() else { return Err(refused(asking, "by an earlier answer")) };
    let body = asking.resources.vendors.keys.open(&part.key_id, &part.raw).map_err(|error| {
        let what =
            format!("a kept page cannot be decrypted: {error}; put its key back into REFINERY_PAYLOAD_KEYS");
        Fault::permanent(FailureCode::SystemInternal, what).because(error)
    })?;
    asking.source.read(&body).map_err(|verdict| fault(asking, &verdict))
}

/// Writes down how the call ended: the ledger, the money, the answer itself, and what it says of the account.
async fn record(asking: &Asking, call: ProviderCallId, outcome: &ListOutcome) -> Result<(), Fault> {
    let status = outcome.status.and_then(|status| i16::try_from(status).ok());
    let mut tx = asking.resources.db.team_bulk(asking.pull.team).await?;
    let (state, verdict, cost) = match &outcome.page {
        Ok(page) => {
            let records = i64::try_from(page.records.len()).unwrap_or(i64::MAX);
            let cost = asking.source.capabilities().price_micros.saturating_mul(records);
            let state = if page.records.is_empty() { CallState::NoMatch } else { CallState::Match };
            (Some(state), "page", cost)
        }
        Err(verdict) => match verdict {
            Verdict::RateLimited { .. } | Verdict::Transient { .. } | Verdict::AccountStop { .. } => {
                (None, verdict.as_str(), 0)
            }
            Verdict::Unknown { charged, .. } => {
                (Some(CallState::Unknown), verdict.as_str(), charged.micros())
            }
            other => (Some(CallState::Permanent), other.as_str(), 0),
        },
    };
    let cost = MicroDollars::new(cost);
    match state {
        None => {
            provider_call::give_back(&mut tx, call, &asking.claimed_by, verdict, status).await?;
            budget::release(&mut tx, call).await?;
        }
        Some(state) => {
            let end = Finished {
                state,
                verdict,
                http_status: status,
                request_id: None,
                batch: None,
                cost,
                took: None,
            };
            provider_call::finish(&mut tx, call, end).await?;
            budget::settle(&mut tx, call, cost).await?;
        }
    }
    if outcome.page.is_ok() {
        keep(asking, &mut tx, call, &outcome.raw).await?;
    }
    account::note(&mut tx, asking, outcome).await?;
    tx.commit().await?;
    Ok(())
}

/// Keeps the body, encrypted: what was paid for is not lost with a worker.
async fn keep(
    asking: &Asking,
    tx: &mut entities::BulkTransaction,
    call: ProviderCallId,
    body: &Bytes,
) -> Result<(), Fault> {
    let sealed = asking.resources.vendors.keys.seal(body);
    let (key_id, raw) = sealed.map_err(|error| Fault::transient(FailureCode::SystemUnavailable, error))?;
    let new = NewResult {
        call,
        part: 0,
        provider: asking.word(),
        persona: None,
        lead: None,
        raw: &raw,
        key_id: &key_id,
        counts: Counts::default(),
    };
    raw_results::keep(tx, new).await?;
    Ok(())
}

/// What a verdict that is no page means for the activity.
fn fault(asking: &Asking, verdict: &Verdict) -> Fault {
    let word = asking.word();
    let policy = &asking.resources.vendors.policy;
    match verdict {
        Verdict::RateLimited { retry_after } => {
            let wait = retry_after.unwrap_or(policy.default_retry_after);
            let what = format!("{word} wants to be left alone for {wait:?}");
            Fault::transient(FailureCode::EnrichRateLimited, what).retry_after(wait)
        }
        Verdict::Transient { detail, retry_after } => {
            let fault =
                Fault::transient(FailureCode::EnrichApiTimeout, format!("{word} did not answer: {detail}"));
            match retry_after {
                Some(wait) => fault.retry_after(*wait),
                None => fault,
            }
        }
        Verdict::AccountStop { detail } => leave::account_stopped(word, detail),
        Verdict::Unknown { why, .. } => lost(asking, why.as_str()),
        Verdict::Permanent { detail } => refused(asking, detail),
        other => refused(asking, other.as_str()),
    }
}

/// Nobody knows what came of the call.
pub(super) fn lost(asking: &Asking, why: &str) -> Fault {
    Fault::permanent(
        FailureCode::EnrichApiTimeout,
        format!(
            "page {} was asked for and its answer did not arrive ({why}): it may have been charged, so it is not asked for \
             again by itself. Make another pull of the same question; it goes on at this page",
            asking.page
        ),
    )
}

fn refused(asking: &Asking, detail: &str) -> Fault {
    let word = asking.word();
    Fault::permanent(
        FailureCode::SystemInternal,
        format!(
            "{word} refuses the question ({detail}); correct its zip_codes, filters or sort and pull again"
        ),
    )
}
