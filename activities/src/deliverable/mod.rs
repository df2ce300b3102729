//! A deliverable: the implementations of `workflows::deliverable`'s contracts.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

use std::future::Future;
use std::sync::Arc;

use chrono::Utc;
use entities::reply;
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

/// Puts what is owed before a person of the queue that makes it, unless the person it is for has opted out meanwhile. What a
/// deliverable says is made by people; that it is asked for once, and by whom, is certain.
async fn see_to_it(resources: &Resources, of: DeliverableRef) -> Result<Delivered, Fault> {
    let now = Utc::now();
    let mut tx = resources.db.team_bulk(of.team).await?;
    let owed = reply::owed(&mut tx, of.deliverable).await?;
    let open = matches!(owed.state.as_str(), "requested" | "made");
    if open && owed.forbidden {
        reply::call_off(&mut tx, of.deliverable, now).await?;
    } else if open {
        reply::hand_over(&mut tx, of.deliverable, &owed, now).await?;
    }
    let state = reply::owed(&mut tx, of.deliverable).await?.state;
    tx.commit().await?;
    Ok(Delivered { state })
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
        run(&ctx, "deliverable.send", input, see_to_it(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = deliverable_activity::HandOver)]
    pub async fn hand_over(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: DeliverableRef,
    ) -> Result<Delivered, ActivityError> {
        run(&ctx, "deliverable.hand_over", input, see_to_it(&self.resources, input)).await
    }
}
