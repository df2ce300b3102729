//! What must happen although nobody asks for it. Any number of workers may sweep at once: each sweep does again
//! what another has done, without effect.

mod bucket_index;
mod start_uploads;

use std::time::Duration;

use temporalio_client::Client;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Fault, Resources};

/// How often sweeps look.
const PAUSE: Duration = Duration::from_secs(5);

/// How old a multipart upload is that nobody will finish any more.
const STALE_MULTIPART: Duration = Duration::from_secs(24 * 60 * 60);
/// How often they are looked for.
const STALE_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Sweeps until the future is dropped. What fails is logged and tried again at the next look.
pub async fn run(resources: Resources, client: Client, task_queue: String) {
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut look_for_stale = interval(STALE_PAUSE);
    loop {
        tokio::select! {
            _ = look.tick() => {
                report("start_uploads", start_uploads::start_uploads(&resources, &client, &task_queue).await);
                report("bucket_index", bucket_index::write_stale(&resources).await);
            }
            _ = look_for_stale.tick() => {
                let aborted = resources.store.abort_stale_multiparts(None, STALE_MULTIPART).await;
                report("stale_multiparts", aborted.map_err(Fault::from));
            }
        }
    }
}

fn report(sweep: &'static str, done: Result<u64, Fault>) {
    match done {
        Ok(0) => {}
        Ok(done) => tracing::info!(sweep, done, "swept"),
        Err(fault) => tracing::warn!(sweep, code = %fault.code(), message = fault.message(), "sweep failed"),
    }
}
