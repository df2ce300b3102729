//! Asking a vendor: once for each subject, within every limit, and with every outcome written down.
//!
//! Each call passes, in this order: the claim in the ledger, which finds what was asked before; the budget; the note that
//! it leaves; the process's permits and pacing; the account's state and circuit, and the buckets of account and team; and then
//! it leaves. A permit is held while the call is at the vendor and for a short look before that, and neither while it is
//! claimed nor while its answer is written down: permits are what throughput hangs on. A call that has left is seen through by a
//! task of its own, whatever becomes of the activity: an answer that was paid for is not thrown away because somebody cancelled.

mod account;
mod batch;
mod claim;
mod leave;
mod record;
mod together;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use domain::FailureCode;
use domain::id::{CampaignId, EnrichmentId, LeadId, PersonaId};
use entities::provider_call::CallSubject;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use providers::enrichment::{Subject, Wanted};
use tokio_util::sync::CancellationToken;
use workflows::enrichment::{EnrichmentRef, LookupOutput};

use super::vendors::Vendor;
use crate::{Fault, Resources};

/// How often a vendor that is in trouble is tried within one attempt of the activity.
const ROUNDS: u32 = 3;

/// How long to wait before a vendor in trouble is asked again.
const PAUSE: Duration = Duration::from_millis(250);

/// How long to wait before looking whether somebody else has got the answer.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// One thing to be asked.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// As the vendor is told.
    pub(super) subject: Subject,
    /// As the ledger knows it.
    pub(super) about: CallSubject,
    /// The lead it is asked for.
    pub(super) lead: LeadId,
    /// The person it is about.
    pub(super) persona: Option<PersonaId>,
    /// What is wanted of it.
    pub(super) wanted: Wanted,
    /// What makes two requests the same.
    pub(super) hash: [u8; 32],
}

/// Who asks whom, for which run.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) resources: Resources,
    pub(super) vendor: Vendor,
    /// Which of the vendor's answers: questions of two products never stand for each other.
    pub(super) product: &'static str,
    pub(super) run: EnrichmentRef,
    /// The campaign that pays for the run with the team.
    pub(super) campaign: Option<CampaignId>,
    /// One attempt at an activity.
    pub(super) claimed_by: String,
    /// How long what comes later is awaited.
    pub(super) late: Duration,
    /// What goes on while questions are asked.
    pub(super) under_way: UnderWay,
}

/// What the calls of one [`Asking`] share.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    /// Claims that wait to be written, together.
    claims: claim::Claims,
    /// Answers that wait to be written, together.
    records: record::Records,
    /// Set when nobody waits for the answers any more: what has not left does not leave.
    given_up: CancellationToken,
}

impl Asking {
    fn enrichment(&self) -> EnrichmentId {
        self.run.enrichment
    }

    fn word(&self) -> &'static str {
        self.vendor.word()
    }

    fn is_given_up(&self) -> bool {
        self.under_way.given_up.is_cancelled()
    }
}

/// Why the rest was not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Not before a person has seen to it.
    Held(FailureCode),
    /// Not before so long.
    Later(FailureCode, Duration),
}

/// What became of some questions.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) done: LookupOutput,
    /// To be asked again: the vendor was in trouble, and nothing was charged.
    pub(super) again: Vec<Question>,
    /// Somebody else is asking them.
    pub(super) elsewhere: Vec<Question>,
    pub(super) stop: Option<Stop>,
}

impl Round {
    fn add(&mut self, other: Self) {
        add(&mut self.done, &other.done);
        self.again.extend(other.again);
        self.elsewhere.extend(other.elsewhere);
        // What a person has to see to goes before what passes.
        if matches!(other.stop, Some(Stop::Held(_))) || self.stop.is_none() {
            self.stop = other.stop.or(self.stop);
        }
    }
}

/// Adds what was asked and found.
pub(super) fn add(sum: &mut LookupOutput, part: &LookupOutput) {
    sum.asked += part.asked;
    sum.cached += part.cached;
    sum.lacking += part.lacking;
    sum.skipped += part.skipped;
    sum.matches += part.matches;
    sum.no_match += part.no_match;
    sum.unknown += part.unknown;
    sum.pending += part.pending;
    sum.held = part.held.or(sum.held);
}

/// Asks all questions, each subject and each request once.
pub(super) async fn ask(asking: Asking, questions: Vec<Question>) -> Result<LookupOutput, Fault> {
    let asking = Arc::new(asking);
    // When the activity is dropped, calls that have not left do not leave.
    let _give_up = asking.under_way.given_up.clone().drop_guard();
    let (mut open, mut rounds) = (once(questions), 0);
    let mut done = LookupOutput::default();
    loop {
        let round = one_round(&asking, open).await?;
        add(&mut done, &round.done);
        match round.stop {
            Some(Stop::Held(code)) => {
                done.held = Some(code);
                return Ok(done);
            }
            Some(Stop::Later(code, after)) => return Err(later(&asking, code, after)),
            None => {}
        }
        if !round.again.is_empty() {
            rounds += 1;
            if rounds >= ROUNDS {
                return Err(later(&asking, FailureCode::EnrichApiTimeout, PAUSE * 4));
            }
            tokio::time::sleep(PAUSE * rounds).await;
        } else if !round.elsewhere.is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        open = round.again;
        open.extend(round.elsewhere);
        if open.is_empty() {
            return Ok(done);
        }
    }
}

fn later(asking: &Asking, code: FailureCode, after: Duration) -> Fault {
    let what = format!("{} is to be left alone for {after:?} ({code})", asking.word());
    Fault::transient(code, what).retry_after(after)
}

/// The first of each subject and of each request; whatever repeats it finds its answer in the ledger.
fn once(questions: Vec<Question>) -> Vec<Question> {
    let (mut subjects, mut requests) = (BTreeSet::new(), BTreeSet::new());
    questions
        .into_iter()
        .filter(|question| requests.insert(question.hash) && subjects.insert(question.about))
        .collect()
}

/// Asks all of them side by side, as many at once as the vendor's places and permits allow.
async fn one_round(asking: &Arc<Asking>, questions: Vec<Question>) -> Result<Round, Fault> {
    let halted = Arc::new(AtomicBool::new(false));
    // Each in a task of its own: it goes on when this activity is dropped.
    let mut running: FuturesUnordered<_> = batch::cut(&asking.vendor, questions)
        .into_iter()
        .map(|batch| tokio::spawn(batch::run(asking.clone(), halted.clone(), batch)))
        .collect();
    let mut round = Round::default();
    while let Some(done) = running.next().await {
        match done {
            Ok(done) => round.add(done?),
            Err(broken) => return Err(Fault::transient(FailureCode::SystemInternal, broken)),
        }
    }
    Ok(round)
}
