//! A conversation: the implementations of `workflows::conversation`'s contracts.
//!
//! Each looks at the rows, does what is still to be done, and answers how the conversation stands then: any worker goes on
//! where another was killed.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

pub(crate) mod attend;
mod close;
mod consult;
mod decide;
mod follow_up;
mod send_reply;

use std::future::Future;
use std::sync::Arc;

use domain::id::TeamId;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::conversation::conversation_activity;
use workflows::conversation::{
    CloseInput, ConversationRef, DecideInput, DecideOutput, FollowUpOutput, SendReplyOutput, Standing,
};

use crate::{Fault, Resources, heartbeat};

/// The conversation's activities over one set of resources.
#[derive(Debug)]
pub struct ConversationActivities {
    resources: Resources,
}

impl ConversationActivities {
    /// Activities that work with `resources`.
    pub fn new(resources: Resources) -> Self {
        Self { resources }
    }
}

fn span(ctx: &ActivityContext, name: &'static str, of: ConversationRef) -> tracing::Span {
    let ConversationRef { team, conversation } = of;
    tracing::info_span!("activity", name, %team, %conversation, attempt = ctx.info().attempt)
}

/// Runs one activity, and says in the log which and of what.
async fn run<T>(
    ctx: &ActivityContext,
    name: &'static str,
    of: ConversationRef,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, ActivityError> {
    heartbeat::run(ctx, name, span(ctx, name, of), work).await
}

/// How the conversation stands, as its workflow is told.
pub(crate) fn told(standing: &entities::reply::Standing) -> Standing {
    let milliseconds = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.timestamp_millis());
    Standing {
        version: standing.version,
        state: standing.state,
        waiting: standing.waiting,
        send_at: milliseconds(standing.send_at),
        attend_at: milliseconds(standing.attend_at),
        follow_up_at: milliseconds(standing.follow_up_at),
        consult_at: milliseconds(standing.consult_at),
        last_at: milliseconds(standing.last_at),
    }
}

/// How the conversation stands now.
async fn look(resources: &Resources, of: ConversationRef) -> Result<Standing, Fault> {
    let mut tx = resources.db.team_bulk(of.team).await?;
    let standing = entities::reply::standing(&mut tx, of.conversation).await?;
    tx.commit().await?;
    Ok(told(&standing))
}

/// The team's settings.
pub(crate) async fn settings(
    resources: &Resources,
    team: TeamId,
) -> Result<entities::team::TeamSettings, Fault> {
    let tx = resources.db.team(team).await?;
    let settings = entities::team::settings(&tx).await?;
    tx.commit().await?;
    Ok(settings)
}

#[activities]
impl ConversationActivities {
    /// See the contract.
    #[activity(definition = conversation_activity::Attend)]
    pub async fn attend(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ConversationRef,
    ) -> Result<Standing, ActivityError> {
        run(&ctx, "conversation.attend", input, attend::attend(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = conversation_activity::SendReply)]
    pub async fn send_reply(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ConversationRef,
    ) -> Result<SendReplyOutput, ActivityError> {
        send_reply::seen_through(&ctx, self.resources.clone(), input).await
    }

    /// See the contract.
    #[activity(definition = conversation_activity::FollowUp)]
    pub async fn follow_up(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ConversationRef,
    ) -> Result<FollowUpOutput, ActivityError> {
        run(&ctx, "conversation.follow_up", input, follow_up::follow_up(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = conversation_activity::Consult)]
    pub async fn consult(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ConversationRef,
    ) -> Result<Standing, ActivityError> {
        run(&ctx, "conversation.consult", input, consult::consult(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = conversation_activity::Decide)]
    pub async fn decide(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DecideInput,
    ) -> Result<DecideOutput, ActivityError> {
        let of = input.conversation;
        run(&ctx, "conversation.decide", of, decide::decide(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = conversation_activity::Close)]
    pub async fn close(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: CloseInput,
    ) -> Result<Standing, ActivityError> {
        let of = input.conversation;
        run(&ctx, "conversation.close", of, close::close(&self.resources, input)).await
    }
}
