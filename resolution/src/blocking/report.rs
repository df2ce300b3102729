//! What blocking did: nothing is left out silently.

use serde::{Deserialize, Serialize};

use super::blocks::keep_largest;
use super::rule::BlockingRule;

/// What each rule gave, and which blocks were too large to compare every pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockReport {
    /// By rule, in the order of the rule set.
    pub rules: Vec<RuleReport>,
}

/// What one rule gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// The rule.
    pub rule: BlockingRule,
    /// Blocks of two records or more.
    pub blocks: u64,
    /// Pairs that were compared. A pair may be of several rules.
    pub pairs: u64,
    /// The largest size of which every pair was compared; 0 when the rule was left out since the list is so long that
    /// what records share by it is too common.
    pub cap: u64,
    /// Blocks above that size. Of these only neighbours are compared, once ordered by name and once by place, and
    /// nothing if the rule is not telling ([`BlockingRule::is_telling`]).
    pub large_blocks: u64,
    /// Pairs of large blocks that were not compared.
    pub pairs_left_out: u64,
    /// The largest of them.
    pub largest: Vec<LargeBlock>,
}

/// A block that was too large to compare every pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargeBlock {
    /// Distinct records in it.
    pub records: u64,
    /// A row that is in it, so that its key can be looked at: the first one.
    pub row: u64,
    /// Pairs that were compared.
    pub pairs: u64,
}

impl RuleReport {
    /// Adds what the same rule gave in other blocks.
    pub(crate) fn add(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.pairs += other.pairs;
        self.large_blocks += other.large_blocks;
        self.pairs_left_out += other.pairs_left_out;
        self.largest.extend(other.largest);
        keep_largest(&mut self.largest);
    }
}

impl BlockReport {
    /// Pairs that were compared by all rules together.
    pub fn pairs(&self) -> u64 {
        self.rules.iter().map(|rule| rule.pairs).sum()
    }

    /// Blocks of all rules that were too large to compare every pair.
    pub fn large_blocks(&self) -> u64 {
        self.rules.iter().map(|rule| rule.large_blocks).sum()
    }
}
