//! How workflows call activities, what the failure of one means, how a workflow fails, and what it waits for before it ends.

use std::time::Duration;

use domain::FailureCode;
use temporalio_common::error::{ApplicationFailure, IncomingError};
use temporalio_workflow::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityExecutionError, ActivityOptions, RetryPolicy,
    WaitConditionOptions, WorkflowCancellationToken, WorkflowContext,
};

/// How long an activity may take.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    /// Unheard of.
    pub(crate) heartbeat: Duration,
    /// One attempt.
    pub(crate) attempt: Duration,
    /// All attempts together.
    pub(crate) all: Duration,
}

/// Retries without end within the activity's time: what is transient may last as long as an outage does, and what is not
/// says so itself. On `queue`, or on the workflow's own.
pub(crate) fn options(
    patience: Patience,
    queue: Option<String>,
    token: &WorkflowCancellationToken,
    summary: &str,
) -> ActivityOptions {
    ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
        start_to_close: patience.attempt,
        schedule_to_close: patience.all,
    })
    .maybe_task_queue(queue)
    .heartbeat_timeout(patience.heartbeat)
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

/// Whether the activity ended because the workflow was told to stop.
pub(crate) fn is_cancelled(error: &ActivityExecutionError) -> bool {
    matches!(error, ActivityExecutionError::Cancelled(_))
        || matches!(error.reason(), Some(IncomingError::Cancelled(_)))
}

/// What went wrong, as a code and in words; `late` where the activity ran out of time.
pub(crate) fn told(error: &ActivityExecutionError, late: (FailureCode, &str)) -> (FailureCode, String) {
    match error.reason() {
        Some(IncomingError::Application(reason)) => (
            reason.type_name().and_then(|name| name.parse().ok()).unwrap_or(FailureCode::SystemInternal),
            reason.source_error().to_string(),
        ),
        Some(IncomingError::Timeout(_)) => (late.0, late.1.to_owned()),
        _ => (FailureCode::SystemInternal, error.to_string()),
    }
}

/// The failure of a workflow.
#[expect(clippy::disallowed_methods, reason = "this is the one place where workflows build failures")]
pub(crate) fn failure(code: FailureCode, detail: String) -> ApplicationFailure {
    ApplicationFailure::builder(detail).type_name(code.as_str().to_owned()).non_retryable(true).build()
}

/// Waits until no update is being carried out: before a workflow ends or continues as new.
pub(crate) async fn drain<W>(ctx: &WorkflowContext<W>) {
    let handlers = ctx.clone();
    let options =
        WaitConditionOptions::builder().cancellation_token(WorkflowCancellationToken::new()).build();
    // All that can end the wait early is its token, which is nobody else's.
    drop(ctx.wait_condition_with_options(move |_| handlers.all_handlers_finished(), options).await);
}
