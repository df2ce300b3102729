//! A deliverable: the implementations of `workflows::deliverable`'s contracts.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

mod hand_over;
mod send;

use std::sync::Arc;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::deliverable::deliverable_activity;
use workflows::deliverable::{DeliverableRef, Delivered};

use crate::{Resources, heartbeat};

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

fn span(ctx: &ActivityContext, name: &'static str, of: DeliverableRef) -> tracing::Span {
    let DeliverableRef { team, deliverable } = of;
    tracing::info_span!("activity", name, %team, %deliverable, attempt = ctx.info().attempt)
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
        send::seen_through(&ctx, self.resources.clone(), input).await
    }

    /// See the contract.
    #[activity(definition = deliverable_activity::HandOver)]
    pub async fn hand_over(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DeliverableRef,
    ) -> Result<Delivered, ActivityError> {
        const NAME: &str = "deliverable.hand_over";
        let work = hand_over::hand_over(&self.resources, input);
        heartbeat::run(&ctx, NAME, span(&ctx, NAME, input), work).await
    }
}
