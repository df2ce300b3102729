//! How long activities may take.

use temporalio_workflow::{ActivityOptions, WorkflowCancellationToken};

use super::pace::Pace;
use crate::calling::{Patience, options};

/// An activity that any worker does. It is not cancelled with the workflow: each is short or looks at the campaign's
/// state itself, and a change that was begun is made.
pub(super) fn anywhere(pace: Pace, summary: &str) -> ActivityOptions {
    options(patience(pace), None, &WorkflowCancellationToken::new(), summary)
}

/// An activity that talks to a vendor, on `queue`.
pub(super) fn sending(pace: Pace, queue: String, summary: &str) -> ActivityOptions {
    options(patience(pace), Some(queue), &WorkflowCancellationToken::new(), summary)
}

fn patience(pace: Pace) -> Patience {
    let all = pace.activity_timeout();
    Patience { heartbeat: pace.heartbeat_timeout(), attempt: pace.attempt_timeout().min(all), all }
}
