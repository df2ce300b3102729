//! What an outcome says of the vendor's account, and what follows for everybody who calls it.

use std::time::Duration;

use domain::FailureCode;
use entities::BulkTransaction;
use entities::provider_account;
use entities::rate_limit::{self, Bucket};
use providers::enrichment::{CallOutcome, Verdict};

use super::super::vendors::bucket;
use super::{Asking, Stop};
use crate::Fault;

/// The longest that a vendor is left alone because its own count of calls says that none are left: then a call asks it.
const LONGEST_BLOCK: Duration = Duration::from_secs(60);

/// What an outcome says of the account.
pub(super) struct Account {
    /// Whether the vendor failed; `None` where the outcome says nothing of that.
    failed: Option<bool>,
    /// How long it wants to be left alone.
    block: Option<Duration>,
    /// Why nobody is to call before a person has seen to it.
    pause: Option<String>,
    /// What that means for the rest of the page.
    pub(super) stop: Option<Stop>,
}

/// Reads it off the verdicts and the headers.
pub(super) fn what_it_says(asking: &Asking, outcome: &CallOutcome) -> Account {
    let policy = &asking.resources.vendors.policy;
    let mut account = Account { failed: None, block: None, pause: None, stop: None };
    for (_, verdict) in &outcome.verdicts {
        match verdict {
            Verdict::RateLimited { retry_after } => {
                let wait = retry_after.unwrap_or(policy.default_retry_after);
                account.block = account.block.max(Some(wait));
                account.stop = Some(Stop::Later(FailureCode::EnrichRateLimited, wait));
            }
            Verdict::Transient { retry_after, .. } => {
                account.failed = Some(true);
                if let Some(wait) = retry_after {
                    account.block = account.block.max(Some(*wait));
                    account.stop = Some(Stop::Later(FailureCode::EnrichApiTimeout, *wait));
                }
            }
            Verdict::AccountStop { detail } => account.pause = Some(detail.clone()),
            verdict if verdict.is_failure() => account.failed = Some(true),
            verdict if verdict.is_answer() => account.failed = Some(account.failed.unwrap_or(false)),
            _ => {}
        }
    }
    if outcome.usage.is_exhausted() {
        let exhausted = outcome.usage.windows.iter().filter(|window| window.left == Some(0));
        let wait = exhausted.map(|window| window.resets_in.unwrap_or(window.length)).max();
        account.block = account.block.max(wait.map(|wait| wait.min(LONGEST_BLOCK)));
    }
    if account.pause.is_some() {
        account.stop = Some(Stop::Held(FailureCode::EnrichAccountStopped));
    }
    account
}

/// Writes down what follows for everybody.
pub(super) async fn note(tx: &mut BulkTransaction, asking: &Asking, account: &Account) -> Result<(), Fault> {
    let word = asking.word();
    match account.failed {
        Some(true) => {
            let open = provider_account::failed(tx, word, asking.resources.vendors.policy.breaker).await?;
            if open {
                tracing::warn!(provider = word, "the circuit is open: nobody calls for a while");
            }
        }
        Some(false) => provider_account::succeeded(tx, word).await?,
        None => {}
    }
    if let Some(reason) = &account.pause
        && provider_account::pause(tx, word, reason).await?
    {
        tracing::error!(
            provider = word,
            reason,
            "the account is stopped: nobody calls until a person has seen to it"
        );
    }
    // The account before its bucket, as whoever is about to call locks them.
    if let Some(wait) = account.block {
        rate_limit::block(tx, &Bucket::Account(bucket(word, 0)), wait).await?;
    }
    Ok(())
}
