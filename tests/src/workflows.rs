//! Workflows as their histories tell of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;
use temporalio_client::{
    UntypedWorkflow, WorkflowExecutionInfo, WorkflowFetchHistoryOptions, WorkflowHistory,
};

use crate::{TestApp, source_tree};

/// Every workflow of the system, by its name on the wire.
pub const ALL: [&str; 7] = [
    "CampaignWorkflow",
    "ConversationWorkflow",
    "DeliverableWorkflow",
    "EnrichmentWorkflow",
    "PullWorkflow",
    "UploadUndoWorkflow",
    "UploadWorkflow",
];

/// Where recorded histories are: a folder per workflow, a file per case.
pub fn recorded() -> PathBuf {
    source_tree::root().join("tests/histories")
}

/// The recorded histories, by workflow and case.
///
/// # Errors
/// Where they cannot be read.
pub fn histories() -> Result<BTreeMap<(String, String), Vec<u8>>> {
    let mut found = BTreeMap::new();
    for workflow in fs::read_dir(recorded()).context("tests/histories cannot be read")? {
        let workflow = workflow?;
        for case in fs::read_dir(workflow.path())? {
            let case = case?;
            let names =
                [workflow.file_name(), case.file_name()].map(|name| name.to_string_lossy().into_owned());
            let [workflow, case] = names;
            let case = case.strip_suffix(".json").unwrap_or(&case).to_owned();
            let json = fs::read(recorded().join(&workflow).join(format!("{case}.json")))?;
            found.insert((workflow, case), json);
        }
    }
    Ok(found)
}

impl TestApp {
    /// The history of a workflow of this test.
    pub fn history(&self, workflow_id: &str) -> WorkflowHistory {
        self.temporal
            .get_workflow_handle::<UntypedWorkflow>(workflow_id)
            .fetch_history(WorkflowFetchHistoryOptions::default())
    }

    /// The events of each run of a workflow of this test, the newest run first: a run that was continued as new is followed by
    /// the one that it continues.
    ///
    /// # Errors
    /// Where Temporal does not tell.
    pub async fn runs(&self, workflow_id: &str) -> Result<Vec<Vec<Value>>> {
        let mut runs = vec![events(self.history(workflow_id)).await?];
        while let Some(before) = runs.last().and_then(|events| continues(events)) {
            let run = WorkflowExecutionInfo::builder().namespace("default").workflow_id(workflow_id);
            let run = run.run_id(before).build().bind_untyped(self.temporal.clone());
            runs.push(events(run.fetch_history(WorkflowFetchHistoryOptions::default())).await?);
        }
        Ok(runs)
    }
}

async fn events(history: WorkflowHistory) -> Result<Vec<Value>> {
    let mut history: Value = serde_json::from_slice(&history.to_json().await?)?;
    match history["events"].take() {
        Value::Array(events) => Ok(events),
        other => anyhow::bail!("a history without events: {other}"),
    }
}

/// The run that this one continues.
fn continues(events: &[Value]) -> Option<String> {
    let started = &events.first()?["attributes"]["WorkflowExecutionStartedEventAttributes"];
    let before = started["continued_execution_run_id"].as_str()?;
    (!before.is_empty()).then(|| before.to_owned())
}
