//! The contracts of a campaign's activities. `activities::campaign` implements them.
//!
//! All are idempotent: a change is known by its id, a lead's message of a step by the row of its intent, and a message
//! whose call had begun is asked after before it is sent again.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use temporalio_macros::activity_definitions;

use super::messages::{
    CampaignRef, ChangeInput, ChangeOutput, FinishInput, FinishOutput, PlanInput, PlanOutput, PreviewOutput,
    ReconcileOutput, SendInput, SendOutput,
};

/// What a campaign asks of the world.
#[derive(Debug)]
pub struct CampaignActivities;

#[activity_definitions]
impl CampaignActivities {
    /// Who would be written to, what, when and for how much; writes down who is left out and why.
    #[activity(name = "campaign.preview")]
    pub fn preview(input: CampaignRef) -> PreviewOutput {
        unimplemented!()
    }

    /// Changes the state or the limits, if that may be, and says who did it in the audit log.
    #[activity(name = "campaign.change")]
    pub fn change(input: ChangeInput) -> ChangeOutput {
        unimplemented!()
    }

    /// Writes down the first messages of a page of leads, each with the time it is due. Sends nothing.
    #[activity(name = "campaign.plan_page")]
    pub fn plan_page(input: PlanInput) -> PlanOutput {
        unimplemented!()
    }

    /// Sends what is due, each message through the gate. On the vendor's own queue.
    #[activity(name = "campaign.send_batch")]
    pub fn send_batch(input: SendInput) -> SendOutput {
        unimplemented!()
    }

    /// Asks the vendor what became of messages of which nobody knows. On the vendor's own queue.
    #[activity(name = "campaign.reconcile")]
    pub fn reconcile(input: CampaignRef) -> ReconcileOutput {
        unimplemented!()
    }

    /// Makes up the account and ends the campaign, unless delivery reports are waited for.
    #[activity(name = "campaign.finish")]
    pub fn finish(input: FinishInput) -> FinishOutput {
        unimplemented!()
    }
}

/// The markers by which an implementation names the contract it fulfils.
pub mod campaign_activity {
    pub use super::campaign_activities::{Change, Finish, PlanPage, Preview, Reconcile, SendBatch};
}
