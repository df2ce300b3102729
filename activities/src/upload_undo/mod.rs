//! Taking a completed file back: the implementation of `workflows::upload_undo`'s contract.
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented methods")]

mod take_back;

use std::sync::Arc;

use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use workflows::upload_undo::{UndoInput, UndoOutput, upload_undo_activity};

use crate::Resources;
use crate::heartbeat::while_working;

/// The undo's activity over one set of resources.
#[derive(Debug)]
pub struct UploadUndoActivities {
    resources: Resources,
}

impl UploadUndoActivities {
    /// Activities that work with `resources`.
    pub fn new(resources: Resources) -> Self {
        Self { resources }
    }
}

#[activities]
impl UploadUndoActivities {
    /// See the contract.
    #[activity(definition = upload_undo_activity::TakeBack)]
    pub async fn take_back(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: UndoInput,
    ) -> Result<UndoOutput, ActivityError> {
        while_working(&ctx, take_back::take_back(&self.resources, input))
            .await
            .map_err(|fault| fault.into_activity_error("upload_undo.take_back"))
    }
}
