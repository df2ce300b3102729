//! How long activities may take.

use std::time::Duration;

use temporalio_workflow::{ActivityOptions, WorkflowCancellationToken};

use super::messages::Pace;
use crate::calling::{Patience, options};

/// An activity that any worker does.
pub(super) fn anywhere(pace: Pace, token: &WorkflowCancellationToken, summary: &str) -> ActivityOptions {
    options(patience(pace, pace.activity_timeout()), None, token, summary)
}

/// An activity that asks a vendor, on `queue`.
pub(super) fn lookup(
    pace: Pace,
    token: &WorkflowCancellationToken,
    queue: String,
    summary: &str,
) -> ActivityOptions {
    options(patience(pace, pace.lookup_timeout()), Some(queue), token, summary)
}

fn patience(pace: Pace, all: Duration) -> Patience {
    Patience { heartbeat: pace.heartbeat_timeout(), attempt: pace.attempt_timeout().min(all), all }
}
