//! A deliverable: from a captured e-mail address to one report, preparation or pitch that is sent once.

mod activities;
mod messages;
mod workflow;

pub use activities::{DeliverableActivities, deliverable_activity};
pub use messages::{DeliverableInput, DeliverableRef, Delivered, Pace};
pub use workflow::DeliverableWorkflow;

use domain::id::DeliverableId;

/// The id of the workflow of `deliverable`. It runs when it is asked for and whenever something was written for it: whoever tells
/// it starts it, where it does not run.
pub fn workflow_id(deliverable: DeliverableId) -> String {
    format!("deliverable:{deliverable}")
}
