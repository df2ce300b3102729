//! Everything before a call leaves: claim, budget, buckets, account.

use domain::FailureCode;
use domain::id::ProviderCallId;
use domain::money::{EXPENSIVE_FROM, MicroDollars};
use entities::budget::{self, Reservation, Scope};
use entities::provider_account::{self, Gate};
use entities::provider_call::{self, Ask, CallState, Claim};
use entities::rate_limit::{self, Taken};
use entities::waterfall::ledger;
use futures::FutureExt;

use super::super::again::again;
use super::batch::Batch;
use super::{Asking, Question, Round, Stop};
use crate::Fault;

/// What is about to leave.
pub(super) struct Leaving {
    /// The claimed calls.
    pub(super) calls: Vec<(ProviderCallId, Question)>,
    /// Where the vendor is to send what comes later.
    pub(super) callback_url: Option<String>,
}

/// Sees which of the batch are to be asked, and that they may. What is not asked is counted in `round`.
pub(super) async fn leave(asking: &Asking, batch: Batch, round: &mut Round) -> Result<Leaving, Fault> {
    let nobody = Leaving { calls: Vec::new(), callback_url: None };
    let token = capability(asking, &batch);
    // Claimed in one order by everybody, so that who meets waits; who is in each other's way all the same begins anew.
    let (calls, claimed) = again(|| {
        async {
            let mut counted = Round::default();
            let calls = claim(asking, &batch, token.as_deref(), &mut counted).await?;
            Ok((calls, counted))
        }
        .boxed()
    })
    .await?;
    round.add(claimed);
    if calls.is_empty() {
        return Ok(nobody);
    }
    if let Some(stop) = draw(asking).await? {
        return give_back(asking, calls, stop, round).await;
    }
    match again(|| go(asking, &calls).boxed()).await? {
        Ok(left) => {
            let (gone, lost): (Vec<_>, Vec<_>) = calls.into_iter().partition(|(call, _)| left.contains(call));
            // The lease was over before it could leave, and somebody else is at them.
            round.elsewhere.extend(lost.into_iter().map(|(_, question)| question));
            let callback_url = token.and_then(|token| {
                let base = asking.resources.vendors.policy.public_url.as_deref()?;
                Some(format!("{}/hooks/enrichment/{token}", base.trim_end_matches('/')))
            });
            Ok(Leaving { calls: gone, callback_url })
        }
        Err(stop) => give_back(asking, calls, stop, round).await,
    }
}

