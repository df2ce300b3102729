//! Taking back a completed file.

mod activities;
mod workflow;

pub use activities::{UndoInput, UndoOutput, UploadUndoActivities, upload_undo_activity};
pub use workflow::UploadUndoWorkflow;

use domain::id::DataSourceId;

/// The id of the workflow that takes `source` back.
pub fn workflow_id(source: DataSourceId) -> String {
    format!("upload-undo:{source}")
}
