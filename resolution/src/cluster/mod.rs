//! Clusters: which records are one, out of what pairs say.
//!
//! Connected components would do if pairs were never wrong: a single false pair joins two clusters, and a chain of
//! records, each like the next, joins strangers. So two clusters are joined only if no record of one contradicts one of the
//! other, and if all pairs between them, taken together, speak for it.

mod guarded;
mod union_find;

use std::collections::{HashMap, HashSet};

pub(crate) use guarded::{Evidence, guarded};
use serde::{Deserialize, Serialize};

use crate::conflict::Conflict;
use crate::pair::probability;
use crate::rules::RuleSet;

/// What was found out of two records, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// One record.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// The weight of [`crate::Comparison`], in bits.
    pub weight: f32,
}

/// Two clusters that a pair would join, and that stay apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    /// One record of the pair.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// The conflict between the clusters; `None` when the pairs between them speak against it on the whole.
    pub conflict: Option<Conflict>,
}

/// Which records are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clusters {
    /// Of each record the lowest number in its cluster; its own when it is alone.
    pub cluster_of: Vec<u32>,
    /// Pairs that would have joined two clusters and did not: for review.
    pub held_back: Vec<HeldBack>,
}

/// The weight of a pair that was never compared: it shares no blocking key, which speaks against it.
const NEVER_COMPARED: f32 = -4.0;

/// Clusters `records` records, numbered from 0, by the `edges` that were found between them and by the pairs that are
/// never one. `rules` says from which probability a pair joins.
///
/// Give all pairs that were compared, not only those that are to be joined: weights below [`RuleSet::merge_from`], and pairs
/// in conflict, join nothing, but hold clusters together or apart. The order of edges does not matter; of two edges of one
/// pair the heavier counts.
pub fn cluster(rules: RuleSet, records: u32, edges: &[Edge], conflicts: &[(u32, u32, Conflict)]) -> Clusters {
    let ordered = |a: u32, b: u32| (a.min(b), a.max(b));
    let mut weights: HashMap<(u32, u32), f32> = HashMap::with_capacity(edges.len());
    for edge in edges.iter().filter(|edge| edge.a != edge.b && edge.a.max(edge.b) < records) {
        let known = weights.entry(ordered(edge.a, edge.b)).or_insert(f32::NEG_INFINITY);
        *known = known.max(edge.weight);
    }
    let mut reasons: HashMap<(u32, u32), Conflict> = HashMap::with_capacity(conflicts.len());
    for (a, b, conflict) in conflicts {
        let known = reasons.entry(ordered(*a, *b)).or_insert(*conflict);
        *known = (*known).min(*conflict);
    }
    let joins = |(pair, weight): &(&(u32, u32), &f32)| {
        probability(**weight) >= rules.merge_from() && !reasons.contains_key(*pair)
    };
    let joining = weights.iter().filter(joins);
    let edges: Vec<Edge> = joining.map(|((a, b), weight)| Edge { a: *a, b: *b, weight: *weight }).collect();
    guarded(records, edges, |a, b| {
        let pair = ordered(a, b);
        Evidence {
            weight: weights.get(&pair).copied().unwrap_or(NEVER_COMPARED),
            conflict: reasons.get(&pair).copied(),
        }
    })
}

/// Whether some pair of a cluster contradicts itself: for checks of stored clusters.
pub fn contradictions(cluster_of: &[u32], conflicts: &[(u32, u32, Conflict)]) -> Vec<(u32, u32, Conflict)> {
    let of = |record: u32| cluster_of.get(record as usize);
    let mut found: Vec<_> = conflicts
        .iter()
        .copied()
        .filter(|(a, b, _)| a != b && of(*a).is_some() && of(*a) == of(*b))
        .collect();
    let mut seen = HashSet::new();
    found.retain(|(a, b, _)| seen.insert((a.min(b).to_owned(), a.max(b).to_owned())));
    found
}

#[cfg(test)]
mod tests;
