//! Why a pull did not come to the end of the list, and how its activities are called: retried without end within their time.

use std::time::Duration;

use domain::FailureCode;
use temporalio_common::error::{ApplicationFailure, IncomingError};
use temporalio_workflow::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityExecutionError, ActivityOptions, RetryPolicy,
    WorkflowCancellationToken,
};

use super::messages::{Ended, Pace};

/// Why the story did not reach its end.
pub(super) struct Stop {
    pub(super) ended: Ended,
    /// `None` where a person wanted it so.
    pub(super) fault: Option<(FailureCode, String)>,
}

impl Stop {
    pub(super) const fn by_a_person() -> Self {
        Self { ended: Ended::Person, fault: None }
    }
}

/// What an activity's failure means for the pull.
pub(super) fn stop(error: &ActivityExecutionError) -> Stop {
    let cancelled = matches!(error, ActivityExecutionError::Cancelled(_))
        || matches!(error.reason(), Some(IncomingError::Cancelled(_)));
    if cancelled {
        return Stop::by_a_person();
    }
    let (code, detail) = match error.reason() {
        Some(IncomingError::Application(reason)) => (
            reason.type_name().and_then(|name| name.parse().ok()).unwrap_or(FailureCode::SystemInternal),
            reason.source_error().to_string(),
        ),
        Some(IncomingError::Timeout(_)) => (
            FailureCode::EnrichApiTimeout,
            "a page took longer than it may; see its last failure in the Temporal UI, then make another pull, which goes \
             on where this one was left"
                .to_owned(),
        ),
        _ => (FailureCode::SystemInternal, error.to_string()),
    };
    let ended = if code == FailureCode::EnrichBudgetExhausted { Ended::Budget } else { Ended::Failure };
    Stop { ended, fault: Some((code, detail)) }
}

/// An activity that any worker does.
pub(super) fn anywhere(pace: Pace, token: &WorkflowCancellationToken, summary: &str) -> ActivityOptions {
    options(pace, pace.activity_timeout(), None, token, summary)
}

/// An activity that asks a vendor, on `queue`.
pub(super) fn asking(
    pace: Pace,
    token: &WorkflowCancellationToken,
    queue: String,
    summary: &str,
) -> ActivityOptions {
    options(pace, pace.page_timeout(), Some(queue), token, summary)
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

#[expect(clippy::disallowed_methods, reason = "the one place where this workflow builds failures")]
pub(super) fn failure(code: FailureCode, detail: String) -> ApplicationFailure {
    ApplicationFailure::builder(detail).type_name(code.as_str().to_owned()).non_retryable(true).build()
}
