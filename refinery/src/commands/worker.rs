//! `refinery worker`.

use crate::exit::Exit;
use crate::local::told_to_stop;
use crate::logging;

/// Runs a worker until Ctrl-C or SIGTERM.
pub(super) async fn run() -> anyhow::Result<Exit> {
    let config = worker::Config::from_env()?;
    logging::to_stderr()?;
    let stop = told_to_stop()?;
    let mut thread = worker::Thread::start(config)?;
    tokio::select! {
        ended = thread.ended() => ended?,
        () = stop.cancelled() => thread.stop().await?,
    }
    Ok(Exit::Success)
}
