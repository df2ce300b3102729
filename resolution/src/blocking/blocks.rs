//! Walks the blocks of a rule and hands out their pairs, without ever holding them.

use std::sync::{Mutex, PoisonError};

use super::keys::{KeyMaker, Subject};
use super::report::{LargeBlock, RuleReport};
use super::rule::BlockingRule;
use crate::parallel::share;
use crate::record::{Part, View};
use crate::records::{Profiles, TOUCHED_AHEAD};
use crate::rules::RuleSet;

/// Neighbours that a record of a large block is compared with, in each order: no more than these.
const WIDEST_WINDOW: u64 = 6;
/// No block is larger than this and still compared in full.
const LARGEST_CAP: usize = 1_000;
/// Blocks of this size are always compared in full.
const SMALLEST_CAP: usize = 8;
/// The orders in which a large block is walked.
const BY_NAME: [Part; 4] = [Part::Family, Part::Given, Part::Company, Part::Phone];
const BY_PLACE: [Part; 4] = [Part::Zip, Part::Street, Part::HouseNumber, Part::Family];
/// How much of its text places a member in an order, in bytes.
const SORTED_BY: usize = 24;
/// Records whose keys a thread makes at once.
const RECORDS_A_JOB: usize = 8_192;
/// About how many records have their keys in one shard: few enough for a core's own memory.
const RECORDS_A_SHARD: usize = 16_384;
/// How many of the largest blocks are reported by rule.
const REPORTED: usize = 5;

/// Pairs that a rule may give in a list of `records`, before its large blocks are cut down.
fn budget(rule: BlockingRule, records: usize) -> u64 {
    let records = records as u64;
    match rule.is_telling() {
        true => 150_000 + records,
        false => 100_000,
    }
}

/// A key and a profile that has it, in eight bytes: of the key its low half, the other being told by the shard. Where that
/// takes two keys for one, it costs one comparison.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry(u64);

impl Entry {
    const fn of(key: u64, profile: u32) -> Self {
        Self(key << 32 | profile as u64)
    }

    const fn key(self) -> u32 {
        (self.0 >> 32) as u32
    }

    const fn profile(self) -> u32 {
        self.0 as u32
    }
}

/// The blocks of one rule: profiles with a key, ordered by it, in shards by their keys.
pub(crate) struct Blocks {
    rule: BlockingRule,
    shards: Vec<Vec<Entry>>,
    cap: usize,
    window: usize,
}

impl Blocks {
    /// Blocks all profiles by each of `rules`, on so many threads. All keys of these rules are in memory at once.
    pub(crate) fn of(
        rules: &[BlockingRule],
        set: RuleSet,
        profiles: &Profiles<'_>,
        threads: usize,
    ) -> Vec<Self> {
        let sharded = sharded(rules, set, profiles, threads);
        rules
            .iter()
            .zip(sharded)
            .map(|(rule, shards)| Self::ordered(*rule, shards, profiles, threads))
            .collect()
    }

    fn ordered(rule: BlockingRule, shards: Shards, profiles: &Profiles<'_>, threads: usize) -> Self {
        let budget = budget(rule, profiles.len());
        let ordered = share(threads, shards.len(), Ordered::default, |ordered, number| {
            let parts = std::mem::take(&mut *shards[number].lock().unwrap_or_else(PoisonError::into_inner));
            ordered.add(parts);
        });
        let sizes = |size: usize| ordered.iter().map(|part| part.blocks_of_size[size]).sum();
        let cap = cap(sizes, budget);
        let shards: Vec<Vec<Entry>> = ordered.into_iter().flat_map(|part| part.shards).collect();
        let blocks = shards.iter().flat_map(|entries| blocks_of(entries)).map(<[_]>::len);
        let in_large: usize = blocks.filter(|size| *size > cap).sum();
        let window = (budget / (2 * in_large as u64).max(1)).clamp(1, WIDEST_WINDOW) as usize;
        Self { rule, shards, cap, window }
    }

    /// How many shards there are: pieces of work for [`Blocks::each_pair`].
    pub(crate) fn shards(&self) -> usize {
        self.shards.len()
    }

    /// What was done of no shard yet.
    pub(crate) fn report(&self) -> RuleReport {
        RuleReport {
            rule: self.rule,
            blocks: 0,
            pairs: 0,
            cap: self.cap as u64,
            large_blocks: 0,
            pairs_left_out: 0,
            largest: Vec::new(),
        }
    }

