//! Sending a list and waiting for its end.

use std::time::Duration;

use anyhow::Context;

use super::client::{Client, Taken, Upload};
use super::list::List;
use super::outcome::Outcome;
use super::stages::Stages;
use crate::speak;

/// How often the API is asked how far the list is.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How it ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// In blocks.
    Completed(Outcome),
    /// Otherwise.
    Failed(Outcome),
}

/// Sends `list` through the API, shows how far it is, and answers with what came of it.
///
/// # Errors
/// Where the API refuses the list or stops answering.
pub(crate) async fn upload_and_follow(client: &Client, list: &List) -> anyhow::Result<Ended> {
    let (size, body) = list.open().await?;
    let name = list.name();
    speak::note(format!("\nRefining {name} ({})", human(size)));
    let upload = match client.send(&name, size, body).await? {
        Taken::New(upload) => upload,
        Taken::Before(upload) => {
            speak::note(format!(
                "  this list was loaded before, as {} ({}); here is what came of it. `refinery demo --reset` starts from empty.",
                upload.original_name, upload.id
            ));
            upload
        }
    };
    let upload = follow(client, upload).await?;
    let blocks = client.blocks(&upload.id).await?;
    let completed = upload.status == "completed";
    let outcome = Outcome::of(upload, blocks);
    Ok(if completed { Ended::Completed(outcome) } else { Ended::Failed(outcome) })
}

async fn follow(client: &Client, upload: Upload) -> anyhow::Result<Upload> {
    let id = upload.id.clone();
    let mut seen = upload;
    let mut stages = Stages::default();
    let mut silent = 0_u32;
    if !is_open(&seen) {
        return Ok(seen);
    }
    while is_open(&seen) {
        stages.show(&seen);
        tokio::time::sleep(LOOK_EVERY).await;
        match client.upload(&id).await {
            Ok(upload) => {
                silent = 0;
                seen = upload;
            }
            // A service that is away for a moment comes back; the import goes on meanwhile.
            Err(error) => {
                silent += 1;
                if silent > 150 {
                    return Err(error)
                        .context("the upload cannot be followed any more; it goes on without being watched");
                }
            }
        }
    }
    stages.finish(&seen);
    // The last look may have seen the end before the last stage's time was written.
    client.upload(&id).await
}

fn is_open(upload: &Upload) -> bool {
    matches!(upload.status.as_str(), "uploaded" | "processing")
}

/// A size for people.
fn human(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
