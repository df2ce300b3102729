//! Ctrl-C and SIGTERM.

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancelled when the process is told to stop. Told a second time, it ends at once: the watchdog of the local stack
/// ends what it started.
///
/// # Errors
/// Where the system does not let us listen.
pub(crate) fn told_to_stop() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let told = stop.clone();
    tokio::spawn(async move {
        for time in 0.. {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if time > 0 {
                std::process::exit(130);
            }
            told.cancel();
        }
    });
    Ok(stop)
}
