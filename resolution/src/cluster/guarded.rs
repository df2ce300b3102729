//! Joins clusters from the heaviest pair down, as long as nothing between them speaks against it.

use std::collections::HashMap;

use super::union_find::Sets;
use super::{Clusters, Edge, HeldBack};
use crate::conflict::Conflict;
use crate::pair::probability;
use crate::rules::RuleSet;

/// What is known of a pair.
#[derive(Clone, Copy)]
pub(crate) struct Evidence {
    pub(crate) weight: f32,
    pub(crate) conflict: Option<Conflict>,
}

/// A pair counts at most so much, so that one very good pair does not outvote all others.
const VOTE: (f32, f32) = (-12.0, 12.0);

/// The most distinct records in a cluster. Real ones have tens; without a bound a pathological list costs the square of
/// its length.
const MOST: usize = 2_000;

/// Clusters `records` by `edges`, asking `judge` for every pair between two clusters before they are joined. The same
/// edges in any order give the same clusters.
pub(crate) fn guarded(
    rules: RuleSet,
    records: u32,
    mut edges: Vec<Edge>,
    judge: impl Fn(u32, u32) -> Evidence,
) -> Clusters {
    edges.retain(|edge| probability(edge.weight) >= rules.merge_from());
    edges.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then((a.a, a.b).cmp(&(b.a, b.b))));
    let mut sets = Sets::new(records);
    let mut refused: HashMap<(u32, u32), (usize, usize, Option<Conflict>)> = HashMap::new();
    let mut held_back = Vec::new();
    for edge in edges {
        let (one, other) = (sets.root(edge.a), sets.root(edge.b));
        if one == other {
            continue;
        }
        let (members, others) = (sets.members(one), sets.members(other));
        let pair = (one.min(other), one.max(other));
        let sizes = (members.len(), others.len());
        let sizes = if one < other { sizes } else { (sizes.1, sizes.0) };
        let known = refused.get(&pair).filter(|known| (known.0, known.1) == sizes).map(|known| known.2);
        let verdict = known.map_or_else(|| between(&members, &others, &judge), Err);
        match verdict {
            Ok(()) => sets.join(one, other),
            Err(conflict) => {
                if known.is_none() {
                    refused.insert(pair, (sizes.0, sizes.1, conflict));
                    held_back.push(HeldBack { a: edge.a, b: edge.b, conflict });
                }
            }
        }
    }
    let cluster_of = sets.into_roots();
    held_back.retain(|pair| cluster_of[pair.a as usize] != cluster_of[pair.b as usize]);
    Clusters { cluster_of, held_back }
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
