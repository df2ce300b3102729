//! What several have to write at the same moment is written in one transaction.
//!
//! Claims and answers lock the same few budgets to the end of their transactions, which waits for the disk: written one by one,
//! ten calls at once queue for each other. Here whoever comes while a transaction runs leaves what it has with the next one.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use domain::FailureCode;
use futures::future::BoxFuture;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::oneshot::{self, Sender};

use crate::Fault;

/// Things of which those that wait are done together.
pub(super) struct Together<I, O> {
    waiting: Mutex<Vec<(I, Sender<O>)>>,
    turn: tokio::sync::Mutex<()>,
}

/// What waits is somebody's: it is not shown.
impl<I, O> fmt::Debug for Together<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Together(…)")
    }
}

impl<I, O> Default for Together<I, O> {
    fn default() -> Self {
        Self { waiting: Mutex::default(), turn: tokio::sync::Mutex::default() }
    }
}

impl<I, O> Together<I, O> {
    /// Has `one` done, by whoever is next, with all that waits then. `all` answers for each, in order.
    ///
    /// # Errors
    /// What `all` says; whoever has only left its thing with others then learns that it was not done, and that it may be tried
    /// again.
    pub(super) async fn done<'a>(
        &self,
        one: I,
        all: impl FnOnce(Vec<I>) -> BoxFuture<'a, Result<Vec<O>, Fault>>,
    ) -> Result<O, Fault> {
        let (tell, mut told) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((one, tell));
        let turn = self.turn.lock().await;
        match told.try_recv() {
            Ok(done) => return Ok(done),
            Err(TryRecvError::Closed) => return Err(left_undone()),
            Err(TryRecvError::Empty) => {}
        }
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let (things, tells): (Vec<I>, Vec<Sender<O>>) = waiting.into_iter().unzip();
        let done = all(things).await?;
        for (tell, done) in tells.into_iter().zip(done) {
            // Whoever does not listen any more has gone, and it is done all the same.
            drop(tell.send(done));
        }
        drop(turn);
        told.try_recv().map_err(|_| left_undone())
    }
}

fn left_undone() -> Fault {
    Fault::transient(
        FailureCode::SystemUnavailable,
        "what was left for the next transaction was not done by it",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::FutureExt;
    use futures::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn what_waits_is_done_together_and_each_has_its_own_answer() {
        let (together, times) = (Together::default(), AtomicUsize::new(0));
        let gate = Arc::new(Semaphore::new(0));
        let all = (0..20_u32).map(|one| {
            let (times, gate) = (&times, gate.clone());
            together.done(one, move |all| {
                async move {
                    // The first waits until all others have come.
                    drop(gate.acquire().await);
                    times.fetch_add(1, Ordering::Relaxed);
                    Ok(all.into_iter().map(|one| one * 2).collect())
                }
                .boxed()
            })
        });
        let (answers, ()) = futures::join!(join_all(all), async { gate.add_permits(20) });
        let answers: Vec<u32> = answers.into_iter().filter_map(Result::ok).collect();
        assert_eq!(answers, (0..20).map(|one| one * 2).collect::<Vec<_>>());
        assert_eq!(times.load(Ordering::Relaxed), 2, "the first, and then all others");
    }

    #[tokio::test]
    async fn what_fails_is_told_to_everybody_and_the_next_begins_anew() {
        let together = Together::default();
        let fails = |_: Vec<u32>| {
            async { Err::<Vec<u32>, _>(Fault::permanent(FailureCode::SystemInternal, "no")) }.boxed()
        };
        let two = futures::join!(together.done(1, fails), together.done(2, fails), together.done(3, fails));
        assert!(two.0.is_err() && two.1.is_err() && two.2.is_err());
        let works = together.done(4, |all| async { Ok(all) }.boxed()).await;
        assert_eq!(works.ok(), Some(4));
    }
}
