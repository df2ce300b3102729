//! The story of a deliverable: it is sent, or a person is asked to see to it.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{WorkflowCancellationToken, WorkflowContext, WorkflowContextView, WorkflowResult};

use super::activities::DeliverableActivities;
use super::messages::{DeliverableInput, Delivered, Pace};
use crate::calling::{Patience, options};
use crate::search_attributes;

/// One deliverable, sent once.
#[workflow]
#[derive(Debug)]
pub struct DeliverableWorkflow {
    input: DeliverableInput,
}

#[workflow_methods]
impl DeliverableWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: DeliverableInput) -> Self {
        Self { input }
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
        Ok(done)
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
