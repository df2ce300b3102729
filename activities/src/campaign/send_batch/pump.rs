//! Claims, begins, calls: several messages under way at once, each begun when its slot has come.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use domain::FailureCode;
use domain::id::IntentId;
use entities::{budget, send_intent};
use futures::FutureExt;
use providers::sms::SendOutcome;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use workflows::campaign::SendOutput;

use super::claim::{self, Again, Claimed, Ready};
use super::{Batch, number, record};
use crate::Fault;
use crate::enrich::again::again;

/// The most messages of one claim: what it holds locked is held for a few milliseconds.
const CLAIM_AT_ONCE: usize = 50;

/// A call, and how it ended.
pub(super) struct Call {
    pub(super) message: Ready,
    pub(super) outcome: SendOutcome,
}

/// Sends until `until`, until `most` messages were begun, or until nothing is due soon.
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
        calls: JoinSet::new(),
        look: Some(Instant::now()),
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
    calls: JoinSet<()>,
    /// When to claim more; `None`: nothing more is due for this batch.
    look: Option<Instant>,
    /// What a limit that was met says, in milliseconds since 1970.
    not_before: Option<i64>,
}

impl Pump<'_> {
    async fn run(&mut self, ended: mpsc::Sender<Call>, output: &mut SendOutput) -> Result<(), Fault> {
        loop {
            while self.calls.try_join_next().is_some() {}
            if self.is_over() {
                return self.give_back().await;
            }
            self.begin(&ended, output).await?;
            if self.wants_more() {
                self.claim(output).await?;
                continue;
            }
            if self.ready.is_empty() && self.calls.is_empty() && self.look.is_none() {
                return Ok(());
            }
            let slot = self.ready.front().map(|first| first.slot);
            let next = [slot, self.look, Some(self.until)].into_iter().flatten().min().unwrap_or(self.until);
            tokio::select! {
                () = tokio::time::sleep_until(next.into()) => {}
                Some(_) = self.calls.join_next() => {}
                () = self.batch.signals.stopped() => {}
            }
        }
    }

    fn is_over(&self) -> bool {
        self.batch.is_given_up()
            || self.batch.signals.is_stopped()
            || Instant::now() >= self.until
            || self.begun >= self.most
    }

    fn free(&self) -> usize {
        let all = self.batch.resources.texters.policy.concurrency.max(1);
        all.saturating_sub(self.calls.len() + self.ready.len())
    }

    /// Whether it is time to claim, and worth it: not for one place that has just become free of many.
    fn wants_more(&self) -> bool {
        let free = self.free();
        let worth = free >= CLAIM_AT_ONCE / 2 || self.calls.is_empty() && free > 0;
        worth && self.look.is_some_and(|look| look <= Instant::now())
    }

    async fn claim(&mut self, output: &mut SendOutput) -> Result<(), Fault> {
        let left = usize::try_from(self.most - self.begun).unwrap_or(usize::MAX);
        let most = self.free().min(CLAIM_AT_ONCE).min(left.saturating_sub(self.ready.len()).max(1));
        let batch = self.batch;
        let Claimed { ready, held, skipped, then } = again(|| claim::claim(batch, most).boxed()).await?;
        output.held += held;
        output.skipped += skipped;
        self.ready.extend(ready);
        self.ready.make_contiguous().sort_by_key(|message| message.slot);
        self.look = match then {
            Again::Now => Some(Instant::now()),
            Again::In(wait) if wait <= batch.resources.texters.policy.longest_wait => {
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
                batch.signals.stop();
                None
            }
        };
        Ok(())
    }

    /// Begins those whose slot has come: one last look at the database for all of them, then the calls.
    async fn begin(&mut self, ended: &mpsc::Sender<Call>, output: &mut SendOutput) -> Result<(), Fault> {
        let now = Instant::now();
        let due = self.ready.iter().take_while(|message| message.slot <= now).count();
        if due == 0 {
            return Ok(());
        }
        let messages: Vec<Ready> = self.ready.drain(..due).collect();
        let ids: Vec<IntentId> = messages.iter().map(|message| message.intent).collect();
        let batch = self.batch;
        let begun = last_look(batch, &ids).await?;
        output.held += number(begun.stopped.len());
        if begun.stopped.iter().any(|stopped| stopped.stop != send_intent::Stop::Suppression) {
            batch.signals.stop();
        }
        for message in messages {
            if !begun.calling.contains(&message.intent) {
                continue;
            }
            self.begun += 1;
            let (batch, ended) = (batch.clone(), ended.clone());
            self.calls.spawn(async move {
                let limit = batch.resources.texters.policy.call_timeout;
                let outcome = match tokio::time::timeout(limit, batch.provider.send(&message.text)).await {
                    Ok(outcome) => outcome,
                    Err(_late) => SendOutcome::Unknown { why: "timed_out".to_owned() },
                };
                // The recorder reads to the end; where it broke off, the row says that the call was begun.
                let _ = ended.send(Call { message, outcome }).await;
            });
        }
        Ok(())
    }

    /// Nothing more is begun: what is claimed goes back at once.
    async fn give_back(&mut self) -> Result<(), Fault> {
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

/// How long a claimed message may wait for its slot: after that its claim would be too old to be true.
pub(super) fn horizon(batch: &Batch) -> Duration {
    batch.resources.texters.policy.longest_wait.min(batch.resources.texters.policy.lease / 4)
}
