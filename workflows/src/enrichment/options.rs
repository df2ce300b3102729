//! How activities are called: retried without end within their time, since what is transient may last as long as an
//! outage does, and what is not says so itself.

use std::time::Duration;

use temporalio_workflow::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityOptions, RetryPolicy, WorkflowCancellationToken,
};

use super::messages::Pace;

/// An activity that any worker does.
pub(super) fn anywhere(pace: Pace, token: &WorkflowCancellationToken, summary: &str) -> ActivityOptions {
    options(pace, pace.activity_timeout(), None, token, summary)
}

/// An activity that asks a vendor, on `queue`.
pub(super) fn lookup(
    pace: Pace,
    token: &WorkflowCancellationToken,
    queue: String,
    summary: &str,
) -> ActivityOptions {
    options(pace, pace.lookup_timeout(), Some(queue), token, summary)
}

fn options(
    pace: Pace,
    schedule_to_close: Duration,
    queue: Option<String>,
    token: &WorkflowCancellationToken,
    summary: &str,
) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        start_to_close: pace.attempt_timeout().min(schedule_to_close),
        schedule_to_close,
    })
    .maybe_task_queue(queue)
    .heartbeat_timeout(pace.heartbeat_timeout())
    .cancellation_type(ActivityCancellationType::WaitCancellationCompleted)
    .cancellation_token(token.clone())
    .retry_policy(
        RetryPolicy::builder()
            .initial_interval(Duration::from_millis(250))
            .maximum_interval(Duration::from_secs(10))
            .build(),
    )
    .summary(summary)
    .build()
}
