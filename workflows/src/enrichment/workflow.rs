//! The story of one run: page by page through the vendors, the cheapest first; then what comes late; then the account.
//!
//! A few pages are under way at once, so that vendors are asked about one while another is planned and closed. A page asks one
//! vendor after the other, merges what each found and goes on with the leads that still lack something, so that nobody is
//! asked about a lead that is contactable by now. A vendor that cannot be asked holds up nobody: the page goes on without it,
//! and the leads that it might have helped are left on hold.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

mod pages;

use domain::id::ProviderCallId;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ContinueAsNewOptions, SyncWorkflowContext, TimerOptions, WaitConditionOptions, WorkflowCancellationToken,
    WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination, workflows,
};

use super::activities::EnrichmentActivities;
use super::messages::{
    Ending, EnrichmentInput, EnrichmentProgress, FinishInput, Held, LookupInput, LookupOutput, MergeInput,
    MergeOutput, PageInput, Stage, VendorResultArrived,
};
use super::options::{anywhere, lookup};
use super::stop::{Stop, held_up, stop};
use crate::calling::failure;
use crate::{search_attributes, task_queue};

/// Leads through the waterfall of vendors.
#[workflow]
#[derive(Debug)]
pub struct EnrichmentWorkflow {
    progress: EnrichmentProgress,
    input: EnrichmentInput,
    /// Calls of which a later part has arrived, and is not applied yet.
    arrived: Vec<ProviderCallId>,
    /// Cancels what is running; making up the account does not hang on it.
    work: Option<WorkflowCancellationToken>,
}

