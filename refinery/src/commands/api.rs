//! `refinery api`.

use crate::exit::Exit;
use crate::local::told_to_stop;
use crate::logging;

/// Runs the HTTP service until Ctrl-C or SIGTERM.
pub(super) async fn run() -> anyhow::Result<Exit> {
    let config = api::Config::from_env()?;
    logging::to_stderr()?;
    let stop = told_to_stop()?;
    api::serve(config, stop.cancelled_owned()).await?;
    Ok(Exit::Success)
}
