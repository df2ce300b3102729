//! Everything before a page is asked for: the claim in the ledger, the budget, the buckets, the account.

use std::time::Duration;

use domain::FailureCode;
use domain::id::ProviderCallId;
use domain::money::{EXPENSIVE_FROM, MicroDollars};
use entities::budget::{self, Reservation, Scope};
use entities::provider_account::{self, Gate};
use entities::provider_call::{self, Ask, CallSubject, Claim, PointKey};
use entities::rate_limit::{self, Taken};
use entities::waterfall::ledger;
use entities::{BulkTransaction, pull};
use futures::FutureExt;
use providers::lists::{ListQuestion, ListSourceId};
use workflows::pull::PullRef;

use super::ask::{Asking, lost};
use crate::Fault;
use crate::enrich::again::again;

/// The product in the ledger: a page of a list never stands for what is known of a person.
const PRODUCT: &str = "property_search";

/// How long others keep off beside what is waited for. Whoever takes longer finds that the page is not its own any more.
const MARGIN: Duration = Duration::from_secs(5);

/// Whether to ask.
pub(super) enum Left {
    /// Now: everybody knows that it leaves.
    Now(ProviderCallId),
    /// It was asked for, and the answer is kept.
    Answered(ProviderCallId),
}

/// By what a page is known: the pull and its number. The same question of another pull is another call: a list changes.
fn key_of(pull: PullRef, page: u32) -> PointKey {
    PointKey::of(&format!("pull:{}:{page}", pull.pull))
}

/// The ledger wants 32 bytes: those of the key, twice.
fn hash_of(key: PointKey) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..16].copy_from_slice(key.uuid().as_bytes());
    hash[16..].copy_from_slice(key.uuid().as_bytes());
    hash
}

/// What the database did, and then whether the page may be asked for: only the former is tried again at once.
type Tried<T> = Result<Result<T, Fault>, Fault>;

/// Sees that the page is to be asked for, and that it may.
pub(super) async fn leave(asking: &Asking) -> Result<Left, Fault> {
    let call = match again(|| claim(asking).boxed()).await?? {
        Left::Now(call) => call,
        answered @ Left::Answered(_) => return Ok(answered),
    };
    let may = match draw(asking).await {
        Ok(()) => again(|| go(asking, call).boxed()).await,
        refused => Ok(refused),
    };
    if let Err(fault) = may.and_then(|may| may) {
        // Where the claim is another attempt's by now, this changes nothing.
        again(|| give_back(asking, call).boxed()).await?;
        return Err(fault);
    }
    Ok(Left::Now(call))
}

/// Claims the page, and puts aside what it may cost.
async fn claim(asking: &Asking) -> Tried<Left> {
    let policy = &asking.resources.vendors.policy;
    let key = key_of(asking.pull, asking.page);
    let ask = Ask {
        provider: asking.word(),
        product: PRODUCT,
        request_hash: hash_of(key),
        subject: CallSubject::Point(key),
        enrichment: None,
        claimed_by: &asking.claimed_by,
        lease: policy.longest_wait + MARGIN,
    };
    let mut tx = asking.resources.db.team_bulk(asking.pull.team).await?;
    let call = match provider_call::claim(&mut tx, &ask).await? {
        Claim::Claimed { call, .. } => call,
        Claim::Cached(answer) => return Ok(Ok(Left::Answered(answer.call))),
        Claim::InFlight { until, .. } => {
            let wait = (until - chrono::Utc::now()).to_std().unwrap_or_default();
            return Ok(Err(elsewhere(wait)));
        }
        Claim::UnknownOutcome(answer) => {
            count_as_charged(&mut tx, answer.call).await?;
            tx.commit().await?;
            return Ok(Err(lost(asking, answer.verdict.as_deref().unwrap_or("unknown"))));
        }
    };
    let word = asking.word().to_owned();
    let scopes = [Scope::Team, Scope::Provider(word.clone()), Scope::Day, Scope::ProviderDay(word)];
    let expensive = MicroDollars::new(asking.source.capabilities().price_micros) >= EXPENSIVE_FROM;
    let reserved = budget::reserve(&mut tx, call, &scopes, asking.most(), expensive).await?;
    match reserved {
        Reservation::Reserved => {
            provider_call::set_reserved(&mut tx, call, asking.most()).await?;
            tx.commit().await?;
            Ok(Ok(Left::Now(call)))
        }
        Reservation::Settled => {
            tx.commit().await?;
            Ok(Err(lost(asking, "settled")))
        }
        Reservation::Exhausted { scope } => {
            provider_call::give_back(&mut tx, call, &asking.claimed_by, "budget_exhausted", None).await?;
            tx.commit().await?;
            let (kind, subject) = scope.columns();
            Ok(Err(Fault::permanent(
                FailureCode::EnrichBudgetExhausted,
                format!(
                    "page {} may cost {}, which the budget of the {} does not allow any more; raise it and make another \
                     pull, which goes on at this page",
                    asking.page,
                    asking.most(),
                    [kind, &subject].join(" ").trim_end(),
                ),
            )))
        }
    }
}

