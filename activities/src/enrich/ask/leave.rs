//! What comes under a permit, right before a call leaves: the account's word, the note that it leaves, and the buckets.
//!
//! All in one transaction, since a permit is held meanwhile. The buckets come last: the account's is everybody's, and is
//! locked for as long as a commit takes.

use std::time::Duration;

use chrono::Utc;
use domain::FailureCode;
use domain::id::ProviderCallId;
use entities::provider_account::{self, Gate};
use entities::provider_call;
use entities::rate_limit::{self, Taken};
use futures::FutureExt;

use super::super::again::again;
use super::claim::Calls;
use super::{Asking, Stop};
use crate::Fault;

/// Whether calls may leave.
pub(super) enum Left {
    /// These may: it is noted that they do.
    Yes(Vec<ProviderCallId>),
    /// None, and perhaps why.
    No(Option<Stop>),
}

/// What one look came to.
enum Looked {
    Left(Left),
    /// Not yet, but soon.
    Wait(Duration),
}

/// Notes that calls leave, where they may. A wait that is not long is sat out, the permit held: there is no other call that
/// the limit would let pass.
pub(super) async fn leave(asking: &Asking, calls: &Calls) -> Result<Left, Fault> {
    let mut waited = Duration::ZERO;
    loop {
        match again(|| look(asking, calls).boxed()).await? {
            Looked::Left(left) => return Ok(left),
            Looked::Wait(wait) if waited + wait <= asking.resources.vendors.policy.longest_wait => {
                waited += wait;
                tokio::time::sleep(wait).await;
            }
            Looked::Wait(wait) => {
                return Ok(Left::No(Some(Stop::Later(FailureCode::EnrichRateLimited, wait))));
            }
        }
        if asking.is_given_up() {
            return Ok(Left::No(None));
        }
    }
}

async fn look(asking: &Asking, calls: &Calls) -> Result<Looked, Fault> {
    let policy = &asking.resources.vendors.policy;
    let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
    match provider_account::gate(&mut tx, asking.word(), policy.breaker).await? {
        Gate::Open | Gate::Probe => {}
        Gate::Circuit { until } => {
            let wait = (until - Utc::now()).to_std().unwrap_or_default();
            let stop = Stop::Later(FailureCode::EnrichApiTimeout, wait);
            return Ok(Looked::Left(Left::No(Some(stop))));
        }
        Gate::Paused { .. } => {
            let stop = Stop::Held(FailureCode::EnrichAccountStopped);
            return Ok(Looked::Left(Left::No(Some(stop))));
        }
    }
    let lease = policy.call_timeout + policy.longest_wait * 2;
    let ids: Vec<ProviderCallId> = calls.iter().map(|(call, _)| *call).collect();
    let left = provider_call::leave_together(&mut tx, &ids, &asking.claimed_by, lease).await?;
    if left.is_empty() {
        return Ok(Looked::Left(Left::Yes(left)));
    }
    let buckets = asking.resources.vendors.buckets(asking.word());
    match rate_limit::take_each(&mut tx, &buckets, 1).await? {
        Taken::Granted => {
            tx.commit().await?;
            Ok(Looked::Left(Left::Yes(left)))
        }
        Taken::Wait(wait) => {
            tx.rollback().await?;
            Ok(Looked::Wait(wait))
        }
        Taken::TooMany { .. } => Err(Fault::permanent(
            FailureCode::SystemInternal,
            "a bucket holds less than one call; correct the vendor's limits",
        )),
    }
}
