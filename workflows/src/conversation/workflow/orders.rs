//! What people want of a conversation.

use domain::FailureCode;
use domain::id::{SuggestionId, UserId};
use domain::reply::ConversationState;
use temporalio_workflow::WorkflowContext;

use super::super::activities::ConversationActivities;
use super::super::messages::{DecideInput, DecideOutput, Order};
use super::super::options::here;
use super::{ConversationWorkflow, Refused};
use crate::calling::told;

impl ConversationWorkflow {
    /// Whether something may still be decided about it, as far as the workflow knows.
    pub(super) fn is_not_closed(&self) -> Result<(), Refused> {
        if self.looked > 0 && self.progress.standing.state == ConversationState::Closed {
            return Err("the conversation is closed; the next message opens it again".into());
        }
        Ok(())
    }

    /// Whether this suggestion may be decided upon, as far as the workflow knows. What it does not know, `conversation.decide`
    /// looks up.
    pub(super) fn may_send(&self, asked: SuggestionId) -> Result<(), Refused> {
        self.is_not_closed()?;
        match self.progress.standing.waiting {
            Some(newer) if asked != newer && self.looked == self.news => {
                Err("something came in since, and there is a newer suggestion; look at that one instead"
                    .into())
            }
            _ => Ok(()),
        }
    }

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
