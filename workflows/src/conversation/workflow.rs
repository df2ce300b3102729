//! The story of a conversation: what is approved is sent; what stays silent is followed up; and after a month of silence it is
//! over. What comes in was seen to before the workflow is told.
//!
//! The rows are the truth. An opt-out takes effect where it is received, in the webhook's own transaction, and every step
//! looks at the rows before it does anything: what the workflow knows is only when to look again.

#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use domain::reply::ConversationState;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ContinueAsNewOptions, SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult,
};

use super::messages::{
    By, CloseConversation, ConversationInput, ConversationProgress, DecideOutput, EditReply, OfSuggestion,
    Order, ReplyReceived, Standing,
};
use crate::calling::drain;
use crate::search_attributes;

mod orders;
mod steps;
mod waiting;

/// Why an update was not taken, or did not come to its end.
type Refused = Box<dyn std::error::Error + Send + Sync>;

/// One conversation, until it is over.
#[workflow]
#[derive(Debug)]
pub struct ConversationWorkflow {
    progress: ConversationProgress,
    input: ConversationInput,
    /// Counts what was heard.
    news: u64,
    /// Up to where the rows were looked at, by somebody.
    looked: u64,
    /// Rounds of this run.
    rounds: u32,
    /// The state that the search attributes show.
    shown: Option<ConversationState>,
}

#[workflow_methods]
impl ConversationWorkflow {
    #[init]
    fn new(_ctx: &WorkflowContextView, input: ConversationInput) -> Self {
        let shown = (input.quiet || input.progress.runs > 0).then_some(input.progress.standing.state);
        let looked = u64::from(input.quiet);
        Self { progress: input.progress.clone(), input, news: 1, looked, rounds: 0, shown }
    }

    /// Holds the conversation until it is over and answers with its counts.
    #[run(name = "ConversationWorkflow")]
    pub async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<ConversationProgress> {
        loop {
            Self::show(ctx);
            let full = ctx.state(|s| s.rounds >= s.input.pace.rounds.max(1));
            if full || ctx.continue_as_new_suggested() {
                drain(ctx).await;
                let next = ctx.state(Self::next_run);
                match ctx.continue_as_new(next, ContinueAsNewOptions::default())? {}
            }
            if ctx.state(|s| s.looked != s.news) {
                Self::attend(ctx).await;
                continue;
            }
            if ctx.state(|s| s.progress.standing.state) == ConversationState::Closed {
                drain(ctx).await;
                // Something may have been heard while handlers ended.
                if ctx.state(|s| s.looked == s.news) {
                    break;
                }
                continue;
            }
            Self::step(ctx).await;
        }
        Self::show(ctx);
        Ok(ctx.state(|s| s.progress.clone()))
    }

    /// How far the conversation is.
    #[query(name = "progress")]
    pub fn progress(&self, _ctx: &WorkflowContextView) -> ConversationProgress {
        self.progress.clone()
    }

    /// Something came in. Told at least once.
    #[signal(name = "reply_received")]
    pub fn reply_received(&mut self, _ctx: &mut SyncWorkflowContext<Self>, received: ReplyReceived) {
        self.progress.received += received.messages;
        self.hear(received.standing);
    }

    /// Has a suggestion sent as it is.
    #[update(name = "approve_reply")]
    pub async fn approve_reply(
        ctx: &mut WorkflowContext<Self>,
        input: OfSuggestion,
    ) -> Result<DecideOutput, Refused> {
        Self::order(ctx, input.by, Order::Approve { suggestion: input.suggestion }).await
    }

    /// Has what a person wrote sent.
    #[update(name = "edit_reply")]
    pub async fn edit_reply(
        ctx: &mut WorkflowContext<Self>,
        input: EditReply,
    ) -> Result<DecideOutput, Refused> {
        let order = Order::Edit { suggestion: input.suggestion, text_hash: input.text_hash };
        Self::order(ctx, input.by, order).await
    }

    /// Has a suggestion not sent.
    #[update(name = "reject_reply")]
    pub async fn reject_reply(
        ctx: &mut WorkflowContext<Self>,
        input: OfSuggestion,
    ) -> Result<DecideOutput, Refused> {
        Self::order(ctx, input.by, Order::Reject { suggestion: input.suggestion }).await
    }

    /// Leaves the conversation to a person.
    #[update(name = "take_over")]
    pub async fn take_over(ctx: &mut WorkflowContext<Self>, input: By) -> Result<DecideOutput, Refused> {
        Self::order(ctx, input.by, Order::TakeOver).await
    }

    /// Goes on with a conversation that was held for a person.
    #[update(name = "release")]
    pub async fn release(ctx: &mut WorkflowContext<Self>, input: By) -> Result<DecideOutput, Refused> {
        Self::order(ctx, input.by, Order::Release).await
    }

    /// Ends the conversation. The same end again changes nothing, whether this run has ended since or not.
    #[update(name = "close")]
    pub async fn close(
        ctx: &mut WorkflowContext<Self>,
        input: CloseConversation,
    ) -> Result<DecideOutput, Refused> {
        let order = Order::Close { disposition: input.disposition, reason: input.reason };
        Self::order(ctx, input.by, order).await
    }
}

impl ConversationWorkflow {
    /// What the next run begins with.
    fn next_run(&self) -> ConversationInput {
        let progress = ConversationProgress { runs: self.progress.runs + 1, ..self.progress.clone() };
        ConversationInput { progress, quiet: self.looked == self.news, ..self.input.clone() }
    }

    /// Takes over how the conversation stands, unless something newer is known.
    fn heard(&mut self, standing: Standing) {
        if standing.version >= self.progress.standing.version {
            self.progress.standing = standing;
        }
    }

    /// The same of what was read elsewhere: whoever waits goes on by it, and looks at no row for it.
    fn hear(&mut self, standing: Standing) {
        let nothing_else = self.looked == self.news;
        self.heard(standing);
        self.news += 1;
        if nothing_else {
            self.looked = self.news;
        }
    }

    /// Shows in the Temporal UI what a person wants to know, without anything of who speaks.
    fn show(ctx: &WorkflowContext<Self>) {
        let p = ctx.state(|s| s.progress.clone());
        let state = p.standing.state;
        if ctx.state(|s| s.shown) != Some(state) {
            ctx.state_mut(|s| s.shown = Some(state));
            ctx.upsert_search_attributes([search_attributes::STATUS.value_set(state.as_str().to_owned())]);
        }
        let waits = if p.standing.waiting.is_some() { "; a suggestion waits for a person" } else { "" };
        let trouble = p.trouble.map_or_else(String::new, |code| format!("; the last step failed: {code}"));
        ctx.set_current_details(format!(
            "{state}: {} received, {} sent, {} followed up{waits}{trouble}",
            p.received, p.sent, p.followed_up,
        ));
    }
}
