//! Keeps Temporal told that an activity lives, and the activity told that its workflow has given up.

use std::time::Duration;

use domain::FailureCode;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
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
    let mut pulse = pulse();
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = ctx.cancelled() => return Err(Fault::cancelled()),
            _ = pulse.tick() => beat(ctx).await,
        }
    }
}

/// Does `work` in a task of its own, with a heartbeat all the while: for what must not be torn off where it stands, since it
/// speaks with somebody outside. When the workflow cancels the activity, or the worker ends, `given_up` is set: nothing
/// more is begun, and what was begun is seen through and written down.
///
/// # Errors
/// The fault of `work`, a transient one where it panicked; [`Fault::cancelled`] where it had been given up.
pub(crate) async fn see_through<T: Send + 'static>(
    ctx: &ActivityContext,
    given_up: &CancellationToken,
    work: impl Future<Output = Result<T, Fault>> + Send + 'static,
) -> Result<T, Fault> {
    // Where this future is dropped, nobody waits any more.
    let _give_up = given_up.clone().drop_guard();
    let mut work = tokio::spawn(work);
    let mut pulse = pulse();
    let done = loop {
        tokio::select! {
            biased;
            done = &mut work => break done,
            () = ctx.cancelled(), if !given_up.is_cancelled() => given_up.cancel(),
            _ = pulse.tick() => beat(ctx).await,
        }
    };
    let done = done.unwrap_or_else(|broken| Err(Fault::transient(FailureCode::SystemInternal, broken)));
    match done {
        Err(fault) if given_up.is_cancelled() => {
            tracing::info!(code = %fault.code(), "given up");
            Err(Fault::cancelled())
        }
        done => done,
    }
}

/// Who claims calls and messages: one attempt at an activity. Another attempt is somebody else: the first may still be at a
/// call, where only its heartbeat got lost, and must not give back what the second has claimed.
pub(crate) fn claimant(ctx: &ActivityContext) -> String {
    let info = ctx.info();
    let run = info.workflow_run_id.as_deref().unwrap_or_default();
    format!("{run}/{}/{}", info.activity_id, info.attempt)
}

fn pulse() -> Interval {
    let mut pulse = interval(BEAT);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pulse
}

async fn beat(ctx: &ActivityContext) {
    if let Err(error) = ctx.record_heartbeat(()).await {
        tracing::warn!(%error, "heartbeat could not be recorded");
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
