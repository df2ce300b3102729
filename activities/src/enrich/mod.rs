//! Leads through the waterfall of vendors: the implementations of `workflows::enrichment`'s contracts.
//!
//! What was asked, paid and found is in the database and nowhere else: any worker goes on where another was killed.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

pub(crate) mod again;
mod ask;
mod attach;
mod close;
mod finish;
mod harvest;
mod kept;
mod late;
mod lookup;
mod mailboxes;
mod merge;
mod plan;
mod points;
mod subject;
pub(crate) mod vendors;
mod verify;

use std::future::Future;
use std::sync::Arc;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::enrichment::enrichment_activity;
use workflows::enrichment::{
    EnrichmentRef, FinishInput, LookupInput, LookupOutput, MergeInput, MergeOutput, PageInput, PlanOutput,
};

use crate::heartbeat::{self, claimant};
use crate::{Fault, Resources};

pub use vendors::{VendorPolicy, Vendors};

/// The enrichment's activities over one set of resources.
#[derive(Debug)]
pub struct EnrichmentActivities {
    resources: Resources,
}

impl EnrichmentActivities {
    /// Activities that work with `resources`.
    pub fn new(resources: Resources) -> Self {
        Self { resources }
    }
}

/// Runs one activity, and says in the log which and of what.
async fn run<T>(
    ctx: &ActivityContext,
    name: &'static str,
    of: EnrichmentRef,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, ActivityError> {
    let EnrichmentRef { team, enrichment } = of;
    let span = tracing::info_span!("activity", name, %team, %enrichment, attempt = ctx.info().attempt);
    heartbeat::run(ctx, name, span, work).await
}

#[activities]
impl EnrichmentActivities {
    /// See the contract.
    #[activity(definition = enrichment_activity::Plan)]
    pub async fn plan(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: PageInput,
    ) -> Result<PlanOutput, ActivityError> {
        run(&ctx, "enrich.plan", input.enrichment, plan::plan(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = enrichment_activity::Lookup)]
    pub async fn lookup(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: LookupInput,
    ) -> Result<LookupOutput, ActivityError> {
        let of = input.page.enrichment;
        run(&ctx, "enrich.lookup", of, lookup::lookup(&self.resources, input, claimant(&ctx))).await
    }

    /// See the contract.
    #[activity(definition = enrichment_activity::Verify)]
    pub async fn verify(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: PageInput,
    ) -> Result<LookupOutput, ActivityError> {
        let work = verify::verify(&self.resources, input, claimant(&ctx));
        run(&ctx, "enrich.verify", input.enrichment, work).await
    }

    /// See the contract.
    #[activity(definition = enrichment_activity::Merge)]
    pub async fn merge(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: MergeInput,
    ) -> Result<MergeOutput, ActivityError> {
        let of = input.enrichment;
        run(&ctx, "enrich.merge", of, merge::merge(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = enrichment_activity::Finish)]
    pub async fn finish(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: FinishInput,
    ) -> Result<(), ActivityError> {
        let of = input.enrichment;
        run(&ctx, "enrich.finish", of, finish::finish(&self.resources, input)).await
    }
}
