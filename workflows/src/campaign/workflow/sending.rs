//! A campaign that runs: its first messages are planned, what is due is sent, what is unknown is asked after, and when
//! nothing is left the reports are waited for.

use domain::campaign::CampaignState;
use temporalio_workflow::WorkflowContext;

use super::super::activities::CampaignActivities;
use super::super::messages::{Change, FinishInput, Left, PlanInput, SendInput, SendOutput, Standing};
use super::super::options::{anywhere, sending};
use super::CampaignWorkflow;
use crate::task_queue;

impl CampaignWorkflow {
    /// One step of a running campaign.
    pub(super) async fn go_on(ctx: &WorkflowContext<Self>, standing: &Standing) {
        if let Some(from) = ctx.state(|s| s.input.plan_from) {
            return Self::plan(ctx, from).await;
        }
        let Some(provider) = standing.provider.clone() else {
            // Without a vendor there is nobody to send; the row says why.
            return Self::rest(ctx).await;
        };
        let queue = task_queue::sends(ctx.task_queue(), &provider);
        let Some(left) = Self::send(ctx, &queue).await else { return };
        if ctx.state(|s| s.progress.standing.state) != CampaignState::Running {
            return;
        }
        if left.unknown > 0 {
            Self::reconcile(ctx, &queue).await;
        } else if left.open == 0 {
            Self::finish(ctx).await;
        } else {
            Self::await_due(ctx, left).await;
        }
    }

    async fn plan(ctx: &WorkflowContext<Self>, from: u32) {
        let (campaign, pace) = ctx.state(|s| (s.input.campaign, s.input.pace));
        let input = PlanInput { campaign, from, leads: pace.plan_leads };
        let options = anywhere(pace, &format!("plan leads from position {from} on"));
        match ctx.execute_activity(CampaignActivities::plan_page, input, options).await {
            Ok(planned) => ctx.state_mut(|s| {
                s.progress.leads = planned.total;
                s.progress.planned += planned.planned;
                s.input.plan_from = planned.next;
            }),
            Err(error) => Self::halt(ctx, &error).await,
        }
    }

    /// Sends what is due; answers what is left, or nothing where it went wrong, or where something was heard meanwhile: what
    /// the batch says of the rest (not before tomorrow, say) may be true of limits that were changed since.
    async fn send(ctx: &WorkflowContext<Self>, queue: &str) -> Option<Left> {
        let (campaign, pace) = ctx.state(|s| (s.input.campaign, s.input.pace));
        let input = SendInput { campaign, batch_ms: pace.batch_ms, batch_messages: pace.batch_messages };
        let options = sending(pace, queue.to_owned(), "send what is due");
        let seen = ctx.state(|s| s.news);
        let mut batch = Box::pin(ctx.execute_activity(CampaignActivities::send_batch, input, options));
        let mut cancelled = Box::pin(ctx.cancelled());
        let sent = temporalio_workflow::workflows::select! {
            sent = batch => sent,
            _ = cancelled => {
                // The row stops the batch; where it cannot be written now, the next step tries again.
                if Self::order(ctx, None, Change::Cancel).await.is_err() {
                    return None;
                }
                batch.await
            },
        };
        match sent {
            Ok(sent) => {
                let (left, overtaken) = (sent.left, ctx.state(|s| s.news != seen));
                ctx.state_mut(|s| s.count(sent));
                (!overtaken).then_some(left)
            }
            Err(error) => {
                Self::halt(ctx, &error).await;
                None
            }
        }
    }

    fn count(&mut self, sent: SendOutput) {
        for (what, messages) in [
            ("accepted", sent.accepted),
            ("refused", sent.refused),
            ("unknown", sent.unknown),
            ("skipped", sent.skipped),
        ] {
            if messages > 0 {
                *self.progress.messages.entry(what.to_owned()).or_default() += u64::from(messages);
            }
        }
        self.progress.left = sent.left;
        self.heard(sent.standing);
    }

    /// Asks after what is unknown; then waits, so that the vendor's own books are up to date at the next look.
    async fn reconcile(ctx: &WorkflowContext<Self>, queue: &str) {
        let (campaign, pace) = ctx.state(|s| (s.input.campaign, s.input.pace));
        let options = sending(pace, queue.to_owned(), "ask what became of messages of which nobody knows");
        match ctx.execute_activity(CampaignActivities::reconcile, campaign, options).await {
            Ok(found) => {
                ctx.state_mut(|s| {
                    s.progress.left.unknown = found.unknown;
                    for (what, messages) in [("accepted", found.accepted), ("refused", found.given_up)] {
                        if messages > 0 {
                            *s.progress.messages.entry(what.to_owned()).or_default() += u64::from(messages);
                        }
                    }
                });
                if found.unknown > 0 {
                    let wait = i64::try_from(pace.reconcile().as_millis()).unwrap_or(i64::MAX);
                    Self::await_news(ctx, Some(Self::now(ctx).saturating_add(wait))).await;
                }
            }
            Err(error) => Self::halt(ctx, &error).await,
        }
    }

    /// Waits until the next message is due, and no longer than between two looks.
    async fn await_due(ctx: &WorkflowContext<Self>, left: Left) {
        let idle = i64::try_from(ctx.state(|s| s.input.pace.idle_ms)).unwrap_or(i64::MAX);
        let now = Self::now(ctx);
        let next = left.next_due.unwrap_or(i64::MAX);
        // What is due days ahead needs no look in between: new limits and resumes are news.
        let at = if next > now.saturating_add(idle.saturating_mul(60)) {
            next
        } else {
            next.min(now.saturating_add(idle))
        };
        if at > now {
            Self::await_news(ctx, Some(at)).await;
        }
    }

    /// Ends the campaign when the last report is there, or when it has been waited for long enough.
    async fn finish(ctx: &WorkflowContext<Self>) {
        let (campaign, pace, waited) = ctx.state(|s| (s.input.campaign, s.input.pace, s.input.waited_ms));
        let give_up = u128::from(waited) >= pace.reports().as_millis();
        let input = FinishInput { campaign, id: ctx.uuid4(), give_up };
        let options = anywhere(pace, "make up the account, when the last report is there");
        match ctx.execute_activity(CampaignActivities::finish, input, options).await {
            Ok(finished) => {
                ctx.state_mut(|s| {
                    s.progress.awaited = finished.awaited;
                    s.heard(finished.standing);
                });
                if finished.awaited > 0 {
                    let poll = u64::try_from(pace.reports_poll().as_millis()).unwrap_or(u64::MAX);
                    let until = Self::now(ctx).saturating_add(i64::try_from(poll).unwrap_or(i64::MAX));
                    Self::await_news(ctx, Some(until)).await;
                    ctx.state_mut(|s| s.input.waited_ms = s.input.waited_ms.saturating_add(poll));
                }
            }
            Err(error) => Self::halt(ctx, &error).await,
        }
    }
}
