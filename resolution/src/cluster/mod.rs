//! Clusters: which records are one, out of what pairs say.
//!
//! Connected components would do if pairs were never wrong: a single false pair joins two clusters, and a chain of
//! records, each like the next, joins strangers. So two clusters are joined only if no record of one contradicts one of the
//! other, and if all pairs between them, taken together, speak for it.

mod guarded;
mod union_find;

use std::collections::HashSet;

pub use guarded::cluster;
use serde::{Deserialize, Serialize};

use crate::conflict::Conflict;

/// Two records that are to be one, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// One record.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// All evidence together, in bits.
    pub weight: f32,
}

/// What is known of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// All evidence together, in bits.
    pub weight: f32,
    /// Why both are never one, whatever the weight.
    pub conflict: Option<Conflict>,
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
