//! Waiting: for people, for the clock, for news.

use std::time::{Duration, UNIX_EPOCH};

use domain::campaign::CampaignState;
use temporalio_workflow::{TimerOptions, WorkflowContext, workflows};

use super::super::messages::{Change, Standing};
use super::CampaignWorkflow;

impl CampaignWorkflow {
    /// Milliseconds since 1970, as this run of the workflow sees them.
    pub(super) fn now(ctx: &WorkflowContext<Self>) -> i64 {
        let since = ctx.workflow_time().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or_default()
    }

    /// Does what the campaign's state and the clock ask for.
    pub(super) async fn step(ctx: &WorkflowContext<Self>, standing: &Standing) {
        let now = Self::now(ctx);
        let due = |at: Option<i64>| at.is_some_and(|at| at <= now);
        if due(standing.expires_at) && standing.state != CampaignState::Draft {
            return Self::by_the_clock(ctx, Change::Expire).await;
        }
        match standing.state {
            CampaignState::Approved if due(standing.approval_until) => {
                Self::by_the_clock(ctx, Change::LapseApproval).await;
            }
            CampaignState::Approved => {
                let first = [standing.approval_until, standing.expires_at].into_iter().flatten().min();
                Self::await_news(ctx, first).await;
            }
            CampaignState::Scheduled if standing.starts_at.is_none_or(|at| at <= now) => {
                Self::by_the_clock(ctx, Change::Start).await;
            }
            CampaignState::Scheduled => {
                let first = [standing.starts_at, standing.expires_at].into_iter().flatten().min();
                Self::await_news(ctx, first).await;
            }
            CampaignState::Running => Self::go_on(ctx, standing).await,
            CampaignState::Draft => Self::await_news(ctx, None).await,
            _ => Self::await_news(ctx, standing.expires_at).await,
        }
    }

    /// Waits until something is heard of the campaign, or until `until`, in milliseconds since 1970.
    pub(super) async fn await_news(ctx: &WorkflowContext<Self>, until: Option<i64>) {
        let seen = ctx.state(|s| s.news);
        let mut news = Box::pin(ctx.wait_condition(move |s: &Self| s.news != seen));
        let Some(until) = until else {
            // Cancelled from outside is news too: the caller looks.
            let _ = news.await;
            return;
        };
        let wait = u64::try_from(until - Self::now(ctx)).unwrap_or_default().max(1);
        let token = ctx.cancellation_token().child_token();
        let options =
            TimerOptions::builder(Duration::from_millis(wait)).cancellation_token(token.clone()).build();
        let mut clock = Box::pin(ctx.timer(options));
        workflows::select! {
            _ = news => token.cancel(),
            _ = clock => {},
        }
    }

    /// Waits a while, or until something is heard.
    pub(super) async fn rest(ctx: &WorkflowContext<Self>) {
        let idle = ctx.state(|s| s.input.pace.idle_ms);
        let until = Self::now(ctx).saturating_add(i64::try_from(idle).unwrap_or(i64::MAX));
        Self::await_news(ctx, Some(until)).await;
    }
}
