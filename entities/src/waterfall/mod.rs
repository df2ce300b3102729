//! What the waterfall of vendors reads and writes page by page, beside what any run of enrichment does
//! ([`crate::enrichment`]): the leads of a page with all that is known of them, kept answers, what vendors say of
//! businesses, and the account of a run.

pub mod answer;
pub mod attach;
pub mod ledger;
pub mod outcome;
pub mod page;
