//! What was committed here is told elsewhere, at least once.
//!
//! The outbox is written with what it tells of, so nothing is lost where Temporal is away or a process dies; the relay reads it
//! and tells each notice until it is told. A repetition does no harm: what a conversation does is known by its rows, and a
//! workflow of an id runs once. What came in is seen to first, and then the workflow of its conversation is told: two loops, so
//! that no message waits for its place in the inbox because Temporal is slow.

mod attend;
pub mod endpoint;
mod missed;
mod notices;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use temporalio_client::Client;
use tokio::time::{MissedTickBehavior, interval};

use crate::{Fault, Resources};

/// How often is looked whether there is something to be told.
const LOOK: Duration = Duration::from_millis(250);

/// The longest rest between two rounds of telling.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// So many messages between two looks are a crowd: for each such number a round of telling is rested from once more.
const CROWD: u32 = 5;

/// How often vendors' own records are read for what no webhook brought.
const MISSED: Duration = Duration::from_secs(60);

/// How often is looked for what could not be told.
const STUCK: Duration = Duration::from_secs(60);

/// Tells what is to be told until the future is dropped. What fails is logged and tried again. Any number of workers may do
/// so at once: a notice that one has taken is left alone by the others for a while.
pub async fn run(
    resources: Resources,
    client: Client,
    task_queue: String,
    pace: workflows::conversation::Pace,
) {
    // How many messages the last look found.
    let came_in = AtomicU32::new(0);
    let attending = async {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let mut found = 0;
            while let Some(more @ 1..) = report("attend", attend::attend(&resources).await) {
                found += more;
            }
            came_in.store(u32::try_from(found).unwrap_or(u32::MAX), Ordering::Relaxed);
        }
    };
    let telling = async {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            // As long as there is more, nobody waits for the next look; but telling has the machine no more than half of the
            // time, so that webhooks, which may be on the same one, have the rest. Where much comes in it has less of it: what came
            // in has its place already, and its workflow can begin when the crowd has passed.
            loop {
                let start = Instant::now();
                let told = notices::tell(&resources, &client, &task_queue, pace).await;
                if !matches!(report("relay", told), Some(1..)) {
                    break;
                }
                let rounds = 1 + came_in.load(Ordering::Relaxed) / CROWD;
                tokio::time::sleep(start.elapsed().saturating_mul(rounds).min(LONGEST_REST)).await;
            }
        }
    };
    let alerting = async {
        let mut look = interval(STUCK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            report("stuck_notices", notices::raise_stuck(&resources).await);
        }
    };
    let reading = async {
        let mut look = interval(MISSED);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            report("missed_events", missed::take_in(&resources).await);
        }
    };
    tokio::join!(attending, telling, alerting, reading);
}

/// Says how it went; answers how much was done.
fn report(what: &'static str, done: Result<u64, Fault>) -> Option<u64> {
    match done {
        Ok(0) => Some(0),
        Ok(done) => {
            tracing::debug!(what, done, "told");
            Some(done)
        }
        Err(fault) => {
            tracing::warn!(what, code = %fault.code(), message = fault.message(), "the relay failed, and tries again");
            None
        }
    }
}
