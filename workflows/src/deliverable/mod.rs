//! A deliverable: from a captured e-mail address to one report, preparation or pitch that is sent once.

mod activities;
mod messages;
mod workflow;

pub use activities::{DeliverableActivities, deliverable_activity};
pub use messages::{DeliverableInput, DeliverableRef, Delivered, Pace};
pub use workflow::DeliverableWorkflow;

use domain::id::DeliverableId;

/// The id of the workflow of `deliverable`. It runs once: whoever starts it again finds that it has run.
pub fn workflow_id(deliverable: DeliverableId) -> String {
    format!("deliverable:{deliverable}")
}
