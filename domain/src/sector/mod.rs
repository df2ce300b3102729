//! Lines of trade: 17 sectors with 109 subsectors, found from a SIC code and its description.
//!
//! The sectors are data (`data/sectors.csv`, `data/sector_words.csv`). A subsector names blocks ("Plumbing
//! Contractors - TX") and, with a state or the whole country, makes a bucket: `ny-construction-plumbers`.

mod bucket;
mod catalog;
mod lookup;
mod words;

pub use bucket::{BucketId, BucketIdError, Region};
pub use catalog::{Sector, SubsectorId};
pub use lookup::{Match, MatchLevel, classify, subsector_of};
