//! Starts runs of enrichment and pulls that nobody has started: those that are made by files, schedules and the clock, and those
//! whose start got lost, because Temporal was away or an API process died before it.

use std::time::Duration;

use domain::FailureCode;
use domain::id::TeamId;
use entities::{enrichment, pull};
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{Client, WorkflowIdReusePolicy, WorkflowStartOptions};
use temporalio_common::search_attributes::SearchAttributes;
use workflows::enrichment::{EnrichmentInput, EnrichmentRef, EnrichmentWorkflow};
use workflows::pull::{PullInput, PullRef, PullWorkflow};
use workflows::search_attributes;

use crate::{Fault, Resources};

/// How long the API has to start what it was asked for itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts runs of enrichment; answers how many were started. One that was started before is noted as begun.
pub(super) async fn start_enrichments(
    resources: &Resources,
    client: &Client,
    task_queue: &str,
) -> Result<u64, Fault> {
    let mut count = 0;
    for (team, id) in enrichment::to_begin(&resources.db, PATIENCE).await? {
        let run = EnrichmentRef { team, enrichment: id };
        let input = EnrichmentInput::new(run, workflows::enrichment::Pace::default());
        let id_of_it = workflows::enrichment::workflow_id(id);
        let options = options(task_queue, id_of_it, team, "Leads through the waterfall of vendors");
        count += u64::from(started(client.start_workflow(EnrichmentWorkflow::run, input, options).await)?);
        let mut tx = resources.db.team_bulk(team).await?;
        enrichment::begun(&mut tx, id).await?;
        tx.commit().await?;
    }
    Ok(count)
}

/// Starts pulls; answers how many were started.
pub(super) async fn start_pulls(
    resources: &Resources,
    client: &Client,
    task_queue: &str,
) -> Result<u64, Fault> {
    let mut count = 0;
    for (team, id) in pull::to_begin(&resources.db, PATIENCE).await? {
        let input = PullInput::new(PullRef { team, pull: id }, workflows::pull::Pace::default());
        let id_of_it = workflows::pull::workflow_id(id);
        let what = "A vendor's list, page by page until something known comes";
        let options = options(task_queue, id_of_it, team, what);
        count += u64::from(started(client.start_workflow(PullWorkflow::run, input, options).await)?);
    }
    Ok(count)
}

/// One that failed and could not say so in its row begins anew: what it asked is in the ledger.
fn options(task_queue: &str, workflow_id: String, team: TeamId, what: &str) -> WorkflowStartOptions {
    WorkflowStartOptions::new(task_queue, workflow_id)
        .id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicateFailedOnly)
        .search_attributes(SearchAttributes::new([search_attributes::TEAM.value_set(team.to_string())]))
        .static_summary(what.to_owned())
        .build()
}

/// Whether a workflow was started now, and not before.
fn started<T>(answer: Result<T, WorkflowStartError>) -> Result<bool, Fault> {
    match answer {
        Ok(_) => Ok(true),
        Err(WorkflowStartError::AlreadyStarted { .. }) => Ok(false),
        Err(error) => Err(Fault::transient(FailureCode::SystemUnavailable, error)),
    }
}
