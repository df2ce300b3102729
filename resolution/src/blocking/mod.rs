//! Blocking: which pairs are compared at all. Records that share a key of some rule meet in a block.

pub(crate) mod blocks;
mod keys;
mod phonetic;
mod report;
mod rule;

pub use keys::{BlockingKeys, blocking_keys};
pub use report::{BlockReport, LargeBlock, RuleReport};
pub use rule::BlockingRule;

#[cfg(test)]
mod tests;
