//! The import, set-wise: what the upload's activities do to many rows at once.
//!
//! Each function is one transaction's worth of work in the caller's [`BulkTransaction`](crate::BulkTransaction).
//! Together with its [`checkpoint`] the work is committed once or not at all, so an activity that is repeated
//! finds either nothing or everything. No statement here is per row: PostgreSQL is the limit of an import, and
//! its best is a COPY or an `INSERT … SELECT` (`docs/performance.md`).

pub mod archive;
pub mod blocks;
pub mod buckets;
pub mod candidates;
pub mod checkpoint;
pub mod leads;
pub mod match_keys;
pub mod match_records;
pub mod normalized;
pub mod overtaken;
pub mod raw;
pub mod rejects;
pub mod resolve;
pub mod slices;
pub mod source;
pub mod staging;
pub mod take_back;

pub use staging::Staging;
