//! Waiting for a condition instead of for time.

use std::future::Future;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long after a look the next one follows.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Looks again and again until a look breaks off with what was waited for. One that goes on says how it looks.
///
/// # Errors
/// That of a look; after `patience`, how it looked last.
pub async fn wait_for<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<ControlFlow<T, String>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        match look().await? {
            ControlFlow::Break(found) => return Ok(found),
            ControlFlow::Continue(looks) if start.elapsed() > patience => {
                bail!("waited {patience:?} in vain: {looks}")
            }
            ControlFlow::Continue(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}

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
