//! Walks the blocks of one rule and hands out their pairs, without ever holding them.

use super::keys::keys_of;
use super::report::{LargeBlock, RuleReport};
use super::rule::BlockingRule;
use crate::record::Part;
use crate::records::Profiles;
use crate::rules::RuleSet;

/// Neighbours that a record of a large block is compared with, in each order: no more than these.
const WIDEST_WINDOW: u64 = 6;
/// The longest list for which rules that are not telling are worth their time.
const WEAK_RULES_UP_TO: u64 = 200_000;
/// No block is larger than this and still compared in full.
const LARGEST_CAP: usize = 1_000;
/// Blocks of this size are always compared in full.
const SMALLEST_CAP: usize = 8;
/// The orders in which a large block is walked.
const BY_NAME: [Part; 4] = [Part::Family, Part::Given, Part::Company, Part::Phone];
const BY_PLACE: [Part; 4] = [Part::Zip, Part::Street, Part::HouseNumber, Part::Family];
/// How much of its text places a member in an order, in bytes.
const SORTED_BY: usize = 24;
/// How many of the largest blocks are reported by rule.
const REPORTED: usize = 5;

/// Pairs that a rule may give in a list of `records`, before its large blocks are cut down.
fn budget(rule: BlockingRule, records: usize) -> u64 {
    let records = records as u64;
    match rule.is_telling() {
        true => 150_000 + records,
        false if records <= WEAK_RULES_UP_TO => 100_000,
        false => 0,
    }
}

/// The blocks of one rule: profiles with a key, ordered by it.
pub(crate) struct Blocks {
    rule: BlockingRule,
    entries: Vec<(u64, u32)>,
    cap: usize,
    window: usize,
}

impl Blocks {
    /// Blocks all profiles by `rule`.
    pub(crate) fn of(rule: BlockingRule, rules: RuleSet, profiles: &Profiles<'_>) -> Self {
        let budget = budget(rule, profiles.len());
        if budget == 0 {
            return Self { rule, entries: Vec::new(), cap: 0, window: 0 };
        }
        let mut entries: Vec<(u64, u32)> = Vec::with_capacity(profiles.len());
        for number in profiles.in_memory_order() {
            let start = entries.len();
            keys_of(rule, rules, &profiles.view(*number as usize), &mut |key| {
                if !entries[start..].iter().any(|(known, _)| *known == key) {
                    entries.push((key, *number));
                }
            });
        }
        entries.sort_unstable();
        let cap = cap(&entries, budget);
        let blocks = entries.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len);
        let in_large: usize = blocks.filter(|size| *size > cap).sum();
        let window = (budget / (2 * in_large as u64).max(1)).clamp(1, WIDEST_WINDOW) as usize;
        Self { rule, entries, cap, window }
    }

    /// Gives `pair` each pair of profiles to compare. A pair that shares two keys comes twice.
    pub(crate) fn each_pair(&self, profiles: &Profiles, mut pair: impl FnMut(u32, u32)) -> RuleReport {
        let mut report = RuleReport {
            rule: self.rule,
            blocks: 0,
            pairs: 0,
            cap: self.cap as u64,
            large_blocks: 0,
            pairs_left_out: 0,
            largest: Vec::new(),
        };
        let mut members: Vec<u32> = Vec::new();
        for block in self.entries.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            report.blocks += 1;
            let size = block.len();
            // Where neighbours would be as many as all, all are compared.
            if size <= self.cap || pairs_of(size) <= (2 * self.window * size) as u64 {
                for (at, (_, one)) in block.iter().enumerate() {
                    for (_, other) in &block[at + 1..] {
                        pair(*one, *other);
                    }
                }
                report.pairs += pairs_of(size);
                continue;
            }
            members.clear();
            members.extend(block.iter().map(|(_, number)| *number));
            let row = members.iter().map(|number| profiles.first_row(*number)).min().unwrap_or(0);
            let compared = self.neighbours(&mut members, profiles, &mut pair);
            report.pairs += compared;
            report.large_blocks += 1;
            report.pairs_left_out += pairs_of(size).saturating_sub(compared);
            report.largest.push(LargeBlock { records: size as u64, row, pairs: compared });
            if report.largest.len() > 4 * REPORTED {
                keep_largest(&mut report.largest);
            }
        }
        keep_largest(&mut report.largest);
        report
    }

    /// Sorted neighbourhood (Hernández and Stolfo, 1995): each member with the next few, in order of name and in order
    /// of place. Large blocks of rules that are not telling give nothing: what they have in common is too common.
    fn neighbours(
        &self,
        members: &mut [u32],
        profiles: &Profiles<'_>,
        pair: &mut impl FnMut(u32, u32),
    ) -> u64 {
        let mut compared = 0;
        if !self.rule.is_telling() {
            return 0;
        }
        for order in [BY_NAME, BY_PLACE] {
            members.sort_by_cached_key(|number| {
                let view = profiles.view(*number as usize);
                let texts = order.iter().flat_map(|part| view.raw(*part)).take(SORTED_BY).copied();
                (texts.collect::<Vec<u8>>(), *number)
            });
            for (at, one) in members.iter().enumerate() {
                for other in members[at + 1..].iter().take(self.window) {
                    pair((*one).min(*other), (*one).max(*other));
                    compared += 1;
                }
            }
        }
        compared
    }
}

fn keep_largest(blocks: &mut Vec<LargeBlock>) {
    blocks.sort_by_key(|block| (std::cmp::Reverse(block.records), block.row));
    blocks.truncate(REPORTED);
}

const fn pairs_of(size: usize) -> u64 {
    (size as u64) * (size as u64 - 1) / 2
}

/// The largest size of blocks such that all up to it stay within the budget.
fn cap(entries: &[(u64, u32)], budget: u64) -> usize {
    let mut blocks_of_size = vec![0_u64; LARGEST_CAP + 1];
    for block in entries.chunk_by(|a, b| a.0 == b.0) {
        if let Some(count) = blocks_of_size.get_mut(block.len()) {
            *count += 1;
        }
    }
    let mut pairs = 0_u64;
    for (size, count) in blocks_of_size.iter().enumerate().skip(2) {
        pairs += count * pairs_of(size);
        if pairs > budget {
            return (size - 1).max(SMALLEST_CAP);
        }
    }
    LARGEST_CAP
}
