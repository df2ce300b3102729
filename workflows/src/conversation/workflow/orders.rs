//! What people want of a conversation. No order has a validator: replies are seen to in the database before this run hears of
//! them, so the row may be ahead of what the run knows, and the row decides (`conversation.decide`).

use domain::FailureCode;
use domain::id::UserId;
use temporalio_workflow::WorkflowContext;

use super::super::activities::ConversationActivities;
use super::super::messages::{DecideInput, DecideOutput, Order};
use super::super::options::here;
use super::{ConversationWorkflow, Refused};
use crate::calling::told;

impl ConversationWorkflow {
    /// Has a decision carried out, and takes over how the conversation stands.
    pub(super) async fn order(
        ctx: &WorkflowContext<Self>,
        by: UserId,
        order: Order,
    ) -> Result<DecideOutput, Refused> {
        let (conversation, pace) = ctx.state(|s| (s.input.conversation, s.input.pace));
        let options = here(pace, order.as_str());
        let input = DecideInput { conversation, id: ctx.uuid4(), by, order };
        let decided = ctx.execute_activity(ConversationActivities::decide, input, options);
        let decided = decided.await.map_err(|error| {
            let late = "it took longer than it may; see the last failure in the Temporal UI, then try again";
            let (code, detail) = told(&error, (FailureCode::SystemUnavailable, late));
            Refused::from(format!("{code}: {detail}"))
        })?;
        ctx.state_mut(|s| s.hear(decided.standing.clone()));
        Ok(decided)
    }
}
