//! Precision and recall, by pair and by cluster.

use std::collections::HashMap;

use resolution::{FoundPair, Resolution};

use crate::sets::Set;

/// How many were found, how many of these are right, and how many there are.
#[derive(Default, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) found: u64,
    pub(crate) right: u64,
    pub(crate) there: u64,
}

impl Measure {
    pub(crate) fn precision(&self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }

    pub(crate) fn recall(&self) -> f64 {
        self.right as f64 / self.there.max(1) as f64
    }

    pub(crate) fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.found + self.there).max(1) as f64
    }
}

/// Pairs that two rows make within a group, or across two lists only.
fn pairs_within<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = (K, bool)>, across: bool) -> u64 {
    let mut sizes: HashMap<K, (u64, u64)> = HashMap::new();
    for (key, second) in keys {
        let size = sizes.entry(key).or_default();
        *(if second { &mut size.1 } else { &mut size.0 }) += 1;
    }
    sizes.values().map(|(a, b)| if across { a * b } else { (a + b) * (a + b).saturating_sub(1) / 2 }).sum()
}

fn there(set: &Set) -> u64 {
    let border = set.border.unwrap_or(usize::MAX);
    let rows = set.truth.iter().enumerate().map(|(row, truth)| (truth, row >= border));
    pairs_within(rows, set.border.is_some())
}

/// Pairs by the decision on each of them, repeated rows included.
pub(crate) fn by_pair(resolution: &Resolution, set: &Set, counts: impl Fn(&FoundPair) -> bool) -> Measure {
    let mut rows_of: HashMap<u32, Vec<usize>> = HashMap::new();
    for (row, first) in resolution.same_as.iter().enumerate() {
        rows_of.entry(*first).or_default().push(row);
    }
    let mut measure = Measure { there: there(set), ..Measure::default() };
    for pair in resolution.pairs.iter().filter(|pair| counts(pair)) {
        for a in &rows_of[&pair.a] {
            for b in &rows_of[&pair.b] {
                measure.found += 1;
                measure.right += u64::from(set.truth[*a] == set.truth[*b]);
            }
        }
    }
    for rows in rows_of.values() {
        for (at, a) in rows.iter().enumerate() {
            for b in rows[at + 1..].iter().filter(|b| resolution.cluster_of[*a] == resolution.cluster_of[**b])
            {
                measure.found += 1;
                measure.right += u64::from(set.truth[*a] == set.truth[*b]);
            }
        }
    }
    measure
}

/// Pairs that clusters imply, and clusters of two rows or more that are right to the row.
pub(crate) fn by_cluster(cluster_of: &[u32], set: &Set) -> (Measure, Measure) {
    let border = set.border.unwrap_or(usize::MAX);
    let across = set.border.is_some();
    let rows = || cluster_of.iter().zip(&set.truth).enumerate().map(|(row, of)| (row >= border, of));
    let pairs = Measure {
        found: pairs_within(rows().map(|(second, (cluster, _))| (cluster, second)), across),
        right: pairs_within(rows().map(|(second, of)| (of, second)), across),
        there: there(set),
    };
    let (mut of_cluster, mut of_truth, mut of_both) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (_, (cluster, truth)) in rows() {
        *of_cluster.entry(cluster).or_insert(0_u64) += 1;
        *of_truth.entry(truth).or_insert(0_u64) += 1;
        *of_both.entry((cluster, truth)).or_insert(0_u64) += 1;
    }
    let several = |sizes: &HashMap<_, u64>| sizes.values().filter(|size| **size > 1).count() as u64;
    let right = of_both.iter().filter(|((cluster, truth), size)| {
        **size > 1 && of_cluster[cluster] == **size && of_truth[truth] == **size
    });
    let whole = Measure {
        right: right.count() as u64,
        found: several(&of_cluster),
        there: of_truth.values().filter(|size| **size > 1).count() as u64,
    };
    (pairs, whole)
}
