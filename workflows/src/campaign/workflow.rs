//! The story of a campaign: it waits for people, then for its time, sends what is due, and ends with the last report.
//!
//! The row of the campaign is the truth: the gate reads it before each message, so that a pause takes effect before the
//! next one whatever the workflow is at. What the workflow knows of it is what an activity last told it.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use domain::campaign::{CampaignAction, CampaignState};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ContinueAsNewOptions, WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination,
};

use super::messages::{
    Approve, By, CampaignInput, CampaignProgress, Change, ChangeOutput, NewLimits, Schedule, Standing,
};
use crate::calling::drain;
use crate::search_attributes;

mod orders;
mod sending;
mod waiting;

/// Why an update was not taken, or did not come to its end.
type Refused = Box<dyn std::error::Error + Send + Sync>;

/// One campaign, from draft to the last delivery report.
#[workflow]
#[derive(Debug)]
pub struct CampaignWorkflow {
    progress: CampaignProgress,
    input: CampaignInput,
    /// Counts what was heard of the campaign's standing, so that waiting ends when there is news.
    news: u64,
    /// The state that the search attributes show.
    shown: Option<CampaignState>,
}

#[workflow_methods]
impl CampaignWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: CampaignInput) -> Self {
        let shown = (input.runs > 0).then_some(input.progress.standing.state);
        Self { progress: input.progress.clone(), input, news: 0, shown }
    }

    /// Takes the campaign to its end and answers with the final counts.
    #[run(name = "CampaignWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<CampaignProgress> {
        if ctx.state(|s| s.input.runs) == 0 {
            let campaign = ctx.state(|s| s.input.campaign);
            ctx.upsert_search_attributes([
                search_attributes::TEAM.value_set(campaign.team.to_string()),
                search_attributes::CAMPAIGN.value_set(campaign.campaign.to_string()),
                search_attributes::STAGE.value_set("campaign".to_owned()),
            ]);
        }
        loop {
            Self::show(ctx);
            let standing = ctx.state(|s| s.progress.standing.clone());
            if standing.state.is_final() {
                break;
            }
            if ctx.cancellation_token().is_cancelled() {
                Self::cancelled_from_outside(ctx).await?;
                continue;
            }
            if ctx.continue_as_new_suggested() || Self::is_long(ctx) {
                drain(ctx).await;
                let next = ctx.state(|s| s.next_run());
                match ctx.continue_as_new(next, ContinueAsNewOptions::default())? {}
            }
            if ctx.state(|s| s.input.looked) {
                Self::step(ctx, &standing).await;
            } else {
                Self::look(ctx).await;
            }
        }
        drain(ctx).await;
        Self::show(ctx);
        Ok(ctx.state(|s| s.progress.clone()))
    }

    /// How far the campaign is.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> CampaignProgress {
        self.progress.clone()
    }

    #[update_validator(stage)]
    fn validate_stage(&self, _ctx: &WorkflowContextView, _input: &By) -> Result<(), Refused> {
        self.may(CampaignAction::Stage)
    }

    /// Makes up the preview and puts the campaign before an approver.
    #[update(name = "stage")]
    pub async fn stage(ctx: &mut WorkflowContext<Self>, input: By) -> Result<ChangeOutput, Refused> {
        Self::order(ctx, Some(input.by), Change::Stage).await
    }

    #[update_validator(approve)]
    fn validate_approve(&self, _ctx: &WorkflowContextView, input: &Approve) -> Result<(), Refused> {
        self.may(CampaignAction::Approve)?;
        self.may_approve(input)
    }

    /// Releases the campaign, if nothing has changed since the approver's preview.
    #[update(name = "approve")]
    pub async fn approve(ctx: &mut WorkflowContext<Self>, input: Approve) -> Result<ChangeOutput, Refused> {
        Self::order(ctx, Some(input.by), Change::Approve { preview_hash: input.preview_hash }).await
    }

    #[update_validator(reject)]
    fn validate_reject(&self, _ctx: &WorkflowContextView, _input: &By) -> Result<(), Refused> {
        self.may(CampaignAction::Reject)
    }

    /// Sends the campaign back to its author.
    #[update(name = "reject")]
    pub async fn reject(ctx: &mut WorkflowContext<Self>, input: By) -> Result<ChangeOutput, Refused> {
        Self::order(ctx, Some(input.by), Change::Reject).await
    }

    #[update_validator(schedule)]
    fn validate_schedule(&self, _ctx: &WorkflowContextView, _input: &Schedule) -> Result<(), Refused> {
        self.may(CampaignAction::Schedule)
    }

    /// Sets when the campaign begins.
    #[update(name = "schedule")]
    pub async fn schedule(ctx: &mut WorkflowContext<Self>, input: Schedule) -> Result<ChangeOutput, Refused> {
        Self::order(ctx, Some(input.by), Change::Schedule { starts_at: input.starts_at }).await
    }

    #[update_validator(pause)]
    fn validate_pause(&self, _ctx: &WorkflowContextView, _input: &By) -> Result<(), Refused> {
        self.may(CampaignAction::Pause)
    }

    /// Sends nothing more until it is resumed. Takes effect before the next message.
    #[update(name = "pause")]
    pub async fn pause(ctx: &mut WorkflowContext<Self>, input: By) -> Result<ChangeOutput, Refused> {
        Self::order(ctx, Some(input.by), Change::Pause).await
    }

    #[update_validator(resume)]
    fn validate_resume(&self, _ctx: &WorkflowContextView, _input: &By) -> Result<(), Refused> {
        self.may(CampaignAction::Resume)
    }

    /// Goes on where it was. Nothing is sent twice.
    #[update(name = "resume")]
    pub async fn resume(ctx: &mut WorkflowContext<Self>, input: By) -> Result<ChangeOutput, Refused> {
        Self::order(ctx, Some(input.by), Change::Resume).await
    }

    #[update_validator(cancel)]
    fn validate_cancel(&self, _ctx: &WorkflowContextView, _input: &By) -> Result<(), Refused> {
        self.may(CampaignAction::Cancel)
    }

    /// Ends the campaign. What was sent stays sent.
    #[update(name = "cancel")]
    pub async fn cancel(ctx: &mut WorkflowContext<Self>, input: By) -> Result<ChangeOutput, Refused> {
        Self::order(ctx, Some(input.by), Change::Cancel).await
    }

    #[update_validator(change_limits)]
    fn validate_change_limits(&self, _ctx: &WorkflowContextView, input: &NewLimits) -> Result<(), Refused> {
        if self.progress.standing.state.is_final() {
            return Err(format!("the campaign is {}", self.progress.standing.state).into());
        }
        if input.daily == Some(0) || input.per_minute == Some(0) {
            return Err("a limit is 1 at least; pause the campaign to send nothing".into());
        }
        Ok(())
    }

    /// Changes how fast it sends, from the next message on.
    #[update(name = "change_limits")]
    pub async fn change_limits(
        ctx: &mut WorkflowContext<Self>,
        input: NewLimits,
    ) -> Result<ChangeOutput, Refused> {
        let change = Change::Limits { daily: input.daily, per_minute: input.per_minute };
        Self::order(ctx, Some(input.by), change).await
    }
}

