//! One file, from stored object to campaign blocks.

mod activities;
mod messages;
mod workflow;

pub use activities::{UploadActivities, upload_activity};
pub use messages::*;
pub use workflow::UploadWorkflow;

use domain::id::DataSourceId;

/// The id of the workflow that refines `source`: one workflow a file, whoever asks and however often.
pub fn workflow_id(source: DataSourceId) -> String {
    format!("upload:{source}")
}