    /// Gives `pair` each pair of profiles to compare in one shard, the lower number first. A pair that shares two keys
    /// comes twice.
    pub(crate) fn each_pair<'r>(
        &self,
        shard: usize,
        profiles: &Profiles<'r>,
        report: &mut RuleReport,
        mut pair: impl FnMut((u32, u32), &View<'r>, &View<'r>),
    ) {
        let mut members: Vec<u32> = Vec::new();
        let mut views: Vec<View<'r>> = Vec::new();
        let entries = &self.shards[shard];
        let mut at = 0;
        let mut touched = 0;
        for block in blocks_of(entries) {
            // Records lie anywhere in memory: fetching many at once takes as long as fetching one.
            if at >= touched {
                touched = (at + TOUCHED_AHEAD.max(block.len())).min(entries.len());
                entries[at..touched].iter().for_each(|entry| profiles.touch(entry.profile()));
            }
            at += block.len();
            report.blocks += 1;
            let size = block.len();
            // Where neighbours would be as many as all, all are compared.
            if size <= self.cap || pairs_of(size) <= (2 * self.window * size) as u64 {
                views.clear();
                views.extend(block.iter().map(|entry| profiles.view(entry.profile() as usize)));
                for (at, (one, a)) in block.iter().zip(&views).enumerate() {
                    for (other, b) in block.iter().zip(&views).skip(at + 1) {
                        pair((one.profile(), other.profile()), a, b);
                    }
                }
                report.pairs += pairs_of(size);
                continue;
            }
            members.clear();
            members.extend(block.iter().map(|entry| entry.profile()));
            let row = members.iter().map(|number| u64::from(profiles.first_row(*number))).min().unwrap_or(0);
            let compared = self.neighbours(&members, profiles, &mut pair);
            report.pairs += compared;
            report.large_blocks += 1;
            report.pairs_left_out += pairs_of(size).saturating_sub(compared);
            report.largest.push(LargeBlock { records: size as u64, row, pairs: compared });
            if report.largest.len() > 4 * REPORTED {
                keep_largest(&mut report.largest);
            }
        }
        keep_largest(&mut report.largest);
    }

    /// Sorted neighbourhood (Hernández and Stolfo, 1995): each member with the next few, in order of name and in order
    /// of place. Large blocks of rules that are not telling give nothing: what they have in common is too common.
    fn neighbours<'r>(
        &self,
        members: &[u32],
        profiles: &Profiles<'r>,
        pair: &mut impl FnMut((u32, u32), &View<'r>, &View<'r>),
    ) -> u64 {
        let mut compared = 0;
        if !self.rule.is_telling() {
            return 0;
        }
        let mut placed: Vec<([u8; SORTED_BY], usize, u32)> = Vec::with_capacity(members.len());
        for order in [BY_NAME, BY_PLACE] {
            placed.clear();
            placed.extend(members.iter().map(|number| {
                let view = profiles.view(*number as usize);
                let (mut text, mut length) = ([0; SORTED_BY], 0);
                for (slot, byte) in text.iter_mut().zip(order.iter().flat_map(|part| view.raw(*part))) {
                    *slot = *byte;
                    length += 1;
                }
                (text, length, *number)
            }));
            placed.sort_unstable();
            for (at, (.., one)) in placed.iter().enumerate() {
                let one_view = profiles.view(*one as usize);
                for (.., other) in placed[at + 1..].iter().take(self.window) {
                    let other_view = profiles.view(*other as usize);
                    if one < other {
                        pair((*one, *other), &one_view, &other_view);
                    } else {
                        pair((*other, *one), &other_view, &one_view);
                    }
                    compared += 1;
                }
            }
        }
        compared
    }
}

/// Blocks of two and more in entries that are in order.
fn blocks_of(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    entries.chunk_by(|a, b| a.key() == b.key())
}

/// The keys of all profiles by one rule, in shards by their keys, each in the pieces that threads found.
type Shards = Vec<Mutex<Vec<Vec<Entry>>>>;

