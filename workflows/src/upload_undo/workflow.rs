//! The story of an undo: one set-wise activity under the same patience as an upload.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityOptions, RetryPolicy, WorkflowContext, WorkflowContextView, WorkflowResult,
};

use super::activities::{UndoInput, UndoOutput, UploadUndoActivities};
use crate::search_attributes;

/// Takes back a completed file.
#[workflow]
#[derive(Debug)]
pub struct UploadUndoWorkflow {
    input: UndoInput,
    done: Option<UndoOutput>,
}

#[workflow_methods]
impl UploadUndoWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: UndoInput) -> Self {
        Self { input, done: None }
    }

    /// Removes what no campaign has touched and answers with the counts.
    #[run(name = "UploadUndoWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<UndoOutput> {
        let input = ctx.state(|s| s.input);
        ctx.upsert_search_attributes([
            search_attributes::TEAM.value_set(input.team.to_string()),
            search_attributes::SOURCE.value_set(input.source.to_string()),
            search_attributes::STAGE.value_set("undo".to_owned()),
        ]);
        let options = ActivityOptions::with_close_timeouts(ActivityCloseTimeouts::ScheduleAndStartToClose {
            start_to_close: Duration::from_secs(15 * 60),
            schedule_to_close: Duration::from_secs(4 * 60 * 60),
        })
        .heartbeat_timeout(Duration::from_secs(10))
        .retry_policy(
            RetryPolicy::builder()
                .initial_interval(Duration::from_millis(250))
                .maximum_interval(Duration::from_secs(10))
                .build(),
        )
        .summary("remove what no campaign has touched")
        .build();
        let done = ctx.execute_activity(UploadUndoActivities::take_back, input, options).await?;
        ctx.state_mut(|s| s.done = Some(done));
        ctx.set_current_details(format!(
            "{} leads removed, {} kept because a campaign has them",
            done.leads_removed, done.leads_kept
        ));
        Ok(done)
    }

    /// What was taken back; `null` while it is under way.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> Option<UndoOutput> {
        self.done
    }
}