/// Another attempt is at the page: it may live, or its time is over soon.
fn elsewhere(wait: Duration) -> Fault {
    let what = "another attempt is asking for this page";
    Fault::transient(FailureCode::EnrichApiTimeout, what).retry_after(wait)
}

/// Whoever asked for the page died with the answer: the vendor may have charged all of what was put aside.
async fn count_as_charged(tx: &mut BulkTransaction, call: ProviderCallId) -> Result<(), Fault> {
    if let Some(most) = ledger::give_up(tx, call).await? {
        budget::settle(tx, call, most).await?;
    }
    Ok(())
}

/// Draws one call from the buckets of the account and of the team, waiting where it is not for long.
async fn draw(asking: &Asking) -> Result<(), Fault> {
    let vendors = &asking.resources.vendors;
    let buckets = vendors.buckets(asking.word());
    let mut waited = Duration::ZERO;
    loop {
        if asking.is_given_up() {
            return Err(Fault::cancelled());
        }
        let db = &asking.resources.db;
        match again(|| async { Ok(rate_limit::take_all(db, asking.pull.team, &buckets).await?) }.boxed())
            .await?
        {
            Taken::Granted => return Ok(()),
            Taken::Wait(wait) if waited + wait <= vendors.policy.longest_wait => {
                waited += wait;
                tokio::time::sleep(wait).await;
            }
            Taken::Wait(wait) => {
                let what = format!("{} is to be left alone for {wait:?}", asking.word());
                return Err(Fault::transient(FailureCode::EnrichRateLimited, what).retry_after(wait));
            }
        }
    }
}

/// The account's word, and then the note that the call leaves. Committed before it does.
async fn go(asking: &Asking, call: ProviderCallId) -> Tried<()> {
    let policy = &asking.resources.vendors.policy;
    let mut tx = asking.resources.db.team_bulk(asking.pull.team).await?;
    match provider_account::gate(&mut tx, asking.word(), policy.breaker).await? {
        Gate::Open | Gate::Probe => {}
        Gate::Circuit { until } => {
            let wait = (until - chrono::Utc::now()).to_std().unwrap_or_default();
            let what = format!("{} fails; nobody calls it for {wait:?}", asking.word());
            return Ok(Err(Fault::transient(FailureCode::EnrichApiTimeout, what).retry_after(wait)));
        }
        Gate::Paused { reason, .. } => return Ok(Err(account_stopped(asking.word(), &reason))),
    }
    if asking.is_given_up() {
        return Ok(Err(Fault::cancelled()));
    }
    if !provider_call::leave(&mut tx, call, &asking.claimed_by, policy.call_timeout + MARGIN).await? {
        return Ok(Err(elsewhere(MARGIN)));
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Nobody calls the vendor before a person has seen to it.
pub(super) fn account_stopped(word: &str, reason: &str) -> Fault {
    Fault::permanent(
        FailureCode::EnrichAccountStopped,
        format!("the account at {word} is stopped ({reason}); see to it, resume it and make another pull"),
    )
}

/// Nothing leaves: the claim and what was put aside go back.
async fn give_back(asking: &Asking, call: ProviderCallId) -> Result<(), Fault> {
    let mut tx = asking.resources.db.team_bulk(asking.pull.team).await?;
    provider_call::give_back(&mut tx, call, &asking.claimed_by, "not_sent", None).await?;
    budget::release(&mut tx, call).await?;
    tx.commit().await?;
    Ok(())
}

/// Sees that no page of the pull is on its way when it ends. What an attempt that died had put aside comes back where nothing
/// had left; else it counts as charged.
///
/// # Errors
/// A transient fault while an attempt may still be at a page.
pub(super) async fn settle_open(
    tx: &mut BulkTransaction,
    pull: PullRef,
    held: &pull::HeldPull,
) -> Result<(), Fault> {
    let (Ok(source), Ok(question)) = (
        held.source.parse::<ListSourceId>(),
        serde_json::from_value::<ListQuestion>(held.pull_params.clone()),
    ) else {
        // Nothing was ever asked.
        return Ok(());
    };
    let bookmark = pull::bookmark(tx, &held.source, &question.signature()).await?;
    let key = key_of(pull, u32::try_from(bookmark.last_page_fetched).unwrap_or_default() + 1);
    let claimed_by = format!("pull:{}", pull.pull);
    let ask = Ask {
        provider: source.provider().as_str(),
        product: PRODUCT,
        request_hash: hash_of(key),
        subject: CallSubject::Point(key),
        enrichment: None,
        claimed_by: &claimed_by,
        lease: MARGIN,
    };
    match provider_call::claim(tx, &ask).await? {
        Claim::Claimed { call, .. } => {
            provider_call::give_back(tx, call, &claimed_by, "not_sent", None).await?;
        }
        Claim::Cached(_) => {}
        Claim::UnknownOutcome(answer) => count_as_charged(tx, answer.call).await?,
        Claim::InFlight { until, .. } => {
            return Err(elsewhere((until - chrono::Utc::now()).to_std().unwrap_or_default()));
        }
    }
    Ok(())
}
