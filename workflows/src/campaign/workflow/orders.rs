//! What is wanted of a campaign: by a person, by the clock, by the system.

use domain::FailureCode;
use domain::campaign::{CampaignAction, CampaignState};
use domain::id::UserId;
use temporalio_workflow::{ActivityExecutionError, WorkflowContext};

use super::super::activities::CampaignActivities;
use super::super::messages::{Approve, Change, ChangeInput, ChangeOutput};
use super::super::options::anywhere;
use super::{CampaignWorkflow, Refused};
use crate::calling::told;

impl CampaignWorkflow {
    /// Whether the state lets it.
    pub(super) fn may(&self, action: CampaignAction) -> Result<(), Refused> {
        self.progress.standing.state.after(action).map(drop).map_err(Into::into)
    }

    /// Whether this person may approve this preview, as far as the workflow knows. What it does not know, `campaign.change`
    /// looks up: whether audience, template, prices and rules are still as they were.
    pub(super) fn may_approve(&self, input: &Approve) -> Result<(), Refused> {
        let standing = &self.progress.standing;
        if standing.four_eyes && standing.author == Some(input.by) {
            return Err(
                "somebody else than the author must approve the campaign: four eyes see more than two".into(),
            );
        }
        Ok(())
    }

    /// Has a change made, and takes over what came of it. Staging makes up the preview first.
    pub(super) async fn order(
        ctx: &WorkflowContext<Self>,
        by: Option<UserId>,
        change: Change,
    ) -> Result<ChangeOutput, Refused> {
        let (campaign, pace) = ctx.state(|s| (s.input.campaign, s.input.pace));
        if change == Change::Stage {
            let options = anywhere(pace, "who would be written to, what, when and for how much");
            let preview = ctx.execute_activity(CampaignActivities::preview, campaign, options);
            let preview = preview.await.map_err(|error| failed(&error))?;
            ctx.state_mut(|s| {
                s.progress.leads = preview.leads;
                s.progress.audience = preview.audience;
            });
            if preview.refused.is_some() {
                let standing = ctx.state(|s| s.progress.standing.clone());
                return Ok(ChangeOutput { standing, refused: preview.refused });
            }
        }
        let options = anywhere(pace, change.as_str());
        let input = ChangeInput { campaign, id: ctx.uuid4(), by, change };
        let changed = ctx.execute_activity(CampaignActivities::change, input, options).await;
        let changed = changed.map_err(|error| failed(&error))?;
        ctx.state_mut(|s| s.heard(changed.standing.clone()));
        Ok(changed)
    }

    /// Reads the row: who drafted it, whether four eyes are wanted, and, where a workflow is begun anew, how far it is.
    pub(super) async fn look(ctx: &WorkflowContext<Self>) {
        match Self::order(ctx, None, Change::Look).await {
            Ok(_) => ctx.state_mut(|s| s.input.looked = true),
            Err(_) => Self::rest(ctx).await,
        }
    }

    /// Has a change made that the clock wants; where that fails, the next look tries again.
    pub(super) async fn by_the_clock(ctx: &WorkflowContext<Self>, change: Change) {
        if Self::order(ctx, None, change).await.is_err() {
            Self::rest(ctx).await;
        }
    }

    /// Pauses the campaign because something waits for a person.
    pub(super) async fn halt(ctx: &WorkflowContext<Self>, error: &ActivityExecutionError) {
        if ctx.state(|s| s.progress.standing.state) != CampaignState::Running {
            return Self::rest(ctx).await;
        }
        let late = "a step took longer than it may; see its last failure in the Temporal UI, then resume";
        let (code, detail) = told(error, (FailureCode::SystemUnavailable, late));
        Self::by_the_clock(ctx, Change::Halt { code, detail }).await;
    }
}

/// What the failure of an activity tells whoever gave the order.
fn failed(error: &ActivityExecutionError) -> Refused {
    let late = "it took longer than it may; see the last failure in the Temporal UI, then try again";
    let (code, detail) = told(error, (FailureCode::SystemUnavailable, late));
    format!("{code}: {detail}").into()
}
