//! What must happen although nobody asks for it. Any number of workers may sweep at once: each sweep does again
//! what another has done, without effect.

mod bucket_index;
mod left_behind;
mod on_schedule;
mod service_levels;
mod start_runs;
mod start_uploads;

use std::time::Duration;

use temporalio_client::Client;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Fault, Resources};

/// How often sweeps look.
const PAUSE: Duration = Duration::from_secs(5);

/// How often those look that nobody waits for.
const SLOW_PAUSE: Duration = Duration::from_secs(60);

/// How old a multipart upload is that nobody will finish any more.
const STALE_MULTIPART: Duration = Duration::from_secs(24 * 60 * 60);
/// How often they are looked for.
const STALE_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Sweeps until the future is dropped. What fails is logged and tried again at the next look.
pub async fn run(resources: Resources, client: Client, task_queue: String) {
    let mut look = interval(PAUSE);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut look_slowly = interval(SLOW_PAUSE);
    look_slowly.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut look_for_stale = interval(STALE_PAUSE);
    loop {
        tokio::select! {
            _ = look.tick() => {
                report("start_uploads", start_uploads::start_uploads(&resources, &client, &task_queue).await);
                report("pull_schedules", on_schedule::make_pulls(&resources).await);
                report("start_enrichments", start_runs::start_enrichments(&resources, &client, &task_queue).await);
                report("start_pulls", start_runs::start_pulls(&resources, &client, &task_queue).await);
                report("bucket_index", bucket_index::write_stale(&resources).await);
            }
            _ = look_slowly.tick() => {
                report("on_hold", on_schedule::ask_again(&resources).await);
                report("left_behind", left_behind::end_calls(&resources).await);
                report("service_levels", service_levels::raise_breaches(&resources).await);
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
