//! Why a pull did not come to the end of the list, and how long its activities may take.

use std::time::Duration;

use domain::FailureCode;
use temporalio_workflow::{ActivityExecutionError, ActivityOptions, WorkflowCancellationToken};

use super::messages::{Ended, Pace};
use crate::calling::{Patience, is_cancelled, options, told};

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
    if is_cancelled(error) {
        return Stop::by_a_person();
    }
    let late = "a page took longer than it may; see its last failure in the Temporal UI, then make another pull, which goes \
                on where this one was left";
    let (code, detail) = told(error, (FailureCode::EnrichApiTimeout, late));
    let ended = if code == FailureCode::EnrichBudgetExhausted { Ended::Budget } else { Ended::Failure };
    Stop { ended, fault: Some((code, detail)) }
}

/// An activity that any worker does.
pub(super) fn anywhere(pace: Pace, token: &WorkflowCancellationToken, summary: &str) -> ActivityOptions {
    options(patience(pace, pace.activity_timeout()), None, token, summary)
}

/// An activity that asks a vendor, on `queue`.
pub(super) fn asking(
    pace: Pace,
    token: &WorkflowCancellationToken,
    queue: String,
    summary: &str,
) -> ActivityOptions {
    options(patience(pace, pace.page_timeout()), Some(queue), token, summary)
}

fn patience(pace: Pace, all: Duration) -> Patience {
    Patience { heartbeat: pace.heartbeat_timeout(), attempt: pace.attempt_timeout().min(all), all }
}