impl CampaignWorkflow {
    /// What the next run begins with.
    fn next_run(&self) -> CampaignInput {
        CampaignInput { progress: self.progress.clone(), runs: self.input.runs + 1, ..self.input.clone() }
    }

    /// Whether this run's history is as long as it may become, whatever Temporal is set up to suggest.
    fn is_long(ctx: &WorkflowContext<Self>) -> bool {
        ctx.history_length() >= ctx.state(|s| s.input.pace.events_per_run())
    }

    /// Takes over how the campaign stands, unless something newer is known.
    fn heard(&mut self, standing: Standing) {
        if standing.version >= self.progress.standing.version {
            self.progress.standing = standing;
            self.news += 1;
        }
    }

    /// Temporal was told to cancel the workflow: by the API, where no worker took the update in time.
    async fn cancelled_from_outside(ctx: &WorkflowContext<Self>) -> Result<(), WorkflowTermination> {
        match Self::order(ctx, None, Change::Cancel).await {
            Ok(_) => Ok(()),
            Err(error) => {
                let why = crate::calling::failure(domain::FailureCode::SystemUnavailable, error.to_string());
                Err(WorkflowTermination::failed_application(why))
            }
        }
    }

    /// Shows in the Temporal UI what a person wants to know, without anything of a person of the audience.
    fn show(ctx: &WorkflowContext<Self>) {
        let p = ctx.state(|s| s.progress.clone());
        let state = p.standing.state;
        if ctx.state(|s| s.shown) != Some(state) {
            ctx.state_mut(|s| s.shown = Some(state));
            ctx.upsert_search_attributes([search_attributes::STATUS.value_set(state.as_str().to_owned())]);
        }
        let of = |what: &str| p.messages.get(what).copied().unwrap_or_default();
        ctx.set_current_details(format!(
            "{state}: {} of {} leads to be written to, {} planned; {} accepted, {} refused, {} unknown, {} not to be sent; \
             {} left, {} reports awaited",
            p.audience,
            p.leads,
            p.planned,
            of("accepted"),
            of("refused"),
            p.left.unknown,
            of("skipped"),
            p.left.open,
            p.awaited,
        ));
    }
}