/// 256 random bits in hex, where the vendor may answer later and there is an address it can reach.
fn capability(asking: &Asking, batch: &Batch) -> Option<String> {
    let wanted = asking.vendor.provider.capabilities().answers_later
        && batch.wanted.mobile
        && asking.resources.vendors.policy.public_url.is_some();
    wanted.then(|| rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Claims each subject, and puts aside what it may cost.
async fn claim(
    asking: &Asking,
    batch: &Batch,
    token: Option<&str>,
    round: &mut Round,
) -> Result<Vec<(ProviderCallId, Question)>, Fault> {
    let policy = &asking.resources.vendors.policy;
    // As long as a call may take, and what comes before and after it.
    let lease = policy.call_timeout + policy.longest_wait * 4;
    let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
    let (mut calls, mut lost) = (Vec::new(), Vec::new());
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
        match provider_call::claim(&mut tx, &ask).await? {
            Claim::Claimed { call, .. } => calls.push((call, question.clone())),
            Claim::Cached(answer) => {
                round.done.cached += 1;
                match answer.state {
                    CallState::Match | CallState::Ambiguous | CallState::Pending => round.done.matches += 1,
                    _ => round.done.no_match += 1,
                }
            }
            Claim::InFlight { call, .. } => {
                if ledger::state(&mut tx, call).await? == Some(CallState::Pending) {
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
    let calls = reserve(asking, batch, calls, &mut tx, round).await?;
    for call in lost {
        // Its worker died with the answer: the vendor may have charged all of what was put aside.
        if let Some(most) = ledger::give_up(&mut tx, call).await? {
            budget::settle(&mut tx, call, most).await?;
        }
    }
    if let (Some(token), Some((first, _))) = (token, calls.first()) {
        provider_call::await_later(&mut tx, *first, token.as_bytes(), asking.late).await?;
    }
    tx.commit().await?;
    Ok(calls)
}

/// Puts aside what each call may cost at the most; those for which too little is left are given back.
async fn reserve(
    asking: &Asking,
    batch: &Batch,
    calls: Vec<(ProviderCallId, Question)>,
    tx: &mut entities::BulkTransaction,
    round: &mut Round,
) -> Result<Vec<(ProviderCallId, Question)>, Fault> {
    let amount = MicroDollars::new(asking.vendor.provider.capabilities().most_micros(batch.wanted));
    let provider = asking.word().to_owned();
    let scopes = [
        Scope::Team,
        Scope::Provider(provider.clone()),
        Scope::Enrichment(asking.enrichment()),
        Scope::Day,
        Scope::ProviderDay(provider),
    ];
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

/// Draws one call from the buckets of the account and of the team, waiting where it is not for long.
async fn draw(asking: &Asking) -> Result<Option<Stop>, Fault> {
    let buckets = asking.resources.vendors.buckets(asking.word());
    let mut waited = std::time::Duration::ZERO;
    loop {
        let db = &asking.resources.db;
        match again(|| async { Ok(rate_limit::take_all(db, asking.run.team, &buckets, 1).await?) }.boxed())
            .await?
        {
            Taken::Granted => return Ok(None),
            Taken::Wait(wait) if waited + wait <= asking.resources.vendors.policy.longest_wait => {
                waited += wait;
                tokio::time::sleep(wait).await;
            }
            Taken::Wait(wait) => return Ok(Some(Stop::Later(FailureCode::EnrichRateLimited, wait))),
            Taken::TooMany { .. } => {
                return Err(Fault::permanent(
                    FailureCode::SystemInternal,
                    "a bucket holds less than one call; correct the vendor's limits",
                ));
            }
        }
    }
}

/// The account's word, and then the note that the call leaves. Committed before it does.
async fn go(
    asking: &Asking,
    calls: &[(ProviderCallId, Question)],
) -> Result<Result<Vec<ProviderCallId>, Stop>, Fault> {
    let policy = &asking.resources.vendors.policy;
    let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
    match provider_account::gate(&mut tx, asking.word(), policy.breaker).await? {
        Gate::Open | Gate::Probe => {}
        Gate::Circuit { until } => {
            let wait = (until - chrono::Utc::now()).to_std().unwrap_or_default();
            return Ok(Err(Stop::Later(FailureCode::EnrichApiTimeout, wait)));
        }
        Gate::Paused { .. } => return Ok(Err(Stop::Held(FailureCode::EnrichAccountStopped))),
    }
    let lease = policy.call_timeout + policy.longest_wait * 2;
    let mut left = Vec::with_capacity(calls.len());
    for (call, _) in calls {
        if provider_call::leave(&mut tx, *call, &asking.claimed_by, lease).await? {
            left.push(*call);
        }
    }
    tx.commit().await?;
    Ok(Ok(left))
}

/// Nothing leaves: the claims and what was put aside go back.
async fn give_back(
    asking: &Asking,
    calls: Vec<(ProviderCallId, Question)>,
    stop: Stop,
    round: &mut Round,
) -> Result<Leaving, Fault> {
    again(|| {
        async {
            let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
            for (call, _) in &calls {
                provider_call::give_back(&mut tx, *call, &asking.claimed_by, "not_sent", None).await?;
            }
            for (call, _) in &calls {
                budget::release(&mut tx, *call).await?;
            }
            tx.commit().await?;
            Ok(())
        }
        .boxed()
    })
    .await?;
    round.add(Round { stop: Some(stop), ..Round::default() });
    Ok(Leaving { calls: Vec::new(), callback_url: None })
}
