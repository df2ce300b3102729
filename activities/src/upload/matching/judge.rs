//! Decides: who is folded into whom, and which pairs a person should look at.

use std::collections::{BTreeMap, HashMap, HashSet};

use entities::merge::Merge;
use resolution::{Comparison, Decision, Edge, Evidence, cluster};
use serde_json::{Value, json};

use super::case::Case;

/// How many records that the team has are weighed against each other where one row could be either.
const MOST_BRIDGED: usize = 8;

/// Pairs that may be one, by their numbers, the smaller first.
pub(super) type Near = HashMap<(u32, u32), (Evidence, Decision)>;

/// Who is one with whom, taken as pairs: of each record the others, in order.
type Joined = BTreeMap<u32, Vec<u32>>;

/// What follows.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Records of the file to be folded into others.
    pub(super) merges: Vec<Merge>,
    /// Pairs for a person to look at.
    pub(super) proposals: Vec<Merge>,
}

fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

fn weight(near: &Near, a: u32, b: u32) -> f32 {
    near.get(&ordered(a, b)).map_or(f32::NEG_INFINITY, |(evidence, _)| evidence.weight)
}

fn are_one(near: &Near, a: u32, b: u32) -> bool {
    near.get(&ordered(a, b)).is_some_and(|(_, decision)| *decision == Decision::Merge)
}

impl Case {
    /// Decides. The same case has the same verdict.
    pub(super) fn decide(&self, mut near: Near) -> Verdict {
        let joined = joined(&near);
        near.extend(self.compare(&self.bridged(&joined, &near)));
        let homes = self.homes(&joined, &near);
        Verdict {
            merges: homes.iter().filter_map(|(from, to)| self.merge(*from, *to, &joined, &near)).collect(),
            proposals: self.proposals(&homes, &near),
        }
    }

    fn is_fresh(&self, record: u32) -> bool {
        record < self.first_known()
    }

    /// Pairs of records of the team that some row of the file could be both of.
    fn bridged(&self, joined: &Joined, near: &Near) -> Vec<(u32, u32)> {
        let mut pairs = HashSet::new();
        for (one, others) in joined.iter().filter(|(one, _)| self.is_fresh(**one)) {
            let mut known: Vec<u32> = others.iter().copied().filter(|other| !self.is_fresh(*other)).collect();
            known.sort_by(|a, b| weight(near, *one, *b).total_cmp(&weight(near, *one, *a)).then(a.cmp(b)));
            known.truncate(MOST_BRIDGED);
            for (at, a) in known.iter().enumerate() {
                pairs.extend(known[at + 1..].iter().map(|b| ordered(*a, *b)));
            }
        }
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        pairs.sort_unstable();
        pairs
    }

    /// The records of the file that are folded, each with the one that it is folded into.
    fn homes(&self, joined: &Joined, near: &Near) -> BTreeMap<u32, u32> {
        let edges = near
            .iter()
            .filter(|(_, (_, decision))| *decision == Decision::Merge)
            .map(|((a, b), (evidence, _))| Edge { a: *a, b: *b, weight: evidence.weight })
            .collect();
        let records = self.first_known() + self.known() as u32;
        let clusters = cluster(records, edges, |a, b| self.evidence(a, b));
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for record in joined.keys() {
            members.entry(clusters.cluster_of[*record as usize]).or_default().push(*record);
        }
        let mut homes = BTreeMap::new();
        for members in members.values() {
            let (fresh, known): (Vec<u32>, Vec<u32>) =
                members.iter().partition(|record| self.is_fresh(**record));
            let Some(eldest) = known.first().or(fresh.first()).copied() else { continue };
            for record in fresh.into_iter().filter(|record| *record != eldest) {
                let alike = known.iter().copied().filter(|other| are_one(near, record, *other));
                let likest = alike.max_by(|a, b| {
                    weight(near, record, *a).total_cmp(&weight(near, record, *b)).then(b.cmp(a))
                });
                homes.insert(record, likest.unwrap_or(eldest));
            }
        }
        homes
    }

    /// The evidence is that of the pair itself, or where the two are not alike, of the pair that brought the record into its
    /// cluster.
    fn merge(&self, from: u32, to: u32, joined: &Joined, near: &Near) -> Option<Merge> {
        let like = if near.contains_key(&ordered(from, to)) {
            to
        } else {
            let others = joined.get(&from)?.iter().copied();
            others.max_by(|a, b| weight(near, from, *a).total_cmp(&weight(near, from, *b)))?
        };
        self.pair((to, from), (from, like))
    }

    fn proposals(&self, homes: &BTreeMap<u32, u32>, near: &Near) -> Vec<Merge> {
        let home = |record: u32| homes.get(&record).copied().unwrap_or(record);
        let mut likest: BTreeMap<(u32, u32), (u32, u32)> = BTreeMap::new();
        for pair in near.keys() {
            let (a, b) = ordered(home(pair.0), home(pair.1));
            if a != b {
                let known = likest.entry((a, b)).or_insert(*pair);
                let order = weight(near, pair.0, pair.1).total_cmp(&weight(near, known.0, known.1));
                // Of two as heavy, the earlier: the order in which they were found is chance.
                if order.then((*known).cmp(pair)).is_gt() {
                    *known = *pair;
                }
            }
        }
        likest.into_iter().filter_map(|((a, b), compared)| self.pair((a, b), compared)).collect()
    }

    /// A survivor and who goes, for what is known of two that were compared.
    fn pair(&self, (survivor, merged): (u32, u32), (a, b): (u32, u32)) -> Option<Merge> {
        let (a, b) = (self.record(a)?, self.record(b)?);
        let comparison = self.model.compare(&a, &b);
        Some(Merge {
            survivor: self.id(survivor),
            merged: self.id(merged),
            score: comparison.probability,
            weight: Some(comparison.weight),
            rule_set: format!("{}/{}", comparison.rules, comparison.version),
            evidence: evidence(&comparison),
        })
    }
}

fn joined(near: &Near) -> Joined {
    let mut joined = Joined::new();
    for ((a, b), _) in near.iter().filter(|(_, (_, decision))| *decision == Decision::Merge) {
        joined.entry(*a).or_default().push(*b);
        joined.entry(*b).or_default().push(*a);
    }
    joined.values_mut().for_each(|others| others.sort_unstable());
    joined
}

/// The explanation of the engine: levels and weights, no values.
fn evidence(comparison: &Comparison) -> Value {
    json!({
        "sentence": comparison.sentence(),
        "comparisons": comparison.levels,
        "prior": comparison.prior,
        "relation": comparison.relation,
        "conflict": comparison.conflict,
    })
}
