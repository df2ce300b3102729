//! Keeps Temporal told that an activity lives, and the activity told that its workflow has given up.

use std::time::Duration;

use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{Instrument as _, Span};

use crate::Fault;

/// How often an activity says that it lives. The SDK sends on only as many as the heartbeat timeout asks for.
const BEAT: Duration = Duration::from_millis(500);

/// Does `work`, with a heartbeat all the while. When the workflow cancels the activity, `work` is dropped where it
/// stands, and with it the transaction it was in.
///
/// # Errors
/// The fault of `work`, or [`Fault::cancelled`].
pub async fn while_working<T>(
    ctx: &ActivityContext,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    tokio::pin!(work);
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = ctx.cancelled() => return Err(Fault::cancelled()),
            _ = beat.tick() => {
                if let Err(error) = ctx.record_heartbeat(()).await {
                    tracing::warn!(%error, "heartbeat could not be recorded");
                }
            }
        }
    }
}

/// Runs the activity `name` within `span`: heartbeat, one log line with its outcome, the fault classified for Temporal.
pub(crate) async fn run<T>(
    ctx: &ActivityContext,
    name: &'static str,
    span: Span,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, ActivityError> {
    async {
        let done = while_working(ctx, work).await;
        if done.is_ok() {
            tracing::info!("done");
        }
        done.map_err(|fault| fault.into_activity_error(name))
    }
    .instrument(span)
    .await
}
