//! A vendor's list, page by page: the implementations of `workflows::pull`'s contracts.
//!
//! What was asked, paid and stored is in the database and nowhere else: any worker goes on where another was killed.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

mod account;
mod ask;
mod begin;
mod fetch_page;
mod finish;
mod leave;
mod store;

use std::future::Future;
use std::sync::Arc;

use domain::FailureCode;
use entities::pull::{EndedBy, HeldPull};
use providers::lists::{ListQuestion, ListSource, ListSourceId};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::pull::{
    BeginOutput, Ended, FetchInput, FinishInput, PageOutput, PullRef, Totals, pull_activity,
};

use crate::{Fault, Resources, heartbeat};

/// The pull's activities over one set of resources.
#[derive(Debug)]
pub struct PullActivities {
    resources: Resources,
}

impl PullActivities {
    /// Activities that work with `resources`.
    pub fn new(resources: Resources) -> Self {
        Self { resources }
    }
}

/// Runs one activity, and says in the log which and of what.
async fn run<T>(
    ctx: &ActivityContext,
    name: &'static str,
    of: PullRef,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, ActivityError> {
    let PullRef { team, pull } = of;
    let span = tracing::info_span!("activity", name, %team, %pull, attempt = ctx.info().attempt);
    heartbeat::run(ctx, name, span, work).await
}

#[activities]
impl PullActivities {
    /// See the contract.
    #[activity(definition = pull_activity::Begin)]
    pub async fn begin(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: PullRef,
    ) -> Result<BeginOutput, ActivityError> {
        run(&ctx, "pull.begin", input, begin::begin(&self.resources, input)).await
    }

    /// See the contract.
    #[activity(definition = pull_activity::FetchPage)]
    pub async fn fetch_page(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: FetchInput,
    ) -> Result<PageOutput, ActivityError> {
        fetch_page::seen_through(&ctx, self.resources.clone(), input).await
    }

    /// See the contract.
    #[activity(definition = pull_activity::Finish)]
    pub async fn finish(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: FinishInput,
    ) -> Result<PageOutput, ActivityError> {
        run(&ctx, "pull.finish", input.pull, finish::finish(&self.resources, input)).await
    }
}

/// The source a pull asks and its question.
fn what_is_asked(
    resources: &Resources,
    pull: &HeldPull,
) -> Result<(Arc<dyn ListSource>, ListQuestion), Fault> {
    let internal = |what: String| Fault::permanent(FailureCode::SystemInternal, what);
    let id: ListSourceId = pull.source.parse().map_err(|_| internal(format!("no list {}", pull.source)))?;
    let source = resources.lists.get(id).cloned().ok_or_else(|| {
        internal(format!("this worker has no key for {id}; configure all workers alike and pull again"))
    })?;
    let question = serde_json::from_value(pull.pull_params.clone()).map_err(|error| {
        internal("the question is not as this version writes it".to_owned()).because(error)
    })?;
    Ok((source, question))
}

/// What is told of a pull.
fn told(pull: &HeldPull) -> PageOutput {
    let count = |number: i32| u32::try_from(number).unwrap_or_default();
    PageOutput {
        totals: Totals {
            pages: count(pull.pages),
            records: count(pull.records),
            leads_new: count(pull.leads_new),
            leads_known: count(pull.leads_known),
        },
        ended: pull.ended_by.map(|by| match by {
            EndedBy::Known => Ended::Known,
            EndedBy::End => Ended::End,
            EndedBy::Limit => Ended::Limit,
            EndedBy::Person => Ended::Person,
            EndedBy::Budget => Ended::Budget,
            EndedBy::Failure => Ended::Failure,
        }),
    }
}
