//! One HTTP call: the subjects of it, and its way through the limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::FailureCode;
use providers::enrichment::{CallContext, CallOutcome, Charging, Subject, Wanted};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::vendors::Vendor;
use super::claim::{self, Claimed};
use super::leave;
use super::record;
use super::{Asking, Question, Round};
use crate::Fault;

/// Subjects that are asked about in one call, of all of whom the same is wanted.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) wanted: Wanted,
    pub(super) questions: Vec<Question>,
}

/// Cuts questions into calls as large as the vendor takes; those who live at one address come into one call, where a
/// vendor that charges for the address charges once.
pub(super) fn cut(vendor: &Vendor, mut questions: Vec<Question>) -> Vec<Batch> {
    let can = vendor.provider.capabilities();
    let most = if can.charging == Charging::PerCall { 1 } else { can.most_subjects.max(1) };
    questions.sort_by_cached_key(|question| (order(question.wanted), address(&question.subject)));
    let mut batches: Vec<Batch> = Vec::new();
    for question in questions {
        match batches.last_mut() {
            Some(batch) if batch.wanted == question.wanted && batch.questions.len() < most => {
                batch.questions.push(question);
            }
            _ => batches.push(Batch { wanted: question.wanted, questions: vec![question] }),
        }
    }
    // Everybody claims in one order.
    batches.iter_mut().for_each(|batch| batch.questions.sort_by_key(|question| question.about));
    batches
}

fn order(wanted: Wanted) -> [bool; 5] {
    [wanted.mobile, wanted.email, wanted.line_type, wanted.address_key, wanted.demographics]
}

fn address(subject: &Subject) -> [String; 4] {
    [&subject.zip5, &subject.city, &subject.street, &subject.unit]
        .map(|part| part.as_deref().unwrap_or_default().to_lowercase())
}

/// Asks about a batch, unless the round was halted by what another one met.
pub(super) async fn run(asking: Arc<Asking>, halted: Arc<AtomicBool>, batch: Batch) -> Result<Round, Fault> {
    let _place = one_of(&asking.vendor.places).await?;
    let stays = || asking.is_given_up() || halted.load(Ordering::Acquire);
    let mut round = Round::default();
    if stays() {
        return Ok(round);
    }
    let claimed = claim::claim(&asking, batch, &mut round).await?;
    if !claimed.calls.is_empty() {
        let asked = at_the_vendor(&asking, claimed, stays, &mut round).await?;
        if let Some(asked) = asked {
            record::record(&asking, asked, &mut round).await?;
        }
    }
    if round.stop.is_some() {
        // The others of the round would meet the same.
        halted.store(true, Ordering::Release);
    }
    Ok(round)
}

/// A call that was made.
pub(super) struct Asked {
    pub(super) calls: claim::Calls,
    pub(super) outcome: CallOutcome,
    /// How long the vendor took.
    pub(super) took: Duration,
}

/// From the note that the call leaves to its answer. `None` where none left.
async fn at_the_vendor(
    asking: &Asking,
    claimed: Claimed,
    stays: impl Fn() -> bool,
    round: &mut Round,
) -> Result<Option<Asked>, Fault> {
    let Claimed { calls, callback_url } = claimed;
    let door = one_of(&asking.vendor.doors).await?;
    if stays() {
        claim::give_back(asking, &calls).await?;
        return Ok(None);
    }
    let noted = leave::note(asking, &calls).await?;
    let (calls, lost): (claim::Calls, claim::Calls) =
        calls.into_iter().partition(|(call, _)| noted.contains(call));
    // The lease was over before it could leave, and somebody else is at them.
    round.elsewhere.extend(lost.into_iter().map(|(_, question)| question));
    if calls.is_empty() {
        return Ok(None);
    }
    let permit = one_of(&asking.vendor.permits).await?;
    drop(door);
    asking.vendor.pacer.until_ready().await;
    if let Err(stop) = leave::may_leave(asking, stays).await? {
        drop(permit);
        claim::give_back(asking, &calls).await?;
        round.add(Round { stop, ..Round::default() });
        return Ok(None);
    }
    let context = CallContext { callback_url, timeout: asking.resources.vendors.policy.call_timeout };
    let subjects: Vec<Subject> = calls.iter().map(|(_, question)| question.subject.clone()).collect();
    let wanted = calls.first().map_or(Wanted::NONE, |(_, question)| question.wanted);
    round.done.asked += u32::try_from(subjects.len()).unwrap_or(u32::MAX);
    let start = Instant::now();
    let outcome = asking.vendor.provider.lookup(&subjects, wanted, &context).await;
    let took = start.elapsed();
    drop(permit);
    tracing::debug!(
        provider = asking.word(),
        subjects = subjects.len(),
        status = outcome.status,
        "a vendor was asked"
    );
    Ok(Some(Asked { calls, outcome, took }))
}

/// One of the vendor's places, doors or permits. Nobody closes them while the process lives.
async fn one_of(places: &Semaphore) -> Result<SemaphorePermit<'_>, Fault> {
    places.acquire().await.map_err(|closed| Fault::transient(FailureCode::SystemUnavailable, closed))
}
