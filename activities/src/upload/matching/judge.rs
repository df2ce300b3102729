//! Compares candidates and decides: who is folded into whom, and which pairs a person should look at.

use std::collections::{BTreeMap, HashMap, HashSet};

use entities::merge::{Kind, Merge};
use resolution::{Comparison, Conflict, Decision, Edge, Model, Record, cluster};
use serde_json::{Value, json};
use uuid::Uuid;

use super::record::rules;

/// How many records that the team has are weighed against each other where one row could be either.
const MOST_BRIDGED: usize = 8;

/// What there is to decide on.
pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) model: Model,
    /// The records in order of their ids; `None` for one that is gone.
    pub(super) ids: Vec<Uuid>,
    pub(super) records: Vec<Option<Record>>,
    /// Whether a record is one that the file has just made.
    pub(super) fresh: Vec<bool>,
    /// Pairs of numbers, the smaller first.
    pub(super) pairs: Vec<(u32, u32)>,
    /// What a person keeps apart, in order.
    pub(super) apart: Vec<(Uuid, Uuid)>,
}

/// What follows.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Records of the file to be folded into others.
    pub(super) merges: Vec<Merge>,
    /// Pairs for a person to look at.
    pub(super) proposals: Vec<Merge>,
}

/// What comparing gave. Those that are two need no explanation.
#[derive(Default)]
struct Findings {
    edges: Vec<Edge>,
    conflicts: Vec<(u32, u32, Conflict)>,
    near: HashMap<(u32, u32), Comparison>,
}

impl Findings {
    fn add(&mut self, other: Self) {
        self.edges.extend(other.edges);
        self.conflicts.extend(other.conflicts);
        self.near.extend(other.near);
    }

    fn is_one(&self, a: u32, b: u32) -> Option<f32> {
        let found = self.near.get(&ordered(a, b))?;
        (found.decision == Decision::Merge).then_some(found.weight)
    }
}

fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

impl Case {
    /// Decides, on `threads` threads. The same case has the same verdict.
    pub(super) fn decide(self, threads: usize) -> Verdict {
        let share = self.pairs.len().div_ceil(threads.max(1)).max(1);
        let mut found = Findings::default();
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                self.pairs.chunks(share).map(|pairs| scope.spawn(|| self.compare(pairs))).collect();
            for worker in workers {
                match worker.join() {
                    Ok(findings) => found.add(findings),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        let joined = self.neighbours(&found);
        let bridged = self.bridged(&joined, &found);
        found.add(self.compare(&bridged));
        let homes = self.homes(&joined, &found);
        Verdict {
            merges: homes.iter().filter_map(|(from, to)| self.merge(*from, *to, &joined, &found)).collect(),
            proposals: self.proposals(&homes, &found),
        }
    }

    fn compare(&self, pairs: &[(u32, u32)]) -> Findings {
        let mut found = Findings::default();
        for (a, b) in pairs {
            let (Some(one), Some(other)) = (&self.records[*a as usize], &self.records[*b as usize]) else {
                continue;
            };
            let comparison = self.model.compare(one, other);
            found.edges.push(Edge { a: *a, b: *b, weight: comparison.weight });
            let pair = (self.ids[*a as usize], self.ids[*b as usize]);
            if self.apart.binary_search(&pair).is_ok() {
                // Whichever word the engine has for it: never one.
                found.conflicts.push((*a, *b, Conflict::Identifier));
                continue;
            }
            if let Some(conflict) = comparison.conflict {
                found.conflicts.push((*a, *b, conflict));
            }
            if comparison.decision != Decision::Apart {
                found.near.insert((*a, *b), comparison);
            }
        }
        found
    }

    /// Of each record those that it is one with, taken as a pair, in order.
    fn neighbours(&self, found: &Findings) -> BTreeMap<u32, Vec<u32>> {
        let mut joined: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for ((a, b), comparison) in &found.near {
            if comparison.decision == Decision::Merge {
                joined.entry(*a).or_default().push(*b);
                joined.entry(*b).or_default().push(*a);
            }
        }
        joined.values_mut().for_each(|others| others.sort_unstable());
        joined
    }

    /// Pairs of records of the team that some row of the file could be both of.
    fn bridged(&self, joined: &BTreeMap<u32, Vec<u32>>, found: &Findings) -> Vec<(u32, u32)> {
        let mut pairs = HashSet::new();
        for (one, others) in joined.iter().filter(|(one, _)| self.fresh[**one as usize]) {
            let mut known: Vec<u32> =
                others.iter().copied().filter(|other| !self.fresh[*other as usize]).collect();
            let weight = |other: &u32| found.is_one(*one, *other).unwrap_or(f32::NEG_INFINITY);
            known.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then(a.cmp(b)));
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
    fn homes(&self, joined: &BTreeMap<u32, Vec<u32>>, found: &Findings) -> BTreeMap<u32, u32> {
        let takes_part = |edge: &&Edge| joined.contains_key(&edge.a) && joined.contains_key(&edge.b);
        let edges: Vec<Edge> = found.edges.iter().filter(takes_part).copied().collect();
        let clusters = cluster(rules(self.kind), self.ids.len() as u32, &edges, &found.conflicts);
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for record in joined.keys() {
            members.entry(clusters.cluster_of[*record as usize]).or_default().push(*record);
        }
        let mut homes = BTreeMap::new();
        for members in members.values() {
            let (fresh, known): (Vec<u32>, Vec<u32>) =
                members.iter().partition(|record| self.fresh[**record as usize]);
            let Some(eldest) = known.first().or(fresh.first()).copied() else { continue };
            for record in fresh.into_iter().filter(|record| *record != eldest) {
                let likest = known
                    .iter()
                    .filter_map(|other| found.is_one(record, *other).map(|weight| (weight, *other)))
                    .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
                homes.insert(record, likest.map_or(eldest, |(_, other)| other));
            }
        }
        homes
    }

    /// The evidence is that of the pair itself, or where the two were never compared, of the pair that brought the
    /// record into its cluster.
    fn merge(&self, from: u32, to: u32, joined: &BTreeMap<u32, Vec<u32>>, found: &Findings) -> Option<Merge> {
        let direct = found.near.get(&ordered(from, to));
        let comparison = direct.or_else(|| {
            let others = joined.get(&from)?.iter().filter_map(|other| found.near.get(&ordered(from, *other)));
            others.max_by(|a, b| a.weight.total_cmp(&b.weight))
        })?;
        Some(self.pair(to, from, comparison))
    }

    fn proposals(&self, homes: &BTreeMap<u32, u32>, found: &Findings) -> Vec<Merge> {
        let home = |record: u32| homes.get(&record).copied().unwrap_or(record);
        let mut likest: BTreeMap<(u32, u32), &Comparison> = BTreeMap::new();
        for ((a, b), comparison) in &found.near {
            let (a, b) = ordered(home(*a), home(*b));
            if a != b {
                let known = likest.entry((a, b)).or_insert(comparison);
                if comparison.weight > known.weight {
                    *known = comparison;
                }
            }
        }
        likest.into_iter().map(|((a, b), comparison)| self.pair(a, b, comparison)).collect()
    }

    fn pair(&self, survivor: u32, merged: u32, comparison: &Comparison) -> Merge {
        Merge {
            survivor: self.ids[survivor as usize],
            merged: self.ids[merged as usize],
            score: comparison.probability,
            weight: Some(comparison.weight),
            rule_set: format!("{}/{}", comparison.rules, comparison.version),
            evidence: evidence(comparison),
        }
    }
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
