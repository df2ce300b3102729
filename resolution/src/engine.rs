//! Resolves a whole list.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

use crate::blocking::blocks::Blocks;
use crate::blocking::{BlockReport, BlockingRule};
use crate::cluster::{Edge, Evidence, HeldBack, cluster};
use crate::conflict::Conflict;
use crate::frequency::Frequencies;
use crate::model::Model;
use crate::near::Near;
use crate::pair::{Decision, decision, probability};
use crate::parallel::{in_pieces, share};
use crate::records::{Profiles, Records};
use crate::rules::{REVIEW_FROM, RuleSet};
use crate::training::{FEWEST_RECORDS, learn_m, learn_u};

/// Pairs that a thread scores at once.
const PAIRS_A_JOB: usize = 256;

/// Rules whose keys are made at once: each record is read once for all of them, and their keys are in memory together.
const RULES_AT_ONCE: usize = 9;

/// What an engine does, and with how much of the machine.
#[derive(Debug, Clone)]
pub struct Engine {
    rules: RuleSet,
    threads: usize,
    border: Option<usize>,
    merge_from: f32,
}

/// A pair of rows and what follows for them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FoundPair {
    /// One row, the earlier.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// All evidence together, in bits.
    pub weight: f32,
    /// The probability that both are one.
    pub probability: f32,
    /// What follows. A pair that would merge, but whose clusters contradict each other, is for review.
    pub decision: Decision,
    /// Why both are never one.
    pub conflict: Option<Conflict>,
}

/// Who is who in a list.
pub struct Resolution {
    /// Of each row the first row of its cluster; its own number when it is alone.
    pub cluster_of: Vec<u32>,
    /// Of each row the first that says exactly the same; its own number when there is none. Pairs name these rows.
    pub same_as: Vec<u32>,
    /// Pairs of which a merge or a review follows, in order of rows.
    pub pairs: Vec<FoundPair>,
    /// Pairs that would have joined two clusters that contradict each other: for review.
    pub held_back: Vec<HeldBack>,
    /// What blocking did.
    pub blocks: BlockReport,
    /// The model that was applied, with the weights that this list gave it: for explanations.
    pub model: Model,
}

impl Engine {
    /// An engine for persons or businesses, on all cores.
    pub fn new(rules: RuleSet) -> Self {
        Self {
            rules,
            threads: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            border: None,
            merge_from: rules.merge_from(),
        }
    }

