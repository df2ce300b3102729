//! Waiting for a condition instead of for time.

use std::future::Future;
use std::time::{Duration, Instant};

/// Looks again and again until `predicate` holds.
///
/// # Panics
/// After `timeout`, naming `what` was waited for.
pub async fn wait_until<F: Future<Output = bool>>(
    what: &str,
    timeout: Duration,
    mut predicate: impl FnMut() -> F,
) {
    let start = Instant::now();
    while !predicate().await {
        assert!(start.elapsed() < timeout, "waited {timeout:?} in vain until {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
