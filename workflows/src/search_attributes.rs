//! What an engineer can search workflows by in the Temporal UI.
//!
//! Search attributes are stored in the clear: ids and words of this crate only, never anything of a person.

use temporalio_common::search_attributes::SearchAttributeKey;

/// The rendered team id.
pub const TEAM: SearchAttributeKey<String> = SearchAttributeKey::keyword("RefineryTeam");
/// The stage the workflow is in, for example `normalize`.
pub const STAGE: SearchAttributeKey<String> = SearchAttributeKey::keyword("RefineryStage");
/// `running`, `completed`, `failed` or `cancelled`.
pub const STATUS: SearchAttributeKey<String> = SearchAttributeKey::keyword("RefineryStatus");
/// The rendered data source id.
pub const SOURCE: SearchAttributeKey<String> = SearchAttributeKey::keyword("RefinerySource");

/// The rendered campaign id.
pub const CAMPAIGN: SearchAttributeKey<String> = SearchAttributeKey::keyword("RefineryCampaign");

/// All names with their type, as a Temporal server must know them before a worker starts.
pub const ALL: [(&str, &str); 5] = [
    ("RefineryTeam", "Keyword"),
    ("RefineryStage", "Keyword"),
    ("RefineryStatus", "Keyword"),
    ("RefinerySource", "Keyword"),
    ("RefineryCampaign", "Keyword"),
];
