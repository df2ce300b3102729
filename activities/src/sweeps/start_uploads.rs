//! Starts files that were stored while Temporal was away, or whose API process died before it could start them.

use std::time::Duration;

use domain::FailureCode;
use entities::data_source;
use temporalio_client::errors::WorkflowStartError;
use temporalio_client::{Client, WorkflowStartOptions};
use temporalio_common::search_attributes::SearchAttributes;
use workflows::search_attributes;
use workflows::upload::{Pace, UploadInput, UploadRef, UploadWorkflow, workflow_id};

use crate::{Fault, Resources};

/// How long the API has to start a file itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts them; answers how many were started.
pub(super) async fn start_uploads(
    resources: &Resources,
    client: &Client,
    task_queue: &str,
) -> Result<u64, Fault> {
    let mut started = 0;
    for (team, source) in data_source::left_uploaded(&resources.db, PATIENCE).await? {
        let tx = resources.db.team(team).await?;
        let row = data_source::get(&tx, source).await?;
        tx.commit().await?;
        let attempt = u32::try_from(row.attempt).unwrap_or(1);
        let input = UploadInput { upload: UploadRef { team, source, attempt }, pace: Pace::default() };
        let attributes = SearchAttributes::new([
            search_attributes::TEAM.value_set(team.to_string()),
            search_attributes::SOURCE.value_set(source.to_string()),
        ]);
        let options = WorkflowStartOptions::new(task_queue, workflow_id(source))
            .search_attributes(attributes)
            .static_summary("refine an uploaded file".to_owned())
            .build();
        match client.start_workflow(UploadWorkflow::run, input, options).await {
            Ok(_) => started += 1,
            Err(WorkflowStartError::AlreadyStarted { .. }) => {}
            Err(error) => return Err(Fault::transient(FailureCode::SystemUnavailable, error)),
        }
    }
    Ok(started)
}
