//! A vendor's list, pulled page by page until something known comes.

mod activities;
mod messages;
mod stop;
mod workflow;

pub use activities::{PullActivities, pull_activity};
pub use messages::*;
pub use workflow::PullWorkflow;

use domain::id::PullId;

/// The id of the workflow of `pull`. A pull runs once: where it was left, another goes on.
pub fn workflow_id(pull: PullId) -> String {
    format!("pull:{pull}")
}
