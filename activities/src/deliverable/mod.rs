//! A deliverable: the implementations of `workflows::deliverable`'s contracts.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

mod hand_over;
mod send;

use std::future::Future;
use std::sync::Arc;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::deliverable::deliverable_activity;
use workflows::deliverable::{DeliverableRef, Delivered};

use crate::{Fault, Resources, heartbeat};

/// The deliverable's activities over one set of resources.
#[derive(Debug)]
pub struct DeliverableActivities {
    resources: Resources,
}

impl DeliverableActivities {
    /// Activities that work with `resources`.
    pub fn new(resources: Resources) -> Self {
        Self { resources }
    }
}

/// Runs one activity, and says in the log which and of what.
async fn run<T>(
    ctx: &ActivityContext,
    name: &'static str,
    of: DeliverableRef,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, ActivityError> {
    let DeliverableRef { team, deliverable } = of;
    let span = tracing::info_span!("activity", name, %team, %deliverable, attempt = ctx.info().attempt);
    heartbeat::run(ctx, name, span, work).await
}

#[activities]
impl DeliverableActivities {
    /// See the contract.
    #[activity(definition = deliverable_activity::Send)]
    pub async fn send(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DeliverableRef,
    ) -> Result<Delivered, ActivityError> {
        run(&ctx, "deliverable.send", input, send::send(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = deliverable_activity::HandOver)]
    pub async fn hand_over(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DeliverableRef,
    ) -> Result<Delivered, ActivityError> {
        run(&ctx, "deliverable.hand_over", input, hand_over::hand_over(&self.resources, input)).await
    }
}
