//! Writes down what came of calls, as soon as it is known: the ledger, the money, the next step, and what follows for the
//! person, the sender and the campaign.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::FailureCode;
use domain::id::IntentId;
use domain::money::MicroDollars;
use entities::rate_limit;
use entities::send_intent::{self, IntentState, Planned, Settled, Settlement};
use entities::suppression::{self, NewSuppression, SuppressedKind, SuppressionReason};
use entities::{BulkTransaction, audit_log, budget, message, provider_account};
use futures::FutureExt;
use serde_json::json;
use tokio::sync::mpsc;

use super::pump::Call;
use super::{Batch, error_rate, halt};
use crate::Fault;
use crate::enrich::again::again;
use crate::sending::limits;
use crate::sending::policy::{Follows, follows};

/// The most outcomes of one transaction. Outcomes that are there are written; none is waited for.
const TOGETHER: usize = 64;

/// How long a vendor is left alone that several calls in a row did not reach.
const TROUBLE_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// What came of the calls of a batch.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) accepted: u32,
    pub(super) refused: u32,
    pub(super) unknown: u32,
    pub(super) again: u32,
}

/// Writes until nobody calls any more.
pub(super) async fn record(batch: Arc<Batch>, mut results: mpsc::Receiver<Call>) -> Result<Tally, Fault> {
    let mut tally = Tally::default();
    let mut calls = Vec::with_capacity(TOGETHER);
    while results.recv_many(&mut calls, TOGETHER).await > 0 {
        let settled = again(|| write(&batch, &calls).boxed()).await;
        let settled = match settled {
            Ok(settled) => settled,
            Err(fault) => {
                // What came of these calls is asked of the vendor when their leases are over.
                batch.signals.stop();
                return Err(fault);
            }
        };
        for one in &settled {
            match one.state {
                IntentState::Accepted => tally.accepted += 1,
                IntentState::Refused => tally.refused += 1,
                IntentState::Unknown => tally.unknown += 1,
                _ => tally.again += 1,
            }
        }
        after(&batch, &calls, &settled).await?;
        calls.clear();
    }
    Ok(tally)
}

fn what_follows<'a>(batch: &Batch, call: &'a Call, now: DateTime<Utc>) -> Follows<'a> {
    follows(&call.outcome, call.message.attempt, now, &batch.resources.texters.policy)
}

/// One transaction: the outcomes, and what must not be lost with them.
async fn write(batch: &Batch, calls: &[Call]) -> Result<Vec<Settlement>, Fault> {
    let now = Utc::now();
    let all: Vec<Follows<'_>> = calls.iter().map(|call| what_follows(batch, call, now)).collect();
    let settled: Vec<Settled<'_>> = calls
        .iter()
        .zip(&all)
        .map(|(call, follows)| Settled { intent: call.message.intent, outcome: follows.outcome.clone() })
        .collect();
    let mut tx = batch.resources.db.team_bulk(batch.of.team).await?;
    let settlements = send_intent::settle(&mut tx, now, &settled).await?;
    follow_up(batch, &mut tx, calls, &settlements, now).await?;
    forbid(batch, &mut tx, calls, &all).await?;
    // Buckets before budgets, as in a claim.
    for (call, follows) in calls.iter().zip(&all) {
        if let Some(rest) = follows.rest {
            rate_limit::block(&mut tx, &limits::sender_bucket(call.message.sender), rest).await?;
        }
    }
    take_leave(&mut tx, calls, &settlements).await?;
    let over: Vec<_> = settlements
        .iter()
        .filter(|one| !matches!(one.state, IntentState::Accepted | IntentState::Unknown))
        .map(|one| one.intent)
        .collect();
    budget::release_many(&mut tx, &over).await?;
    tx.commit().await?;
    Ok(settlements)
}

/// Plans the next step for those whose message was accepted.
async fn follow_up(
    batch: &Batch,
    tx: &mut BulkTransaction,
    calls: &[Call],
    settlements: &[Settlement],
    now: DateTime<Utc>,
) -> Result<(), Fault> {
    let accepted = settlements.iter().filter(|one| one.state == IntentState::Accepted);
    let next: Vec<Planned> = accepted
        .filter_map(|one| {
            let call = calls.iter().find(|call| call.message.intent == one.intent)?;
            next_step(batch, call.message.lead, call.message.step, now)
        })
        .collect();
    send_intent::plan(tx, batch.of.campaign, &next).await?;
    Ok(())
}

