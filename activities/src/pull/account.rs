//! What an outcome says of the vendor's account, and what follows for everybody who calls it.

use entities::BulkTransaction;
use entities::provider_account;
use entities::rate_limit::{self, Bucket};
use providers::enrichment::Verdict;
use providers::lists::ListOutcome;

use super::ask::Asking;
use crate::Fault;
use crate::enrich::vendors::bucket;

/// Writes it down.
pub(super) async fn note(
    tx: &mut BulkTransaction,
    asking: &Asking,
    outcome: &ListOutcome,
) -> Result<(), Fault> {
    let (word, policy) = (asking.word(), &asking.resources.vendors.policy);
    let wait = match &outcome.page {
        Err(Verdict::RateLimited { retry_after }) => Some(retry_after.unwrap_or(policy.default_retry_after)),
        Err(Verdict::Transient { retry_after, .. }) => *retry_after,
        _ => None,
    };
    match &outcome.page {
        Ok(_) => provider_account::succeeded(tx, word).await?,
        Err(Verdict::AccountStop { detail }) => {
            if provider_account::pause(tx, word, detail).await? {
                tracing::error!(
                    provider = word,
                    reason = detail,
                    "the account is stopped: nobody calls until a person has seen to it"
                );
            }
        }
        Err(verdict) if verdict.is_failure() => {
            if provider_account::failed(tx, word, policy.breaker).await? {
                tracing::warn!(provider = word, "the circuit is open: nobody calls for a while");
            }
        }
        Err(_) => {}
    }
    // The account before its bucket, as whoever is about to call locks them.
    if let Some(wait) = wait {
        rate_limit::block(tx, &Bucket::Account(bucket(word, 0)), wait).await?;
    }
    Ok(())
}
