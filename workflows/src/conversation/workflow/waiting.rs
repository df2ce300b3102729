//! Waiting: for people and for the clock.

use std::time::{Duration, UNIX_EPOCH};

use temporalio_workflow::{TimerOptions, WorkflowContext, workflows};

use super::ConversationWorkflow;

impl ConversationWorkflow {
    /// Milliseconds since 1970, as this run of the workflow sees them.
    pub(super) fn now(ctx: &WorkflowContext<Self>) -> i64 {
        let since = ctx.workflow_time().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
    }

    /// Waits until something is heard, or until `until`, in milliseconds since 1970.
    pub(super) async fn await_news(ctx: &WorkflowContext<Self>, until: i64) {
        let seen = ctx.state(|s| s.news);
        let mut news = Box::pin(ctx.wait_condition(move |s: &Self| s.news != seen));
        let wait = u64::try_from(until.saturating_sub(Self::now(ctx))).unwrap_or_default().max(1);
        let token = ctx.cancellation_token().child_token();
        let options =
            TimerOptions::builder(Duration::from_millis(wait)).cancellation_token(token.clone()).build();
        let mut clock = Box::pin(ctx.timer(options));
        workflows::select! {
            _ = news => token.cancel(),
            _ = clock => {},
        }
    }
}
