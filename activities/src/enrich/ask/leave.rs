//! What comes right before a call leaves: the note that it does, and under a permit the account's word and the buckets.
//!
//! The note has to be on the disk before the bytes leave, so it is written while a permit is waited for, by few calls
//! at once: those that are noted and have not left when their worker dies count as lost. What is left for the permit
//! is what has to be true when the call leaves, asked in one question, and the disk is not waited for there: were a server to
//! forget a draw in a crash, nobody called meanwhile.

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

/// Whether calls may leave now; `Err` where they may not, and perhaps why.
type Word = Result<(), Option<Stop>>;

/// What one look came to.
enum Looked {
    Word(Word),
    /// Not yet, but soon.
    Wait(Duration),
}

/// Notes that calls leave. Answers those of them that are the caller's still.
pub(super) async fn note(asking: &Asking, calls: &Calls) -> Result<Vec<ProviderCallId>, Fault> {
    let policy = &asking.resources.vendors.policy;
    // As long as the call before it may take, whose permit is waited for, and as the call itself may.
    let lease = (policy.call_timeout + policy.longest_wait * 2) * 2;
    let ids: Vec<ProviderCallId> = calls.iter().map(|(call, _)| *call).collect();
    again(|| {
        async {
            let mut tx = asking.resources.db.team_bulk(asking.run.team).await?;
            let noted = provider_call::leave_together(&mut tx, &ids, &asking.claimed_by, lease).await?;
            tx.commit().await?;
            Ok(noted)
        }
        .boxed()
    })
    .await
}

/// Asks the account and draws from the buckets. A wait that is not long is sat out, the permit held: there is no other call
/// that the limit would let pass.
pub(super) async fn may_leave(asking: &Asking, stays: impl Fn() -> bool) -> Result<Word, Fault> {
    let mut waited = Duration::ZERO;
    loop {
        if stays() {
            return Ok(Err(None));
        }
        match again(|| look(asking).boxed()).await? {
            Looked::Word(word) => return Ok(word),
            Looked::Wait(wait) if waited + wait <= asking.resources.vendors.policy.longest_wait => {
                waited += wait;
                tokio::time::sleep(wait).await;
            }
            Looked::Wait(wait) => {
                return Ok(Err(Some(Stop::Later(FailureCode::EnrichRateLimited, wait))));
            }
        }
    }
}

/// One question where nothing is the matter with the account. Where there is, whoever may call to see draws in the transaction in
/// which that is noted.
async fn look(asking: &Asking) -> Result<Looked, Fault> {
    let (db, policy) = (&asking.resources.db, &asking.resources.vendors.policy);
    let buckets = asking.resources.vendors.buckets(asking.word());
    if let Some(taken) = provider_account::take_if_open(db, asking.run.team, asking.word(), &buckets).await? {
        return Ok(taken.into());
    }
    let mut tx = db.team_bulk(asking.run.team).await?;
    match provider_account::gate(&mut tx, asking.word(), policy.breaker).await? {
        Gate::Open | Gate::Probe => {}
        Gate::Circuit { until } => {
            let wait = (until - Utc::now()).to_std().unwrap_or_default();
            let stop = Stop::Later(FailureCode::EnrichApiTimeout, wait);
            return Ok(Looked::Word(Err(Some(stop))));
        }
        Gate::Paused { .. } => {
            let stop = Stop::Held(FailureCode::EnrichAccountStopped);
            return Ok(Looked::Word(Err(Some(stop))));
        }
    }
    let taken = rate_limit::take_each(&mut tx, &buckets).await?;
    if taken == Taken::Granted {
        tx.commit().await?;
    }
    Ok(taken.into())
}

impl From<Taken> for Looked {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Granted => Self::Word(Ok(())),
            Taken::Wait(wait) => Self::Wait(wait),
        }
    }
}
