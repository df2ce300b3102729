//! How long activities may take.

use temporalio_workflow::{ActivityOptions, WorkflowCancellationToken};

use super::pace::Pace;
use crate::calling::{Patience, options};

/// An activity of a conversation, on the workflow's own queue: an answer does not wait behind a campaign's texts. It is not
/// cancelled with the workflow: each is short, and what was begun is written down.
pub(super) fn here(pace: Pace, summary: &str) -> ActivityOptions {
    let all = pace.activity_timeout();
    let patience =
        Patience { heartbeat: pace.heartbeat_timeout(), attempt: pace.attempt_timeout().min(all), all };
    options(patience, None, &WorkflowCancellationToken::new(), summary)
}
