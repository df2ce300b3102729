//! The story of a deliverable: a person is asked to make it, and what they wrote is sent, once.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use std::time::{Duration, UNIX_EPOCH};

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    SyncWorkflowContext, TimerOptions, WorkflowCancellationToken, WorkflowContext, WorkflowContextView,
    WorkflowResult, workflows,
};

use super::activities::DeliverableActivities;
use super::messages::{DeliverableInput, Delivered, Pace};
use crate::calling::{Patience, options};
use crate::search_attributes;

/// One deliverable, sent once. A run ends when people have it in hand, or nothing is to be done any more; the next one begins when
/// they have written it.
#[workflow]
#[derive(Debug)]
pub struct DeliverableWorkflow {
    input: DeliverableInput,
    /// Whether it was told of something that it has not looked at.
    told: bool,
}

#[workflow_methods]
impl DeliverableWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: DeliverableInput) -> Self {
        Self { input, told: false }
    }

    /// Sends the deliverable and answers with what came of it.
    #[run(name = "DeliverableWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Delivered> {
        let DeliverableInput { deliverable, pace } = ctx.state(|s| s.input);
        ctx.upsert_search_attributes([
            search_attributes::TEAM.value_set(deliverable.team.to_string()),
            search_attributes::STAGE.value_set("deliverable".to_owned()),
            search_attributes::STATUS.value_set("running".to_owned()),
        ]);
        loop {
            ctx.state_mut(|s| s.told = false);
            let sent = ctx.execute_activity(
                DeliverableActivities::send,
                deliverable,
                patiently(pace, "send what was promised"),
            );
            let done = match sent.await {
                Ok(done) => done,
                Err(_why) => {
                    // Why it was not sent is in the history; a promise is kept by hand then.
                    let options = patiently(pace, "ask a person to see to it");
                    ctx.execute_activity(DeliverableActivities::hand_over, deliverable, options).await?
                }
            };
            ctx.upsert_search_attributes([search_attributes::STATUS.value_set(done.state.clone())]);
            ctx.set_current_details(done.state.clone());
            match done.again_at_ms {
                Some(at) => Self::wait(ctx, at).await,
                None if ctx.state(|s| s.told) => {}
                None => return Ok(done),
            }
        }
    }

    /// There is something to be done: it was promised, or somebody wrote it. Told at least once.
    #[signal(name = "written")]
    pub fn written(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.told = true;
    }
}

impl DeliverableWorkflow {
    /// Waits until it is told of something, or until `until`, in milliseconds since 1970.
    async fn wait(ctx: &WorkflowContext<Self>, until: i64) {
        let now = ctx.workflow_time().and_then(|now| now.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let until = Duration::from_millis(u64::try_from(until).unwrap_or_default());
        let mut told = Box::pin(ctx.wait_condition(|s: &Self| s.told));
        let token = ctx.cancellation_token().child_token();
        let wait = until.saturating_sub(now).max(Duration::from_millis(500));
        let mut clock =
            Box::pin(ctx.timer(TimerOptions::builder(wait).cancellation_token(token.clone()).build()));
        workflows::select! {
            _ = told => token.cancel(),
            _ = clock => {},
        }
    }
}

fn patiently(pace: Pace, summary: &str) -> temporalio_workflow::ActivityOptions {
    let all = Duration::from_millis(pace.activity_timeout_ms);
    let patience = Patience {
        heartbeat: Duration::from_millis(pace.heartbeat_timeout_ms),
        attempt: Duration::from_millis(pace.attempt_timeout_ms).min(all),
        all,
    };
    options(patience, None, &WorkflowCancellationToken::new(), summary)
}
