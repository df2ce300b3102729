//! `refinery dev`.

use crate::cli::Dev;
use crate::exit::Exit;
use crate::local::{Local, told_to_stop};
use crate::speak;

/// Runs everything on this computer until Ctrl-C.
pub(super) async fn run(options: Dev) -> anyhow::Result<Exit> {
    let stop = told_to_stop()?;
    let Some(mut local) = Local::start(options.reset, &stop).await? else {
        return Ok(Exit::Interrupted);
    };
    speak::note("");
    local.places().for_each(speak::result);
    speak::note("\nReady. Ctrl-C stops everything; the data stays.");
    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        error = local.broke() => Err(error),
    };
    speak::note("\nStopping …");
    local.stop().await?;
    ended.map(|()| Exit::Success)
}
