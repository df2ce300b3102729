//! The contract of the undo. `activities::upload_undo` implements it.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use domain::id::{DataSourceId, TeamId, UserId};
use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;

/// Which completed file to take back, and who wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoInput {
    /// The team that owns the file.
    pub team: TeamId,
    /// The file.
    pub source: DataSourceId,
    /// The person who asked; `None` where it was the system.
    pub user: Option<UserId>,
}

/// What was taken back, and what stays because a campaign has touched it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UndoOutput {
    /// Leads removed.
    pub leads_removed: u64,
    /// Leads that stay: a campaign has them.
    pub leads_kept: u64,
    /// Businesses that nothing else refers to, removed.
    pub businesses_removed: u64,
    /// People that nothing else refers to, removed.
    pub personas_removed: u64,
    /// Blocks of the file, removed.
    pub blocks_removed: u64,
}

/// What an undo asks of the world.
#[derive(Debug)]
pub struct UploadUndoActivities;

#[activity_definitions]
impl UploadUndoActivities {
    /// Removes what the file made and no campaign has touched. Asked again, it answers what the first did.
    #[activity(name = "upload_undo.take_back")]
    pub fn take_back(input: UndoInput) -> UndoOutput {
        unimplemented!()
    }
}

/// The markers by which an implementation names the contract it fulfils.
pub mod upload_undo_activity {
    pub use super::upload_undo_activities::TakeBack;
}
