//! One HTTP call: the subjects of it, and its way through the limits.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use providers::enrichment::{CallContext, Charging, Subject, Wanted};
use tokio::sync::AcquireError;

use super::super::vendors::Vendor;
use super::leave::{self, Leaving};
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

/// Asks about a batch.
pub(super) async fn run(asking: Arc<Asking>, batch: Batch) -> Result<Round, Fault> {
    let Ok(_permit) = asking.vendor.permits.acquire().await.map_err(|closed: AcquireError| closed) else {
        // Nobody closes the permits; the process would be ending.
        return Ok(Round { again: batch.questions, ..Round::default() });
    };
    asking.vendor.pacer.until_ready().await;
    if asking.given_up.load(Ordering::Acquire) {
        return Ok(Round::default());
    }
    let mut round = Round::default();
    let Leaving { calls, callback_url } = leave::leave(&asking, batch, &mut round).await?;
    if calls.is_empty() {
        return Ok(round);
    }
    let context = CallContext { callback_url, timeout: asking.resources.vendors.policy.call_timeout };
    let subjects: Vec<Subject> = calls.iter().map(|(_, question)| question.subject.clone()).collect();
    let wanted = calls.first().map_or(Wanted::NONE, |(_, question)| question.wanted);
    round.done.asked += u32::try_from(subjects.len()).unwrap_or(u32::MAX);
    let outcome = asking.vendor.provider.lookup(&subjects, wanted, &context).await;
    tracing::debug!(
        provider = asking.word(),
        subjects = subjects.len(),
        status = outcome.status,
        "a vendor was asked"
    );
    record::record(&asking, calls, outcome, &mut round).await?;
    Ok(round)
}
