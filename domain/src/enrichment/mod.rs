//! Rules of enrichment that are the same whoever asks: how well a lead can be reached, how often a vendor may be called,
//! and what makes two questions to a vendor's list the same.
//!
//! What a title or a business's size means is in [`crate::lead::LeadFacts`] (owner, C-level, main street, established)
//! and [`crate::size::RevenueTier`].

mod quality;
mod query_signature;
mod rate_limit;
mod reach;

pub use quality::{
    BUSINESS_QUALITY, PROPERTY_QUALITY, PropertyFacts, Quality, QualityWeight, Standing, quality_of_business,
    quality_of_property, standing,
};
pub use query_signature::QuerySignature;
pub use rate_limit::{RateLimit, RateLimitError};
pub use reach::{Gain, KnownProperty, Reach};