/// The keys of all profiles by each of `rules`.
fn sharded(rules: &[BlockingRule], set: RuleSet, profiles: &Profiles<'_>, threads: usize) -> Vec<Shards> {
    let rows = profiles.first_rows();
    let makers: Vec<KeyMaker> = rules.iter().map(|rule| KeyMaker::of(*rule, set)).collect();
    let count = (rows.len() / RECORDS_A_SHARD + 1).next_power_of_two();
    let found = share(
        threads,
        rows.len().div_ceil(RECORDS_A_JOB),
        || vec![vec![Vec::new(); count]; rules.len()],
        |of_rules, job| {
            let start = job * RECORDS_A_JOB;
            let mut keys: Vec<u64> = Vec::with_capacity(8);
            for row in &rows[start..(start + RECORDS_A_JOB).min(rows.len())] {
                let (number, view) = profiles.of_row(*row);
                let subject = Subject::of(set, &view);
                for (maker, shards) in makers.iter().zip(&mut *of_rules) {
                    keys.clear();
                    maker.each(&subject, &mut |key| {
                        if !keys.contains(&key) {
                            keys.push(key);
                            shards[(key >> 40) as usize & (count - 1)].push(Entry::of(key, number));
                        }
                    });
                }
            }
        },
    );
    let all: Vec<Shards> = rules.iter().map(|_| (0..count).map(|_| Mutex::default()).collect()).collect();
    for (shards, parts) in found.into_iter().flat_map(|of_rules| all.iter().zip(of_rules)) {
        for (shard, part) in shards.iter().zip(parts) {
            shard.lock().unwrap_or_else(PoisonError::into_inner).push(part);
        }
    }
    all
}

/// Shards whose entries are in order, without those that nobody shares a key with.
struct Ordered {
    shards: Vec<Vec<Entry>>,
    /// How many blocks there are of each size, up to the largest that may be compared in full.
    blocks_of_size: Vec<u64>,
    /// Bits of keys that were seen, and of those that were seen again.
    seen: Vec<[u64; 2]>,
}

impl Default for Ordered {
    fn default() -> Self {
        Self { shards: Vec::new(), blocks_of_size: vec![0; LARGEST_CAP + 1], seen: Vec::new() }
    }
}

impl Ordered {
    fn add(&mut self, parts: Vec<Vec<Entry>>) {
        let count: usize = parts.iter().map(Vec::len).sum();
        // Most keys are of one record only. A bit for each, eight times as many as there are keys, tells nearly all.
        let words = (count / 8 + 1).next_power_of_two();
        self.seen.clear();
        self.seen.resize(words, [0; 2]);
        let slot = |entry: &Entry| ((entry.key() >> 6) as usize & (words - 1), 1_u64 << (entry.key() & 63));
        for entry in parts.iter().flatten() {
            let (word, bit) = slot(entry);
            let [once, again] = &mut self.seen[word];
            *again |= *once & bit;
            *once |= bit;
        }
        let shared = |entry: &&Entry| {
            let (word, bit) = slot(entry);
            self.seen[word][1] & bit != 0
        };
        let mut entries: Vec<Entry> = parts.iter().flatten().filter(shared).copied().collect();
        drop(parts);
        entries.sort_unstable();
        let mut kept = 0;
        let mut start = 0;
        while start < entries.len() {
            let key = entries[start].key();
            let size = entries[start..].iter().take_while(|entry| entry.key() == key).count();
            if size > 1 {
                entries.copy_within(start..start + size, kept);
                kept += size;
                if let Some(blocks) = self.blocks_of_size.get_mut(size) {
                    *blocks += 1;
                }
            }
            start += size;
        }
        entries.truncate(kept);
        entries.shrink_to_fit();
        if !entries.is_empty() {
            self.shards.push(entries);
        }
    }
}

/// Keeps the largest blocks of a report, in order.
pub(super) fn keep_largest(blocks: &mut Vec<LargeBlock>) {
    blocks.sort_by_key(|block| (std::cmp::Reverse(block.records), block.row));
    blocks.truncate(REPORTED);
}

const fn pairs_of(size: usize) -> u64 {
    (size as u64) * (size as u64 - 1) / 2
}

/// The largest size of blocks such that all up to it stay within the budget.
fn cap(blocks_of_size: impl Fn(usize) -> u64, budget: u64) -> usize {
    let mut pairs = 0_u64;
    for size in 2..=LARGEST_CAP {
        pairs += blocks_of_size(size) * pairs_of(size);
        if pairs > budget {
            return (size - 1).max(SMALLEST_CAP);
        }
    }
    LARGEST_CAP
}
