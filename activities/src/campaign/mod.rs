//! A campaign: the implementations of `workflows::campaign`'s contracts.
//!
//! What was planned, sent and answered is in the database and nowhere else: any worker goes on where another was killed.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

mod change;
mod finish;
mod plan_page;
mod preview;
mod reconcile;
mod reports;
mod send_batch;

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::campaign::campaign_activity;
use workflows::campaign::{
    CampaignRef, ChangeInput, ChangeOutput, FinishInput, FinishOutput, PlanInput, PlanOutput, PreviewOutput,
    ReconcileOutput, SendInput, SendOutput,
};

use crate::{Fault, Resources, heartbeat};

pub use crate::sending::{SendPolicy, Texters};

/// The campaign's activities over one set of resources.
#[derive(Debug)]
pub struct CampaignActivities {
    resources: Resources,
}

impl CampaignActivities {
    /// Activities that work with `resources`.
    pub fn new(resources: Resources) -> Self {
        Self { resources }
    }
}

/// Milliseconds since 1970 as a time.
fn at(milliseconds: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(milliseconds)
}

fn span(ctx: &ActivityContext, name: &'static str, of: CampaignRef) -> tracing::Span {
    let CampaignRef { team, campaign } = of;
    tracing::info_span!("activity", name, %team, %campaign, attempt = ctx.info().attempt)
}

/// Runs one activity, and says in the log which and of what.
async fn run<T>(
    ctx: &ActivityContext,
    name: &'static str,
    of: CampaignRef,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, ActivityError> {
    heartbeat::run(ctx, name, span(ctx, name, of), work).await
}

#[activities]
impl CampaignActivities {
    /// See the contract.
    #[activity(definition = campaign_activity::Preview)]
    pub async fn preview(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: CampaignRef,
    ) -> Result<PreviewOutput, ActivityError> {
        run(&ctx, "campaign.preview", input, preview::preview(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = campaign_activity::Change)]
    pub async fn change(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: ChangeInput,
    ) -> Result<ChangeOutput, ActivityError> {
        let of = input.campaign;
        run(&ctx, "campaign.change", of, change::change(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = campaign_activity::PlanPage)]
    pub async fn plan_page(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: PlanInput,
    ) -> Result<PlanOutput, ActivityError> {
        run(&ctx, "campaign.plan_page", input.campaign, plan_page::plan_page(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = campaign_activity::SendBatch)]
    pub async fn send_batch(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: SendInput,
    ) -> Result<SendOutput, ActivityError> {
        send_batch::seen_through(&ctx, self.resources.clone(), input).await
    }

    /// See the contract.
    #[activity(definition = campaign_activity::Reconcile)]
    pub async fn reconcile(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: CampaignRef,
    ) -> Result<ReconcileOutput, ActivityError> {
        run(&ctx, "campaign.reconcile", input, reconcile::reconcile(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = campaign_activity::Finish)]
    pub async fn finish(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: FinishInput,
    ) -> Result<FinishOutput, ActivityError> {
        let of = input.campaign;
        run(&ctx, "campaign.finish", of, finish::finish(&self.resources, input)).await
    }
}