    /// With so many threads. The result does not depend on it.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = threads.get();
        self
    }

    /// Matches only across two lists: rows before `border` with rows from it on.
    #[must_use]
    pub fn link(mut self, border: usize) -> Self {
        self.border = Some(border);
        self
    }

    /// With another probability from which two records are one than [`RuleSet::merge_from`]. At less than [`REVIEW_FROM`]
    /// nothing is left for review.
    #[must_use]
    pub fn merge_from(mut self, probability: f32) -> Self {
        self.merge_from = probability;
        self
    }

    /// Resolves a list. The same rows in any order, read in any pieces, give the same clusters.
    pub fn resolve(&self, records: &Records) -> Resolution {
        let profiles = Profiles::of(records, self.border, self.threads);
        let mut model = Model::shipped(self.rules, profiles.population());
        model.frequencies =
            Frequencies::counted(profiles.first_rows(), self.threads, |row| records.view(row as usize));
        let trained = profiles.len() >= FEWEST_RECORDS;
        if trained {
            learn_u(&mut model, &profiles, self.threads);
        }
        let (mut near, blocks) = self.compare_blocks(&model, &profiles);
        if trained {
            learn_m(&mut model, &profiles, &near.training_pairs(), self.threads);
        }
        let edges = self.score_again(&model, &profiles, &std::mem::take(&mut near.pairs));
        let clusters = self.cluster(&model, &profiles, &edges);
        let row = |profile: u32| profiles.first_row(profile);
        let mut same_as: Vec<u32> = (0..).take(records.len()).collect();
        let repeats = profiles.repeats();
        for (profile, repeat) in &repeats {
            same_as[*repeat as usize] = row(*profile);
        }
        let cluster_of = self.rows_of_clusters(&model, &profiles, &repeats, &clusters.cluster_of);
        let mut pairs: Vec<FoundPair> = edges
            .iter()
            .map(|edge| {
                let (a, b) = (row(edge.a), row(edge.b));
                let clustered = clusters.cluster_of[edge.a as usize] == clusters.cluster_of[edge.b as usize];
                FoundPair {
                    a: a.min(b),
                    b: a.max(b),
                    weight: edge.weight,
                    probability: probability(edge.weight),
                    decision: match edge.decision() {
                        Decision::Merge if !clustered => Decision::Review,
                        decision => decision,
                    },
                    conflict: edge.conflict,
                }
            })
            .collect();
        pairs.sort_unstable_by_key(|pair| (pair.a, pair.b));
        let held_back = clusters.held_back.iter().map(|pair| HeldBack {
            a: row(pair.a).min(row(pair.b)),
            b: row(pair.a).max(row(pair.b)),
            conflict: pair.conflict,
        });
        Resolution { cluster_of, same_as, pairs, held_back: held_back.collect(), blocks, model }
    }

    /// Compares the pairs of all blocks and keeps those that may be one, one rule after the other on all threads.
    fn compare_blocks(&self, model: &Model, profiles: &Profiles<'_>) -> (Near, BlockReport) {
        let mut near = Near::default();
        let mut rules = Vec::new();
        let groups = BlockingRule::for_list(self.rules, profiles.len()).chunks(RULES_AT_ONCE);
        for blocks in groups.flat_map(|rules| Blocks::of(rules, self.rules, profiles, self.threads)) {
            let start = || (Near::default(), blocks.report());
            let found = share(self.threads, blocks.shards(), start, |(found, report), shard| {
                blocks.each_pair(shard, profiles, report, |pair, a, b| {
                    // Those who are one are in a block of nearly every rule.
                    if profiles.may_pair(pair.0, pair.1) && !near.has(pair) {
                        found.look(model, pair, a, b);
                    }
                });
            });
            let mut report = blocks.report();
            for (more, of_thread) in found {
                near.add(more);
                report.add(of_thread);
            }
            near.sort();
            rules.push(report);
        }
        (near, BlockReport { rules })
    }

    /// Scores pairs with the weights that the list has given.
    fn score_again(&self, model: &Model, profiles: &Profiles<'_>, pairs: &[(u32, u32)]) -> Vec<FoundEdge> {
        let found = in_pieces(self.threads, pairs, PAIRS_A_JOB, |pairs| {
            let pairs = pairs.iter();
            pairs
                .filter_map(|(a, b)| FoundEdge::between(model, profiles, *a, *b, self.merge_from))
                .collect::<Vec<_>>()
        });
        found.concat()
    }

    /// `found` is in order of pairs.
    fn cluster(&self, model: &Model, profiles: &Profiles<'_>, found: &[FoundEdge]) -> crate::Clusters {
        let edges: Vec<Edge> = found
            .iter()
            .filter(|edge| edge.decision() == Decision::Merge)
            .map(|edge| Edge { a: edge.a, b: edge.b, weight: edge.weight })
            .collect();
        cluster(profiles.len() as u32, edges, |a, b| {
            if let Ok(at) = found.binary_search_by_key(&(a.min(b), a.max(b)), |edge| (edge.a, edge.b)) {
                return Evidence { weight: found[at].weight, conflict: found[at].conflict };
            }
            let score = model.score(&profiles.view(a as usize), &profiles.view(b as usize));
            Evidence { weight: score.weight, conflict: score.conflict }
        })
    }

    /// Rows that say the same, `repeats`, are one, if what they say is enough to tell somebody.
    fn rows_of_clusters(
        &self,
        model: &Model,
        profiles: &Profiles<'_>,
        repeats: &[(u32, u32)],
        cluster_of: &[u32],
    ) -> Vec<u32> {
        let joined = || (0..).zip(cluster_of).filter(|(profile, cluster)| profile != *cluster);
        // Of each cluster of two profiles and more its first row.
        let mut first_of: HashMap<u32, u32> = HashMap::new();
        for (profile, cluster) in joined() {
            let first = first_of.entry(*cluster).or_insert_with(|| profiles.first_row(*cluster));
            *first = (*first).min(profiles.first_row(profile));
        }
        let mut clusters: Vec<u32> = (0..).take(profiles.rows()).collect();
        for (profile, cluster) in joined() {
            for member in [profile, *cluster] {
                clusters[profiles.first_row(member) as usize] = first_of[cluster];
            }
        }
        let mut repeated: Vec<u32> = repeats.iter().map(|(profile, _)| *profile).collect();
        repeated.sort_unstable();
        repeated.dedup();
        let joins = in_pieces(self.threads, &repeated, PAIRS_A_JOB, |repeated| {
            let joins = |profile: &u32| {
                let view = profiles.view(*profile as usize);
                let score = model.score(&view, &view);
                // Across two lists, rows of one list are joined by a row of the other only.
                let linked = self.border.is_none() || first_of.contains_key(&cluster_of[*profile as usize]);
                linked
                    && decision(self.merge_from, probability(score.weight), score.conflict) == Decision::Merge
            };
            repeated.iter().map(joins).collect::<Vec<_>>()
        });
        let joins = joins.concat();
        for (profile, row) in repeats {
            if repeated.binary_search(profile).is_ok_and(|at| joins[at]) {
                let cluster = cluster_of[*profile as usize];
                clusters[*row as usize] =
                    first_of.get(&cluster).copied().unwrap_or_else(|| profiles.first_row(*profile));
            }
        }
        clusters
    }
}

/// A pair of profiles that is worth keeping.
#[derive(Clone, Copy)]
struct FoundEdge {
    a: u32,
    b: u32,
    weight: f32,
    merge_from: f32,
    conflict: Option<Conflict>,
}

impl FoundEdge {
    fn decision(&self) -> Decision {
        decision(self.merge_from, probability(self.weight), self.conflict)
    }

    fn between(model: &Model, profiles: &Profiles<'_>, a: u32, b: u32, merge_from: f32) -> Option<Self> {
        let score = model.score(&profiles.view(a as usize), &profiles.view(b as usize));
        (probability(score.weight) >= REVIEW_FROM).then_some(Self {
            a,
            b,
            weight: score.weight,
            merge_from,
            conflict: score.conflict,
        })
    }
}

#[cfg(test)]
mod tests;
