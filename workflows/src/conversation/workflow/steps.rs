//! What a conversation does: sees to what came in, and does what its time has come for.

use domain::FailureCode;
use temporalio_workflow::{ActivityExecutionError, WorkflowContext};

use super::super::activities::ConversationActivities;
use super::super::messages::{CloseInput, CloseWhy, Standing};
use super::super::options::here;
use super::ConversationWorkflow;
use crate::calling::told;

impl ConversationWorkflow {
    /// One round: what of the rows nobody has seen to is seen to.
    pub(super) async fn attend(ctx: &WorkflowContext<Self>) {
        let (of, pace, news) = ctx.state(|s| (s.input.conversation, s.input.pace, s.news));
        ctx.state_mut(|s| s.rounds += 1);
        let options = here(pace, "see to what came in, and let old suggestions lapse");
        match ctx.execute_activity(ConversationActivities::attend, of, options).await {
            Ok(standing) => ctx.state_mut(|s| {
                s.looked = news;
                s.progress.trouble = None;
                s.heard(standing);
            }),
            Err(error) => Self::failed(ctx, &error).await,
        }
    }

    /// Does what is due, or waits until something is.
    pub(super) async fn step(ctx: &WorkflowContext<Self>) {
        let now = Self::now(ctx);
        let standing = ctx.state(|s| s.progress.standing.clone());
        let due = |at: Option<i64>| at.is_some_and(|at| at <= now);
        if due(standing.send_at) {
            Self::send(ctx).await;
            return Self::rest_if(ctx, standing.send_at, |standing| standing.send_at).await;
        }
        if due(standing.follow_up_at) {
            Self::follow_up(ctx).await;
            return Self::rest_if(ctx, standing.follow_up_at, |standing| standing.follow_up_at).await;
        }
        if due(standing.consult_at) {
            Self::consult(ctx).await;
            return Self::rest_if(ctx, standing.consult_at, |standing| standing.consult_at).await;
        }
        if due(standing.attend_at) {
            Self::attend(ctx).await;
            return Self::rest_if(ctx, standing.attend_at, |standing| standing.attend_at).await;
        }
        let pace = ctx.state(|s| s.input.pace);
        let quiet = i64::try_from(pace.quiet_ms).unwrap_or(i64::MAX);
        let over = standing.last_at.map(|last| last.saturating_add(quiet));
        if due(over) {
            return Self::go_quiet(ctx, standing.last_at).await;
        }
        let idle = now.saturating_add(i64::try_from(pace.idle_ms).unwrap_or(i64::MAX));
        let next = [
            standing.send_at,
            standing.follow_up_at,
            standing.consult_at,
            standing.attend_at,
            over,
            Some(idle),
        ];
        let until = next.into_iter().flatten().min().unwrap_or(idle);
        Self::await_news(ctx, until).await;
        // Nothing was heard for long: the rows may have changed past the workflow.
        if until == idle && ctx.state(|s| s.looked == s.news) {
            ctx.state_mut(|s| s.news += 1);
        }
    }

    /// A step that left its time as it was had nothing to do yet: clocks differ. It is tried again in a moment.
    async fn rest_if(
        ctx: &WorkflowContext<Self>,
        before: Option<i64>,
        time: impl Fn(&Standing) -> Option<i64>,
    ) {
        if ctx.state(|s| time(&s.progress.standing)) == before {
            let retry = ctx.state(|s| s.input.pace.retry_ms.min(1_000));
            let until = Self::now(ctx).saturating_add(i64::try_from(retry).unwrap_or(i64::MAX));
            Self::await_news(ctx, until).await;
        }
    }

    async fn send(ctx: &WorkflowContext<Self>) {
        let (of, pace) = ctx.state(|s| (s.input.conversation, s.input.pace));
        ctx.state_mut(|s| s.rounds += 1);
        let options = here(pace, "send what was approved, through the gate");
        match ctx.execute_activity(ConversationActivities::send_reply, of, options).await {
            Ok(sent) => ctx.state_mut(|s| {
                s.progress.sent += sent.accepted;
                s.progress.trouble = None;
                s.heard(sent.standing);
            }),
            Err(error) => Self::failed(ctx, &error).await,
        }
    }

    async fn follow_up(ctx: &WorkflowContext<Self>) {
        let (of, pace) = ctx.state(|s| (s.input.conversation, s.input.pace));
        ctx.state_mut(|s| s.rounds += 1);
        let options = here(pace, "do the follow-ups whose time has come");
        match ctx.execute_activity(ConversationActivities::follow_up, of, options).await {
            Ok(followed) => ctx.state_mut(|s| {
                s.progress.followed_up += followed.done;
                s.progress.trouble = None;
                s.heard(followed.standing);
            }),
            Err(error) => Self::failed(ctx, &error).await,
        }
    }

    async fn consult(ctx: &WorkflowContext<Self>) {
        let (of, pace) = ctx.state(|s| (s.input.conversation, s.input.pace));
        ctx.state_mut(|s| s.rounds += 1);
        let options = here(pace, "ask the team's language model what the rules leave open");
        match ctx.execute_activity(ConversationActivities::consult, of, options).await {
            Ok(standing) => ctx.state_mut(|s| {
                s.progress.trouble = None;
                s.heard(standing);
            }),
            Err(error) => Self::failed(ctx, &error).await,
        }
    }

    async fn go_quiet(ctx: &WorkflowContext<Self>, last_at: Option<i64>) {
        let (conversation, pace) = ctx.state(|s| (s.input.conversation, s.input.pace));
        ctx.state_mut(|s| s.rounds += 1);
        let input = CloseInput { conversation, why: CloseWhy::Quiet, last_at };
        let options = here(pace, "end what nobody has added to for long");
        match ctx.execute_activity(ConversationActivities::close, input, options).await {
            Ok(standing) => ctx.state_mut(|s| s.heard(standing)),
            Err(error) => Self::failed(ctx, &error).await,
        }
    }

    /// Notes what went wrong, and waits a while or until something is heard: the rows say what is to be done, and nothing of
    /// it is lost.
    async fn failed(ctx: &WorkflowContext<Self>, error: &ActivityExecutionError) {
        let late = (FailureCode::SystemUnavailable, "it took longer than it may");
        let (code, _detail) = told(error, late);
        let retry = ctx.state_mut(|s| {
            s.progress.trouble = Some(code);
            s.input.pace.retry_ms
        });
        let until = Self::now(ctx).saturating_add(i64::try_from(retry).unwrap_or(i64::MAX));
        Self::show(ctx);
        Self::await_news(ctx, until).await;
    }
}
