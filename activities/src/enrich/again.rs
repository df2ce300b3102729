//! Doing a transaction again that the database could not do now.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use futures::future::BoxFuture;

use crate::Fault;
use crate::fault::FaultKind;

/// Repeats `work` while what keeps it from being done may pass, for about half a minute: an answer that was paid for is
/// worth waiting for the database.
pub(crate) async fn again<'a, T>(
    mut work: impl FnMut() -> BoxFuture<'a, Result<T, Fault>>,
) -> Result<T, Fault> {
    let backoff = ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(20))
        .with_max_delay(Duration::from_secs(3))
        .with_max_times(16)
        .with_jitter();
    let mut pauses = backoff.build();
    loop {
        match work().await {
            Err(fault) if fault.kind() == FaultKind::Transient => match pauses.next() {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(fault),
            },
            done => return done,
        }
    }
}
