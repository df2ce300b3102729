//! A campaign: from draft through approval to the last delivery report.

mod activities;
mod messages;
mod options;
mod pace;
mod workflow;

pub use activities::{CampaignActivities, campaign_activity};
pub use messages::*;
pub use pace::Pace;
pub use workflow::CampaignWorkflow;

use domain::id::CampaignId;

/// The id of the workflow of `campaign`. A campaign runs once: one that ended is copied, not begun again.
pub fn workflow_id(campaign: CampaignId) -> String {
    format!("campaign:{campaign}")
}
