//! Leads through the waterfall of vendors, page by page, the cheapest vendor first.

mod activities;
mod messages;
mod options;
mod stop;
mod workflow;

pub use activities::{EnrichmentActivities, enrichment_activity};
pub use messages::*;
pub use workflow::EnrichmentWorkflow;

use domain::id::EnrichmentId;

/// The id of the workflow of `enrichment`: one at a time. After its end it is started again only by an answer that
/// came late ([`EnrichmentInput::only_late`]).
pub fn workflow_id(enrichment: EnrichmentId) -> String {
    format!("enrich:{enrichment}")
}
