//! Claims, begins, calls: several messages under way at once, each begun when its slot has come. More is claimed while those
//! that are claimed leave, so that none waits for the database that need not.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use domain::FailureCode;
use domain::id::IntentId;
use entities::{budget, send_intent};
use futures::FutureExt;
use providers::sms::SendOutcome;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use workflows::campaign::SendOutput;

use super::claim::{self, Again, Claimed, Ready};
use super::spacing::Spacing;
use super::within_reach::Place;
use super::{Batch, number, record};
use crate::Fault;
use crate::enrich::again::again;

/// The most messages that are claimed and have not left, and of one claim. A claim costs a dozen statements and a write to
/// disk, however many it is for.
const AHEAD: usize = 200;

/// A call, and how it ended.
pub(super) struct Call {
    pub(super) message: Ready,
    pub(super) outcome: SendOutcome,
}

/// Sends what is claimed until `until`, until `most` messages were begun, or until nothing is due soon.
pub(super) async fn pump(
    batch: &Arc<Batch>,
    until: Instant,
    most: u32,
    output: &mut SendOutput,
) -> Result<(), Fault> {
    let (ended, results) = mpsc::channel(256);
    let recorder = tokio::spawn(record::record(batch.clone(), results));
    let mut pump = Pump {
        batch,
        until,
        most,
        begun: 0,
        ready: VecDeque::new(),
        spacing: Spacing::default(),
        calls: JoinSet::new(),
        claims: JoinSet::new(),
        look: Some(Instant::now()),
        after_these: false,
        not_before: None,
    };
    let done = pump.run(ended, output).await;
    // What was begun is seen through, whatever went wrong beside it.
    while pump.calls.join_next().await.is_some() {}
    let not_before = pump.not_before;
    let tally = recorder.await.map_err(|broken| Fault::transient(FailureCode::SystemInternal, broken))??;
    output.accepted += tally.accepted;
    output.refused += tally.refused;
    output.unknown += tally.unknown;
    output.held += tally.again;
    output.left.next_due = [not_before, batch.signals.not_before()].into_iter().flatten().max();
    done
}

struct Pump<'a> {
    batch: &'a Arc<Batch>,
    until: Instant,
    most: u32,
    begun: u32,
    /// Claimed, the earliest slot first.
    ready: VecDeque<Ready>,
    spacing: Spacing,
    calls: JoinSet<()>,
    /// The claim that is under way, if one is.
    claims: JoinSet<Result<Claimed, Fault>>,
    /// When to claim more; `None`: nothing more is due for this batch.
    look: Option<Instant>,
    /// Not before all that is claimed has left.
    after_these: bool,
    /// What a limit that was met says, in milliseconds since 1970.
    not_before: Option<i64>,
}

