//! `refinery demo`.

use crate::cli::Demo;
use crate::demo::{Client, Ended, List, show, upload_and_follow};
use crate::exit::Exit;
use crate::local::{Local, told_to_stop};
use crate::speak;

/// Runs everything on this computer, refines a list and shows what came of it.
pub(super) async fn run(options: Demo) -> anyhow::Result<Exit> {
    // Before anything is started: whether there is a list at all.
    let list = List::find(options.file.as_deref())?;
    let stop = told_to_stop()?;
    let Some(mut local) = Local::start(options.reset, &stop).await? else {
        return Ok(Exit::Interrupted);
    };
    let client = Client::new(&local.api_url, &local.api_key)?;
    let mut done = tokio::select! {
        biased;
        () = stop.cancelled() => Ok(Exit::Interrupted),
        error = local.broke() => Err(error),
        ended = upload_and_follow(&client, &list) => ended.map(|ended| {
            show(&ended, options.json);
            match ended {
                Ended::Completed(_) => Exit::Success,
                Ended::Failed(_) => Exit::UploadFailed,
            }
        }),
    };
    if !options.exit && matches!(done, Ok(Exit::Success | Exit::UploadFailed)) {
        speak::note("");
        // With --json, standard output holds the outcome alone.
        local.places().for_each(|line| if options.json { speak::note(line) } else { speak::result(line) });
        speak::note("\nEverything stays up to be looked at. Ctrl-C stops it; the data stays.");
        tokio::select! {
            () = stop.cancelled() => {}
            error = local.broke() => done = Err(error),
        }
    }
    speak::note("\nStopping …");
    local.stop().await?;
    done
}
