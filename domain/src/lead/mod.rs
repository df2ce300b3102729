//! What a lead is worth and what kind of contact it is, computed from a few facts about it.
//!
//! A row's [`LeadFacts`] are stored with the lead. Score, reasons, tags, class and quality all follow from
//! them and from the version of the weights, so that any of them can be explained years later.

mod contact_class;
mod facts;
mod quality;
mod score;
mod tags;
mod targets;
mod weights;

pub use contact_class::{ContactClass, contact_class};
pub use facts::{LeadFacts, SizeBand};
pub use quality::{CONTACTABLE_FROM, ENRICHED_FROM, quality_score};
pub use score::{Priority, Reason, Score, explain, score};
pub use tags::{TagError, TagSet, tags};
pub use targets::{SicPrefix, SicPrefixError, Span, Targets};
pub use weights::{CURRENT_WEIGHTS, Rule, UnknownWeights, WEIGHTS_V1, Weights};
