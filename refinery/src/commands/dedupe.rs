//! `refinery dedupe`.

use crate::cli::Dedupe;
use crate::dedupe;
use crate::exit::Exit;
use crate::speak;

/// Resolves the files on threads of their own: nothing of it waits for anything but the disk.
pub(super) async fn run(options: Dedupe) -> anyhow::Result<Exit> {
    let json = options.format.json;
    let outcome = tokio::task::spawn_blocking(move || dedupe::run(&options)).await??;
    match json {
        true => speak::result(serde_json::to_string(&outcome)?),
        false => outcome.lines().into_iter().for_each(speak::result),
    }
    Ok(Exit::Success)
}
