//! Joins clusters from the heaviest pair down, as long as nothing between them speaks against it.

use std::collections::HashMap;

use super::union_find::Sets;
use super::{Clusters, Edge, Evidence, HeldBack};
use crate::conflict::Conflict;

/// A pair counts at most so much, so that one very good pair does not outvote all others.
const VOTE: (f32, f32) = (-12.0, 12.0);

/// The most distinct records in a cluster. Real ones have tens; without a bound a pathological list costs the square of
/// its length.
const MOST: usize = 2_000;

/// How much better, in bits, a record must fit its cluster than one that contradicts it.
const CLEARLY_BETTER: f32 = 2.0;

/// Clusters `records` records, numbered from 0, by the `edges` that are to join. `judge` is asked for every pair between two
/// clusters before they are joined: also a pair that shares no blocking key holds clusters together or apart. Edges of
/// a record with itself or with a number that does not exist are ignored. The same edges in any order give the same
/// clusters.
pub fn cluster(records: u32, mut edges: Vec<Edge>, judge: impl Fn(u32, u32) -> Evidence) -> Clusters {
    edges.retain(|edge| edge.a != edge.b && edge.a.max(edge.b) < records);
    edges.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then((a.a, a.b).cmp(&(b.a, b.b))));
    let mut sets = Sets::new(records);
    let mut refused: HashMap<(u32, u32), (usize, usize, Option<Conflict>)> = HashMap::new();
    let mut held_back: Vec<(Edge, Option<Conflict>)> = Vec::new();
    for edge in &edges {
        let (one, other) = (sets.root(edge.a), sets.root(edge.b));
        if one == other {
            continue;
        }
        let pair = (one.min(other), one.max(other));
        let sizes = (sets.size(pair.0), sets.size(pair.1));
        let known = refused.get(&pair).filter(|known| (known.0, known.1) == sizes).map(|known| known.2);
        let verdict = known.map_or_else(|| between(&sets.members(one), &sets.members(other), &judge), Err);
        match verdict {
            Ok(()) => sets.join(one, other),
            Err(conflict) => {
                refused.insert(pair, (sizes.0, sizes.1, conflict));
                held_back.push((*edge, conflict));
            }
        }
    }
    let mut cluster_of = sets.into_roots();
    let apart = |edge: &Edge, cluster_of: &[u32]| cluster_of[edge.a as usize] != cluster_of[edge.b as usize];
    held_back.retain(|(edge, _)| apart(edge, &cluster_of));
    part_with_the_undecided(&mut cluster_of, &edges, &held_back);
    let held_back =
        held_back.iter().map(|(edge, conflict)| HeldBack { a: edge.a, b: edge.b, conflict: *conflict });
    Clusters { held_back: held_back.collect(), cluster_of }
}

/// A record that fits two clusters which contradict each other is in neither: John Smith without date of birth, when
/// father and son are there. Whichever pair came first would decide otherwise.
fn part_with_the_undecided(cluster_of: &mut [u32], edges: &[Edge], held_back: &[(Edge, Option<Conflict>)]) {
    let contradicted = held_back.iter().filter(|(_, conflict)| conflict.is_some());
    let mut elsewhere: HashMap<u32, f32> = HashMap::new();
    for (edge, _) in contradicted {
        for record in [edge.a, edge.b] {
            let most = elsewhere.entry(record).or_insert(edge.weight);
            *most = most.max(edge.weight);
        }
    }
    let mut within: HashMap<u32, f32> = HashMap::new();
    for edge in edges.iter().filter(|edge| cluster_of[edge.a as usize] == cluster_of[edge.b as usize]) {
        for record in [edge.a, edge.b].into_iter().filter(|record| elsewhere.contains_key(record)) {
            let most = within.entry(record).or_insert(edge.weight);
            *most = most.max(edge.weight);
        }
    }
    let mut undecided: Vec<u32> = elsewhere
        .into_iter()
        .filter(|(record, weight)| {
            within.get(record).is_some_and(|within| weight + CLEARLY_BETTER >= *within)
        })
        .map(|(record, _)| record)
        .collect();
    if undecided.is_empty() {
        return;
    }
    undecided.sort_unstable();
    let mut undecided = undecided.into_iter().peekable();
    // Of each cluster the lowest record that stays in it.
    let mut lowest = vec![u32::MAX; cluster_of.len()];
    for record in 0..cluster_of.len() as u32 {
        let slot = &mut cluster_of[record as usize];
        if undecided.next_if_eq(&record).is_some() {
            *slot = record;
            continue;
        }
        let lowest = &mut lowest[*slot as usize];
        *lowest = (*lowest).min(record);
        *slot = *lowest;
    }
}

/// Whether the pairs between two clusters speak for joining them; if not, the conflict, if it is one.
fn between(
    members: &[u32],
    others: &[u32],
    judge: &impl Fn(u32, u32) -> Evidence,
) -> Result<(), Option<Conflict>> {
    if members.len() + others.len() > MOST {
        return Err(None);
    }
    let mut votes = 0.0_f64;
    for one in members {
        for other in others {
            let evidence = judge(*one, *other);
            if evidence.conflict.is_some() {
                return Err(evidence.conflict);
            }
            votes += f64::from(evidence.weight.clamp(VOTE.0, VOTE.1));
        }
    }
    if votes > 0.0 { Ok(()) } else { Err(None) }
}