/// The step after `step` of a lead whose message was accepted at `now`; `None` where that was the last.
fn next_step(batch: &Batch, lead: domain::id::LeadId, step: u8, now: DateTime<Utc>) -> Option<Planned> {
    let next = batch.scene.step(step + 1)?;
    let delay = TimeDelta::from_std(next.delay).ok()?;
    Some(Planned { lead, step: next.number, due_at: now + delay })
}

/// Of what was taken and of which nothing more is heard: it has left, and what it cost is known.
async fn take_leave(
    tx: &mut BulkTransaction,
    calls: &[Call],
    settlements: &[Settlement],
) -> Result<(), Fault> {
    let accepted = settlements.iter().filter(|one| one.state == IntentState::Accepted);
    let ended: Vec<(IntentId, MicroDollars)> = accepted
        .filter(|one| {
            let mut calls = calls.iter();
            calls.any(|call| call.message.intent == one.intent && call.message.outgoing.ends_when_taken())
        })
        .map(|one| (one.intent, one.price))
        .collect();
    if ended.is_empty() {
        return Ok(());
    }
    let ids: Vec<IntentId> = ended.iter().map(|(intent, _)| *intent).collect();
    message::have_left(tx, &ids).await?;
    budget::settle_many(tx, &ended).await?;
    Ok(())
}

/// Nobody is written to again at a number or an address that is wrong, as whoever was to take the message says, or whose
/// holder has opted out with them.
async fn forbid(
    batch: &Batch,
    tx: &mut BulkTransaction,
    calls: &[Call],
    all: &[Follows<'_>],
) -> Result<(), Fault> {
    let mut what: BTreeMap<&str, Vec<NewSuppression>> = BTreeMap::new();
    let mut bounced: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut missed = 0;
    for (call, follows) in calls.iter().zip(all) {
        let Some(reason) = follows.suppress else { continue };
        let (vendor, value) = (call.message.vendor.as_str(), call.message.outgoing.to().to_owned());
        let kind = call.message.outgoing.kind();
        missed += u32::from(reason == SuppressionReason::OptOut);
        if kind == SuppressedKind::Email && reason == SuppressionReason::Invalid {
            bounced.entry(vendor).or_default().push(value);
        } else {
            what.entry(vendor).or_default().push(NewSuppression { kind, value, reason });
        }
    }
    for (vendor, what) in &what {
        suppression::suppress(tx, vendor, what).await?;
    }
    for (vendor, addresses) in &bounced {
        suppression::bounced(tx, vendor, addresses).await?;
    }
    if missed > 0 {
        // The vendor knew of an opt-out that we did not: somebody should find out how it got lost.
        let details = json!({ "messages": missed, "provider": batch.vendors.only() });
        let subject = batch.of.campaign.to_string();
        audit_log::record_in_bulk(tx, None, "send.missed_opt_out", &subject, &details).await?;
    }
    Ok(())
}

/// What follows for the vendor and the campaign, when the outcomes are safe.
async fn after(batch: &Batch, calls: &[Call], settled: &[Settlement]) -> Result<(), Fault> {
    let now = Utc::now();
    for call in calls {
        let follows = what_follows(batch, call, now);
        let in_a_row = batch.signals.got_through(follows.got_through);
        if in_a_row >= batch.resources.texters.policy.most_trouble {
            batch.signals.hold_until((now + TROUBLE_PAUSE).timestamp_millis());
            batch.signals.stop();
        }
        if let Some(rest) = follows.rest {
            let rest = TimeDelta::from_std(rest.min(Duration::from_secs(3_600))).unwrap_or_default();
            batch.signals.hold_until((now + rest).timestamp_millis());
            batch.signals.stop();
        }
        if follows.account_stopped {
            let mut tx = batch.resources.db.team_bulk(batch.of.team).await?;
            provider_account::pause(&mut tx, &call.message.vendor, "the account is stopped").await?;
            tx.commit().await?;
        }
        if let Some((code, detail)) = &follows.halt {
            halt::halt(batch, *code, detail).await?;
        }
    }
    if settled.iter().any(|one| one.state == IntentState::Refused) && error_rate::is_too_high(batch).await? {
        let what = "too many of the last messages were refused; look at their codes under the campaign's stats, then resume";
        halt::halt(batch, FailureCode::CampaignErrorRate, what).await?;
    }
    Ok(())
}