#[workflow_methods]
impl EnrichmentWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: EnrichmentInput) -> Self {
        let (progress, arrived) = (input.progress.clone(), input.arrived.clone());
        Self { progress, input, arrived, work: None }
    }

    /// Takes the leads through the vendors and answers with the final counts.
    #[run(name = "EnrichmentWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<EnrichmentProgress> {
        let input = ctx.state(|s| s.input.clone());
        let work = ctx.cancellation_token().child_token();
        ctx.state_mut(|s| s.work = Some(work.clone()));
        if ctx.state(|s| s.progress.cancel_requested) {
            work.cancel();
        }
        if input.only_late {
            return Self::apply_only_late(ctx, &input, &work).await;
        }
        ctx.upsert_search_attributes([
            search_attributes::TEAM.value_set(input.enrichment.team.to_string()),
            search_attributes::STATUS.value_set("running".to_owned()),
        ]);

        let (ending, failed) = match Self::through(ctx, &input, &work).await {
            Ok(Some(next_page)) => {
                let next = ctx.state(|s| EnrichmentInput {
                    page: next_page,
                    progress: s.progress.clone(),
                    arrived: s.arrived.clone(),
                    ..input.clone()
                });
                match ctx.continue_as_new(next, ContinueAsNewOptions::default())? {}
            }
            Ok(None) => (Ending::Completed, None),
            Err(stop) => (stop.ending, Some(stop)),
        };
        Self::enter(ctx, Stage::Finish);
        // Detached: the account is made up although everything else is cancelled.
        let detached = WorkflowCancellationToken::new();
        let finish = FinishInput {
            enrichment: input.enrichment,
            ending,
            code: failed.as_ref().map(|stop| stop.code),
            detail: failed.as_ref().map(|stop| stop.detail.clone()),
        };
        let options = anywhere(input.pace, &detached, "make up the account");
        ctx.execute_activity(EnrichmentActivities::finish, finish, options).await?;
        ctx.upsert_search_attributes([search_attributes::STATUS.value_set(ending.as_str().to_owned())]);
        match failed {
            None => {
                Self::enter(ctx, Stage::Done);
                Ok(ctx.state(|s| s.progress.clone()))
            }
            Some(stop) => {
                ctx.set_current_details(format!("{}: {} ({})", ending.as_str(), stop.detail, stop.code));
                Err(WorkflowTermination::failed_application(failure(stop.code, stop.detail)))
            }
        }
    }

    /// How far the run is.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> EnrichmentProgress {
        self.progress.clone()
    }

    /// A vendor has sent what was to come later.
    #[signal(name = "vendor_result_arrived")]
    pub fn vendor_result_arrived(
        &mut self,
        _ctx: &mut SyncWorkflowContext<Self>,
        result: VendorResultArrived,
    ) {
        if !self.arrived.contains(&result.call) {
            self.arrived.push(result.call);
        }
    }

    #[update_validator(cancel)]
    fn validate_cancel(
        &self,
        _ctx: &WorkflowContextView,
        _input: &(),
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if self.progress.stage >= Stage::Finish || self.input.only_late {
            return Err("every page is through; what was paid for stays".into());
        }
        Ok(())
    }

    /// Stops the run. Calls that have left are answered and kept; no others are made.
    #[update(name = "cancel")]
    pub fn cancel(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _input: ()) {
        self.progress.cancel_requested = true;
        if let Some(work) = &self.work {
            work.cancel_with_reason("cancelled by a person");
        }
    }

    async fn look_up(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        page: PageInput,
        provider: &str,
        work: &WorkflowCancellationToken,
        held: &mut Vec<Held>,
    ) -> Result<LookupOutput, Stop> {
        let queue = task_queue::lookups(ctx.task_queue(), provider);
        let question = LookupInput { page, provider: provider.to_owned(), late_ms: input.pace.late_ms };
        let options = lookup(input.pace, work, queue, &format!("page {}: ask {provider}", page.page));
        let looked = ctx.execute_activity(EnrichmentActivities::lookup, question, options).await;
        Self::count(ctx, provider, looked.or_else(|error| held_up(&error)), held)
    }

    async fn verify(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        page: PageInput,
        work: &WorkflowCancellationToken,
        held: &mut Vec<Held>,
    ) -> Result<(), Stop> {
        let queue = ctx.task_queue().to_owned();
        let options = lookup(input.pace, work, queue, &format!("page {}: verify contacts", page.page));
        let verified = ctx.execute_activity(EnrichmentActivities::verify, page, options).await;
        Self::count(ctx, "verify", verified.or_else(|error| held_up(&error)), held)?;
        Ok(())
    }

    /// Adds to the progress what a vendor was asked, and notes where it was not asked about all.
    fn count(
        ctx: &WorkflowContext<Self>,
        provider: &str,
        looked: Result<LookupOutput, Stop>,
        held: &mut Vec<Held>,
    ) -> Result<LookupOutput, Stop> {
        let looked = looked?;
        if let Some(code) = looked.held {
            held.push(Held { provider: provider.to_owned(), code });
        }
        ctx.state_mut(|s| {
            s.progress.asked += u64::from(looked.asked);
            s.progress.cached += u64::from(looked.cached);
            s.progress.skipped += u64::from(looked.skipped);
            s.progress.matches += u64::from(looked.matches);
            s.progress.unknown += u64::from(looked.unknown);
        });
        Ok(looked)
    }

    fn merge_of(input: &EnrichmentInput, page: Option<PageInput>) -> MergeInput {
        MergeInput {
            page,
            enrichment: input.enrichment,
            provider: None,
            close: false,
            give_up: false,
            held: Vec::new(),
            arrived: Vec::new(),
        }
    }

    async fn merge(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        merge: MergeInput,
        work: &WorkflowCancellationToken,
        what: &str,
    ) -> Result<MergeOutput, Stop> {
        let options = anywhere(input.pace, work, what);
        let merged =
            ctx.execute_activity(EnrichmentActivities::merge, merge, options).await.map_err(|e| stop(&e))?;
        ctx.state_mut(|s| {
            s.progress.strangers += u64::from(merged.strangers);
            s.progress.awaited = merged.awaited;
            for (outcome, leads) in &merged.outcomes {
                *s.progress.outcomes.entry(outcome.clone()).or_default() += leads;
            }
        });
        Ok(merged)
    }

    /// Applies what has arrived until now.
    async fn apply_arrived(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        work: &WorkflowCancellationToken,
    ) -> Result<(), Stop> {
        loop {
            let arrived = ctx.state_mut(|s| std::mem::take(&mut s.arrived));
            if arrived.is_empty() {
                return Ok(());
            }
            let merge = MergeInput { arrived, ..Self::merge_of(input, None) };
            Self::merge(ctx, input, merge, work, "attach what came later").await?;
            Self::tell(ctx);
        }
    }

    /// Waits for what is still to come, as long as is allowed, and goes on without the rest.
    async fn await_late(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        work: &WorkflowCancellationToken,
    ) -> Result<(), Stop> {
        Self::apply_arrived(ctx, input, work).await?;
        Self::enter(ctx, Stage::AwaitLate);
        let options = TimerOptions::builder(input.pace.late())
            .cancellation_token(work.clone())
            .summary("the latest moment for what vendors send later".to_owned())
            .build();
        let mut deadline = Box::pin(ctx.timer(options));
        while ctx.state(|s| s.progress.awaited) > 0 {
            let mut arrival = Box::pin(ctx.wait_condition_with_options(
                |s: &Self| !s.arrived.is_empty(),
                WaitConditionOptions::builder().cancellation_token(work.clone()).build(),
            ));
            let in_time = workflows::select! {
                _ = arrival => true,
                _ = deadline => false,
            };
            if work.is_cancelled() {
                return Err(Stop::cancelled());
            }
            if !in_time {
                break;
            }
            Self::apply_arrived(ctx, input, work).await?;
        }
        let give_up = MergeInput { give_up: true, ..Self::merge_of(input, None) };
        Self::merge(ctx, input, give_up, work, "go on without what did not come").await?;
        Ok(())
    }

    /// The run has ended, and an answer came after all.
    async fn apply_only_late(
        ctx: &WorkflowContext<Self>,
        input: &EnrichmentInput,
        work: &WorkflowCancellationToken,
    ) -> WorkflowResult<EnrichmentProgress> {
        Self::enter(ctx, Stage::AwaitLate);
        let mut arrival = Box::pin(ctx.wait_condition(|s: &Self| !s.arrived.is_empty()));
        let mut deadline = Box::pin(ctx.timer(input.pace.heartbeat_timeout()));
        workflows::select! {
            _ = arrival => (),
            _ = deadline => (),
        };
        match Self::apply_arrived(ctx, input, work).await {
            Ok(()) => {
                Self::enter(ctx, Stage::Done);
                Ok(ctx.state(|s| s.progress.clone()))
            }
            Err(stop) => Err(WorkflowTermination::failed_application(failure(stop.code, stop.detail))),
        }
    }

    fn enter(ctx: &WorkflowContext<Self>, stage: Stage) {
        if ctx.state(|s| s.progress.stage) != stage || stage == Stage::Pages {
            ctx.state_mut(|s| s.progress.stage = stage);
            ctx.upsert_search_attributes([search_attributes::STAGE.value_set(stage.as_str().to_owned())]);
        }
        Self::tell(ctx);
    }

    /// Says in the Temporal UI what a person wants to know, without anything of a person of the list.
    fn tell(ctx: &WorkflowContext<Self>) {
        let p = ctx.state(|s| s.progress.clone());
        let ended: Vec<String> =
            p.outcomes.iter().map(|(outcome, leads)| format!("{leads} {outcome}")).collect();
        ctx.set_current_details(format!(
            "{}: {} of {} leads; {} asked, {} known before, {} found, {} still to come; {}",
            p.rung.as_deref().unwrap_or(p.stage.as_str()),
            p.leads_done,
            p.leads_total,
            p.asked,
            p.cached,
            p.matches,
            p.awaited,
            if ended.is_empty() { "nobody through yet".to_owned() } else { ended.join(", ") },
        ));
    }
}
