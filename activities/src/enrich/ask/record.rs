//! What came of a call, written down: the ledger, the money, the answer itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::id::ProviderCallId;
use domain::money::MicroDollars;
use entities::enrichment::raw_results::{self, Counts, NewResult};
use entities::provider_call::{self, CallState, Finished};
use entities::{BulkTransaction, budget};
use futures::FutureExt;
use providers::enrichment::{
    CallOutcome, FoundPerson, NameMatch, UniversalSkipResult, UnknownWhy, Verdict, name_check,
};
use uuid::Uuid;
use workflows::enrichment::LookupOutput;

use super::super::again::again;
use super::super::kept::Kept;
use super::account::{self, Account};
use super::batch::Asked;
use super::together::Together;
use super::{Asking, Question, Round};
use crate::Fault;

/// What is to be written about one subject.
struct Entry {
    call: ProviderCallId,
    question: Question,
    /// How the call ended; `None` where it was neither answered nor charged.
    state: Option<CallState>,
    verdict: &'static str,
    request_id: Option<String>,
    cost: MicroDollars,
    /// Whether the cost is final: of an answer in parts it is not.
    settled: bool,
    /// The answer, encrypted: key id and ciphertext, and what was in it.
    kept: Option<(String, Vec<u8>, Counts)>,
}

/// A call that has ended, for each of its subjects.
pub(super) struct Ended {
    entries: Vec<Entry>,
    account: Account,
    batch: Uuid,
    status: Option<i16>,
    took: Duration,
}

/// Ended calls that wait to be written down.
pub(super) type Records = Together<Arc<Ended>, ()>;

/// Writes down how a call ended for each of its subjects. Repeated until the database does it: what was paid for is not
/// forgotten because the database was away for a moment.
pub(super) async fn record(asking: &Asking, asked: Asked, round: &mut Round) -> Result<(), Fault> {
    let Asked { calls, outcome, took } = asked;
    let account = account::what_it_says(asking, &outcome);
    let mut entries = Vec::with_capacity(calls.len());
    for (number, (call, question)) in calls.into_iter().enumerate() {
        let verdict = outcome.verdict_of(question.subject.key).cloned().unwrap_or(Verdict::Unknown {
            why: UnknownWhy::Unreadable,
            charged: providers::enrichment::Charged::Perhaps(0),
        });
        tally(&mut round.done, &verdict);
        entries.push(entry(asking, call, question, &verdict, &outcome, number == 0)?);
    }
    let ended = Arc::new(Ended {
        entries,
        account,
        batch: Uuid::from_u128(rand::random()),
        status: outcome.status.and_then(|status| i16::try_from(status).ok()),
        took,
    });
    asking.under_way.records.done(ended.clone(), |all| write_all(asking, all).boxed()).await?;
    let unanswered = ended.entries.iter().filter(|entry| entry.state.is_none());
    let unanswered = unanswered.map(|entry| entry.question.clone());
    match ended.account.stop {
        Some(stop) => round.add(Round { stop: Some(stop), ..Round::default() }),
        None => round.again.extend(unanswered),
    }
    Ok(())
}

async fn write_all(asking: &Asking, all: Vec<Arc<Ended>>) -> Result<Vec<()>, Fault> {
    again(|| {
        async {
            let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
            write(&mut tx, asking, &all).await?;
            tx.commit().await?;
            Ok(())
        }
        .boxed()
    })
    .await?;
    Ok(vec![(); all.len()])
}

/// First all rows of the ledger and the answers, then all of the money, then the account: everybody locks in this order, and
/// what everybody waits for is locked last.
async fn write(tx: &mut BulkTransaction, asking: &Asking, all: &[Arc<Ended>]) -> Result<(), Fault> {
    let mut known = BTreeSet::new();
    for ended in all {
        for entry in &ended.entries {
            if end(tx, asking, ended, entry).await? {
                known.insert(entry.call);
            }
            keep(tx, asking, entry).await?;
        }
    }
    for entry in all.iter().flat_map(|ended| &ended.entries) {
        if entry.state.is_none() {
            budget::release(tx, entry.call).await?;
        } else if entry.settled && known.contains(&entry.call) {
            // Also where it had been given up as lost, and counted as the most that it may have cost.
            budget::correct(tx, entry.call, entry.cost).await?;
        } else if entry.settled {
            budget::settle(tx, entry.call, entry.cost).await?;
        }
    }
    for ended in all {
        account::note(tx, asking, &ended.account).await?;
    }
    Ok(())
}

