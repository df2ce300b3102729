//! The story of a pull: where to begin, page after page, and how it ended.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ContinueAsNewOptions, SyncWorkflowContext, WorkflowCancellationToken, WorkflowContext,
    WorkflowContextView, WorkflowResult, WorkflowTermination,
};

use super::activities::PullActivities;
use super::messages::{Ended, FetchInput, FinishInput, Next, PullInput, PullProgress, Stage};
use super::stop::{Stop, anywhere, asking, stop};
use crate::calling::failure;
use crate::{search_attributes, task_queue};

/// A vendor's list, page by page.
#[workflow]
#[derive(Debug)]
pub struct PullWorkflow {
    progress: PullProgress,
    input: PullInput,
    /// Cancels what is running; ending the pull does not hang on it.
    work: Option<WorkflowCancellationToken>,
}

/// How far one run of the workflow came.
enum Through {
    /// The pull has ended.
    Ended(Ended),
    /// There is more, for the next run.
    Again(Next),
}

#[workflow_methods]
impl PullWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: PullInput) -> Self {
        Self { progress: input.progress, input, work: None }
    }

    /// Pulls the list and answers with the final counts.
    #[run(name = "PullWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<PullProgress> {
        let input = ctx.state(|s| s.input.clone());
        let work = ctx.cancellation_token().child_token();
        ctx.state_mut(|s| s.work = Some(work.clone()));
        if ctx.state(|s| s.progress.stop_requested) {
            work.cancel();
        }
        ctx.upsert_search_attributes([
            search_attributes::TEAM.value_set(input.pull.team.to_string()),
            search_attributes::STAGE.value_set(Stage::Pages.as_str().to_owned()),
            search_attributes::STATUS.value_set("running".to_owned()),
        ]);
        let (ended, fault) = match Self::through(ctx, &input, &work).await {
            Ok(Through::Again(next)) => {
                let progress = ctx.state(|s| s.progress);
                let next = PullInput { next: Some(next), progress, ..input };
                match ctx.continue_as_new(next, ContinueAsNewOptions::default())? {}
            }
            Ok(Through::Ended(ended)) => (ended, None),
            Err(Stop { ended, fault }) => (ended, fault),
        };
        Self::finish(ctx, &input, ended, fault).await
    }

    /// How far the pull is.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> PullProgress {
        self.progress
    }

    #[update_validator(stop)]
    fn validate_stop(
        &self,
        _ctx: &WorkflowContextView,
        _input: &(),
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if self.progress.stage >= Stage::Finish {
            return Err("the pull has come to its end".into());
        }
        Ok(())
    }

    /// Stops the pull. A page that was asked for is still stored; no other is asked for.
    #[update(name = "stop")]
    pub fn stop(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _input: ()) {
        self.progress.stop_requested = true;
        if let Some(work) = &self.work {
            work.cancel_with_reason("stopped by a person");
        }
    }

    /// All pages from the input's on.
    async fn through(
        ctx: &WorkflowContext<Self>,
        input: &PullInput,
        work: &WorkflowCancellationToken,
    ) -> Result<Through, Stop> {
        let mut next = match input.next.clone() {
            Some(next) => next,
            None => {
                let options = anywhere(input.pace, work, "where in the list to begin");
                let begun = ctx.execute_activity(PullActivities::begin, input.pull, options).await;
                let begun = begun.map_err(|error| stop(&error))?;
                if let Some(ended) = begun.ended {
                    return Ok(Through::Ended(ended));
                }
                begun.next
            }
        };
        let queue = task_queue::lookups(ctx.task_queue(), &next.source);
        let mut pages = 0;
        loop {
            if work.is_cancelled() {
                return Err(Stop::by_a_person());
            }
            ctx.state_mut(|s| s.progress.page = Some(next.page));
            Self::tell(ctx);
            let fetch =
                FetchInput { pull: input.pull, page: next.page, page_records: input.pace.page_records };
            let summary = format!("page {}: ask {}", next.page, next.source);
            let options = asking(input.pace, work, queue.clone(), &summary);
            let page = ctx.execute_activity(PullActivities::fetch_page, fetch, options).await;
            let page = page.map_err(|error| stop(&error))?;
            ctx.state_mut(|s| s.progress.totals = page.totals);
            if let Some(ended) = page.ended {
                return Ok(Through::Ended(ended));
            }
            next.page += 1;
            pages += 1;
            if pages >= input.pace.pages_per_run || ctx.continue_as_new_suggested() {
                return Ok(Through::Again(next));
            }
        }
    }

    /// Ends the pull in the database, where its last page has not, and the workflow.
    async fn finish(
        ctx: &WorkflowContext<Self>,
        input: &PullInput,
        ended: Ended,
        fault: Option<(domain::FailureCode, String)>,
    ) -> WorkflowResult<PullProgress> {
        ctx.state_mut(|s| s.progress.stage = Stage::Finish);
        ctx.upsert_search_attributes([search_attributes::STAGE.value_set(Stage::Finish.as_str().to_owned())]);
        // Detached: the pull is ended although everything else is cancelled.
        let detached = WorkflowCancellationToken::new();
        let finish = FinishInput {
            pull: input.pull,
            ended,
            code: fault.as_ref().map(|(code, _)| *code),
            detail: fault.as_ref().map(|(_, detail)| detail.clone()),
        };
        let options = anywhere(input.pace, &detached, "end the pull");
        let done = ctx.execute_activity(PullActivities::finish, finish, options).await?;
        let ended = done.ended.unwrap_or(ended);
        ctx.state_mut(|s| {
            s.progress.totals = done.totals;
            s.progress.ended = Some(ended);
            s.progress.page = None;
            s.progress.stage = Stage::Done;
        });
        ctx.upsert_search_attributes([search_attributes::STATUS.value_set(ended.status().to_owned())]);
        Self::tell(ctx);
        match fault {
            None => Ok(ctx.state(|s| s.progress)),
            Some((code, detail)) => {
                ctx.set_current_details(format!("{}: {detail} ({code})", ended.status()));
                Err(WorkflowTermination::failed_application(failure(code, detail)))
            }
        }
    }

    /// Says in the Temporal UI what a person wants to know.
    fn tell(ctx: &WorkflowContext<Self>) {
        let PullProgress { page, totals, ended, .. } = ctx.state(|s| s.progress);
        let now = match (ended, page) {
            (Some(ended), _) => format!("ended ({ended})"),
            (None, Some(page)) => format!("page {page}"),
            (None, None) => "ending".to_owned(),
        };
        ctx.set_current_details(format!(
            "{now}; {} pages, {} records, {} new leads, {} known",
            totals.pages, totals.records, totals.leads_new, totals.leads_known
        ));
    }
}
