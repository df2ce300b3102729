//! Workflows as their histories tell of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use temporalio_client::{UntypedWorkflow, WorkflowFetchHistoryOptions, WorkflowHistory};

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
}