/// Ends a call in the ledger, or gives it back. Answers whether it was this that ended it.
async fn end(tx: &mut BulkTransaction, asking: &Asking, ended: &Ended, entry: &Entry) -> Result<bool, Fault> {
    let Some(state) = entry.state else {
        provider_call::give_back(tx, entry.call, &asking.claimed_by, entry.verdict, ended.status).await?;
        return Ok(false);
    };
    let end = Finished {
        state,
        verdict: entry.verdict,
        http_status: ended.status,
        request_id: entry.request_id.as_deref(),
        batch: Some(ended.batch),
        cost: entry.cost,
        took: Some(ended.took),
    };
    Ok(provider_call::finish(tx, entry.call, end).await?)
}

/// Keeps the answer itself.
async fn keep(tx: &mut BulkTransaction, asking: &Asking, entry: &Entry) -> Result<(), Fault> {
    let Some((key_id, raw, counts)) = &entry.kept else { return Ok(()) };
    let new = NewResult {
        call: entry.call,
        part: 0,
        provider: asking.word(),
        persona: entry.question.persona,
        lead: Some(entry.question.lead),
        raw,
        key_id,
        counts: *counts,
    };
    raw_results::keep(tx, new).await?;
    Ok(())
}

fn entry(
    asking: &Asking,
    call: ProviderCallId,
    question: Question,
    verdict: &Verdict,
    outcome: &CallOutcome,
    first: bool,
) -> Result<Entry, Fault> {
    let (state, result, person_id, request_id) = match verdict {
        Verdict::Match { result, .. } => (Some(CallState::Match), Some((**result).clone()), None, None),
        Verdict::NoMatch { .. } => (Some(CallState::NoMatch), None, None, None),
        Verdict::Ambiguous { persons, .. } => {
            let result = UniversalSkipResult { persons: persons.clone(), ..UniversalSkipResult::default() };
            (Some(CallState::Ambiguous), Some(result), None, None)
        }
        Verdict::Pending { result, request_id, person_id, .. } => {
            (Some(CallState::Pending), Some((**result).clone()), person_id.clone(), request_id.clone())
        }
        Verdict::Unknown { .. } => (Some(CallState::Unknown), None, None, None),
        Verdict::Permanent { .. } | Verdict::ContractRequired => {
            (Some(CallState::Permanent), None, None, None)
        }
        Verdict::RateLimited { .. } | Verdict::Transient { .. } | Verdict::AccountStop { .. } => {
            (None, None, None, None)
        }
    };
    // What nobody knows the cost of counts as the most it may have been.
    let cost = match verdict {
        Verdict::Unknown { charged, .. } if charged.micros() == 0 => {
            asking.vendor.provider.capabilities().most_micros(question.wanted)
        }
        verdict => verdict.charged().micros(),
    };
    let body = first.then_some(&outcome.raw).filter(|body| !body.is_empty());
    let kept = if state.is_some() && (result.is_some() || body.is_some()) {
        let counts = counts(&question, result.as_ref());
        let (key_id, raw) =
            Kept::new(verdict.as_str(), result, person_id, body).seal(&asking.resources.vendors.keys)?;
        Some((key_id, raw, counts))
    } else {
        None
    };
    Ok(Entry {
        call,
        question,
        state,
        verdict: verdict.as_str(),
        request_id,
        cost: MicroDollars::new(cost),
        settled: state != Some(CallState::Pending),
        kept,
    })
}

/// How much is in an answer.
fn counts(question: &Question, result: Option<&UniversalSkipResult>) -> Counts {
    let Some(result) = result else { return Counts::default() };
    let small = |count: usize| i16::try_from(count).unwrap_or(i16::MAX);
    let stranger = |person: &&FoundPerson| name_check(&question.subject, person) == NameMatch::Stranger;
    Counts {
        persons: small(result.persons.len()),
        strangers: small(result.persons.iter().filter(stranger).count()),
        phones: small(result.phones().count()),
        emails: small(result.emails().count()),
        socials: small(result.persons.iter().map(|person| person.socials.len()).sum()),
    }
}

fn tally(done: &mut LookupOutput, verdict: &Verdict) {
    match verdict {
        Verdict::Match { .. } | Verdict::Ambiguous { .. } => done.matches += 1,
        Verdict::Pending { .. } => done.pending += 1,
        Verdict::NoMatch { .. } => done.no_match += 1,
        Verdict::Unknown { .. } => done.unknown += 1,
        Verdict::RateLimited { .. }
        | Verdict::Transient { .. }
        | Verdict::Permanent { .. }
        | Verdict::AccountStop { .. }
        | Verdict::ContractRequired => {}
    }
}