impl Pump<'_> {
    async fn run(&mut self, ended: mpsc::Sender<Call>, output: &mut SendOutput) -> Result<(), Fault> {
        loop {
            while self.calls.try_join_next().is_some() {}
            if self.is_stopped() {
                return self.give_back(output).await;
            }
            self.begin(&ended, output).await?;
            if self.look_at().is_some_and(|look| look <= Instant::now()) {
                self.claim();
            }
            let next = [self.next_slot(), self.look_at()].into_iter().flatten().min();
            if next.is_none() && self.calls.is_empty() && self.claims.is_empty() {
                return Ok(());
            }
            tokio::select! {
                () = sleep_until(next) => {}
                Some(_) = self.calls.join_next() => {}
                Some(claimed) = self.claims.join_next() => self.take(joined(claimed)?, output),
                () = self.batch.signals.stopped() => {}
            }
        }
    }

    /// Whether nothing more may leave.
    fn is_stopped(&self) -> bool {
        self.batch.is_given_up() || self.batch.signals.is_stopped()
    }

    /// When the next message leaves, of those whose vendor takes one more; `None`: whoever has room has none to take.
    fn next_slot(&self) -> Option<Instant> {
        let vendors = self.batch.vendors.count().max(1);
        let mut seen = BTreeSet::new();
        let mut next = None;
        for message in &self.ready {
            if seen.insert(message.vendor.as_str()) && self.batch.vendors.has_place(&message.vendor) {
                let opens = self.spacing.opens(message.slot, &message.takes);
                next = Some(next.map_or(opens, |next: Instant| next.min(opens)));
            }
            if seen.len() >= vendors {
                break;
            }
        }
        next
    }

    /// Those whose slot has come and whose vendor takes one more, each with its place there. A vendor that is slow, or whose next
    /// one is not due, holds up nobody but its own.
    fn leaving(&mut self, now: Instant) -> Vec<(Ready, Place)> {
        let vendors = self.batch.vendors.count().max(1);
        let (mut leaving, mut waiting, mut at) = (Vec::new(), BTreeSet::new(), 0);
        while waiting.len() < vendors
            && let Some(message) = self.ready.get(at)
        {
            if waiting.contains(&message.vendor) {
                at += 1;
                continue;
            }
            let place = self.batch.vendors.place(&message.vendor);
            let leaves = place.filter(|_| self.spacing.leaves(message.slot, &message.takes, now));
            match leaves {
                Some(place) => leaving.extend(self.ready.remove(at).map(|message| (message, place))),
                None => {
                    waiting.insert(message.vendor.clone());
                    at += 1;
                }
            }
        }
        leaving
    }

    /// How many more may be claimed. What is claimed when the time is over still leaves: its slots are nobody else's.
    fn room(&self) -> usize {
        if Instant::now() >= self.until {
            return 0;
        }
        let left = usize::try_from(self.most.saturating_sub(self.begun)).unwrap_or(usize::MAX);
        AHEAD.min(left).saturating_sub(self.ready.len())
    }

    /// When to claim; `None` while that is not worth it: while one claim is under way, or most of what was claimed has not left.
    fn look_at(&self) -> Option<Instant> {
        let room = self.room();
        let idle = self.calls.is_empty() && self.ready.is_empty();
        let worth = room >= AHEAD / 2 || idle && room > 0;
        let may = self.claims.is_empty() && (self.ready.is_empty() || !self.after_these);
        self.look.filter(|_| worth && may)
    }

    fn claim(&mut self) {
        let (batch, most, ahead) = (self.batch.clone(), self.room(), self.ready.len());
        self.claims.spawn(async move { again(|| claim::claim(&batch, most, ahead).boxed()).await });
    }

    fn take(&mut self, claimed: Claimed, output: &mut SendOutput) {
        let Claimed { ready, held, skipped, then } = claimed;
        output.held += held;
        output.skipped += skipped;
        self.ready.extend(ready);
        self.ready.make_contiguous().sort_by_key(|message| message.slot);
        self.after_these = then == Again::AfterThese;
        self.look = match then {
            Again::Now | Again::AfterThese => Some(Instant::now()),
            Again::In(wait) if wait <= self.batch.resources.texters.policy.longest_wait => {
                Some(Instant::now() + wait)
            }
            Again::In(wait) => {
                let at = Utc::now() + wait;
                self.not_before = self.not_before.max(Some(at.timestamp_millis()));
                None
            }
            Again::NotBefore(at) => {
                self.not_before = self.not_before.max(Some(at.timestamp_millis()));
                None
            }
            Again::NextTime => None,
            Again::Stop => {
                self.batch.signals.stop();
                None
            }
        };
    }

    /// Begins those whose slot has come: one last look at the database for all of them, then the calls.
    async fn begin(&mut self, ended: &mpsc::Sender<Call>, output: &mut SendOutput) -> Result<(), Fault> {
        let messages = self.leaving(Instant::now());
        if messages.is_empty() {
            return Ok(());
        }
        let ids: Vec<IntentId> = messages.iter().map(|(message, _)| message.intent).collect();
        let batch = self.batch;
        let begun = last_look(batch, &ids).await?;
        output.held += number(begun.stopped.len());
        if begun.stopped.iter().any(|stopped| stopped.stop != send_intent::Stop::Suppression) {
            batch.signals.stop();
        }
        for (message, place) in messages {
            if !begun.calling.contains(&message.intent) {
                continue;
            }
            self.begun += 1;
            let (batch, ended) = (batch.clone(), ended.clone());
            self.calls.spawn(async move {
                let _until_it_has_left = place;
                let limit = batch.resources.texters.policy.call_timeout;
                let outcome = match batch.vendors.get(&message.vendor) {
                    Some(vendor) => vendor.send(&message.outgoing, limit).await,
                    None => SendOutcome::NotSent { detail: "nobody takes it".to_owned() },
                };
                if ended.send(Call { message, outcome }).await.is_err() {
                    // The recorder broke off; the row says that the call was begun, so it is asked after.
                    tracing::warn!("what came of a call could not be written down");
                }
            });
        }
        Ok(())
    }

    /// Nothing more is begun: what is claimed goes back at once.
    async fn give_back(&mut self, output: &mut SendOutput) -> Result<(), Fault> {
        if let Some(claimed) = self.claims.join_next().await {
            self.take(joined(claimed)?, output);
        }
        let ids: Vec<IntentId> = self.ready.drain(..).map(|message| message.intent).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = self.batch.resources.db.team_bulk(self.batch.of.team).await?;
        let back = send_intent::give_back(&mut tx, &self.batch.claimed_by, &ids).await?;
        budget::release_many(&mut tx, &back).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Until then; without a time, for as long as nothing else happens.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// A claim that panicked is a fault as any other.
fn joined(claimed: Result<Result<Claimed, Fault>, JoinError>) -> Result<Claimed, Fault> {
    claimed.unwrap_or_else(|broken| Err(Fault::transient(FailureCode::SystemInternal, broken)))
}

/// What may leave now, by one statement. Not repeated where it fails: it may have been done, and then nobody else sends
/// these before they were asked after.
async fn last_look(batch: &Batch, ids: &[IntentId]) -> Result<send_intent::Begun, Fault> {
    let lease = batch.resources.texters.policy.lease;
    let mut tx = batch.resources.db.team_bulk(batch.of.team).await?;
    let begun = send_intent::begin(&mut tx, &batch.claimed_by, ids, lease, Utc::now()).await?;
    let stopped: Vec<IntentId> = begun.stopped.iter().map(|stopped| stopped.intent).collect();
    budget::release_many(&mut tx, &stopped).await?;
    tx.commit().await?;
    Ok(begun)
}

/// How long a claimed message may wait for its slot: after that its claim would be too old to be true. A claim holds three
/// times as long; then its worker is taken for dead, and whoever looks next has it.
pub(super) fn horizon(batch: &Batch) -> Duration {
    batch.resources.texters.policy.longest_wait.min(batch.resources.texters.policy.lease / 4)
}
