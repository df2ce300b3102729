//! What comes before a permit: the claim in the ledger, and the money that is put aside.

use domain::FailureCode;
use domain::id::ProviderCallId;
use domain::money::{EXPENSIVE_FROM, MicroDollars};
use entities::BulkTransaction;
use entities::budget::{self, Reservation, Scope};
use entities::provider_call::{self, Ask, CallState, Claim};
use entities::waterfall::ledger;
use futures::FutureExt;

use super::super::again::again;
use super::batch::Batch;
use super::together::Together;
use super::{Asking, Question, Round, Stop};
use crate::Fault;

/// Claimed calls, each with what is asked.
pub(super) type Calls = Vec<(ProviderCallId, Question)>;

/// What is to be asked.
pub(super) struct Claimed {
    /// The claimed calls.
    pub(super) calls: Calls,
    /// Where the vendor is to send what comes later.
    pub(super) callback_url: Option<String>,
}

/// A batch that is to be claimed, and the token by which a later answer finds it.
pub(super) struct Claiming {
    batch: Batch,
    token: Option<String>,
}

/// Batches that wait to be claimed.
pub(super) type Claims = Together<Claiming, (Calls, Round)>;

/// Sees which of the batch are to be asked, and that there is money for them. What is not asked is counted in `round`.
pub(super) async fn claim(asking: &Asking, batch: Batch, round: &mut Round) -> Result<Claimed, Fault> {
    let token = capability(asking, &batch);
    let claiming = Claiming { batch, token: token.clone() };
    let (calls, claimed) =
        asking.under_way.claims.done(claiming, |all| claim_all(asking, all).boxed()).await?;
    round.add(claimed);
    let callback_url = token.and_then(|token| {
        let base = asking.resources.vendors.policy.public_url.as_deref()?;
        Some(format!("{}/hooks/enrichment/{token}", base.trim_end_matches('/')))
    });
    Ok(Claimed { calls, callback_url })
}

/// Claims batches. Subjects are claimed in one order by everybody, so that who meets waits; who is in each other's way all the
/// same begins anew.
async fn claim_all(asking: &Asking, all: Vec<Claiming>) -> Result<Vec<(Calls, Round)>, Fault> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| all[*at].batch.questions.first().map(|question| question.about));
    again(|| {
        async {
            let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
            let mut claimed: Vec<(Calls, Round)> = all.iter().map(|_| Default::default()).collect();
            let mut lost = Vec::new();
            for at in &order {
                let (calls, round) = &mut claimed[*at];
                *calls = claim_each(asking, &all[*at].batch, &mut tx, &mut lost, round).await?;
            }
            // Money last: the budgets are locked to the end.
            for at in &order {
                let (calls, round) = &mut claimed[*at];
                let Claiming { batch, token } = &all[*at];
                *calls = reserve(asking, batch, std::mem::take(calls), &mut tx, round).await?;
                if let (Some(token), Some((first, _))) = (token, calls.first()) {
                    provider_call::await_later(&mut tx, *first, token.as_bytes(), asking.late).await?;
                }
            }
            for call in lost {
                // Its worker died with the answer: the vendor may have charged all of what was put aside.
                if let Some(most) = ledger::give_up(&mut tx, call).await? {
                    budget::settle(&mut tx, call, most).await?;
                }
            }
            tx.commit().await?;
            Ok(claimed)
        }
        .boxed()
    })
    .await
}

/// 256 random bits in hex, where the vendor may answer later and there is an address it can reach.
fn capability(asking: &Asking, batch: &Batch) -> Option<String> {
    let wanted = asking.vendor.provider.capabilities().answers_later
        && batch.wanted.mobile
        && asking.resources.vendors.policy.public_url.is_some();
    wanted.then(|| rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Claims each subject. Calls that left and whose worker died are added to `lost`.
async fn claim_each(
    asking: &Asking,
    batch: &Batch,
    tx: &mut BulkTransaction,
    lost: &mut Vec<ProviderCallId>,
    round: &mut Round,
) -> Result<Calls, Fault> {
    let policy = &asking.resources.vendors.policy;
    // As long as the call before it may take, whose permit is waited for, and what else comes before it leaves.
    let lease = policy.call_timeout + policy.longest_wait * 4;
    let mut calls = Vec::new();
    for question in &batch.questions {
        let ask = Ask {
            provider: asking.word(),
            product: asking.product,
            request_hash: question.hash,
            subject: question.about,
            enrichment: Some(asking.enrichment()),
            claimed_by: &asking.claimed_by,
            lease,
        };
        match provider_call::claim(tx, &ask).await? {
            Claim::Claimed { call, .. } => calls.push((call, question.clone())),
            Claim::Cached(answer) => {
                round.done.cached += 1;
                match answer.state {
                    CallState::Match | CallState::Ambiguous | CallState::Pending => round.done.matches += 1,
                    _ => round.done.no_match += 1,
                }
            }
            Claim::InFlight { call, .. } => {
                if ledger::state(tx, call).await? == Some(CallState::Pending) {
                    round.done.cached += 1;
                    round.done.pending += 1;
                } else {
                    round.elsewhere.push(question.clone());
                }
            }
            Claim::UnknownOutcome(answer) => {
                round.done.unknown += 1;
                lost.extend(answer.cost.is_none().then_some(answer.call));
            }
        }
    }
    Ok(calls)
}

/// Puts aside what each call may cost at the most; those for which too little is left are given back.
async fn reserve(
    asking: &Asking,
    batch: &Batch,
    calls: Calls,
    tx: &mut BulkTransaction,
    round: &mut Round,
) -> Result<Calls, Fault> {
    let amount = MicroDollars::new(asking.vendor.provider.capabilities().most_micros(batch.wanted));
    let provider = asking.word().to_owned();
    let mut scopes = vec![
        Scope::Team,
        Scope::Provider(provider.clone()),
        Scope::Enrichment(asking.enrichment()),
        Scope::Day,
        Scope::ProviderDay(provider),
    ];
    scopes.extend(asking.campaign.map(|campaign| Scope::Campaign(campaign.to_string())));
    let mut funded = Vec::with_capacity(calls.len());
    for (call, question) in calls {
        match budget::reserve(tx, call, &scopes, amount, amount >= EXPENSIVE_FROM).await? {
            Reservation::Reserved => {
                provider_call::set_reserved(tx, call, amount).await?;
                funded.push((call, question));
            }
            // Paid for by an attempt whose answer got lost with its worker: nobody asks again.
            Reservation::Settled => round.done.unknown += 1,
            Reservation::Exhausted { .. } => {
                provider_call::give_back(tx, call, &asking.claimed_by, "budget_exhausted", None).await?;
                round.stop = Some(Stop::Held(FailureCode::EnrichBudgetExhausted));
            }
        }
    }
    Ok(funded)
}

/// Nothing leaves: the claims and what was put aside go back.
pub(super) async fn give_back(asking: &Asking, calls: &Calls) -> Result<(), Fault> {
    again(|| {
        async {
            let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
            for (call, _) in calls {
                provider_call::give_back(&mut tx, *call, &asking.claimed_by, "not_sent", None).await?;
            }
            for (call, _) in calls {
                budget::release(&mut tx, *call).await?;
            }
            tx.commit().await?;
            Ok(())
        }
        .boxed()
    })
    .await
}
