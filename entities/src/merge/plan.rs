//! Which records end up where, before anything is written: chains are followed to their ends, circles refused, pairs
//! that a person keeps apart left out.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Kind, Merge};
use crate::{DbError, Result};

/// Every merged record with the one it ends up in, in the order of the merged records' ids: the order of `pairs` does
/// not matter. No survivor of the plan is merged in it.
///
/// # Errors
/// [`DbError::CircularMerge`] where a record would end up in itself; [`DbError::WrongState`] where one would go to two.
pub(super) fn plan(kind: Kind, pairs: &[Merge]) -> Result<Vec<(Uuid, &Merge)>> {
    let mut arrows: BTreeMap<Uuid, &Merge> = BTreeMap::new();
    for pair in pairs {
        if pair.survivor == pair.merged {
            return Err(DbError::CircularMerge { id: kind.render(pair.merged) });
        }
        match arrows.insert(pair.merged, pair) {
            Some(other) if other.survivor != pair.survivor => {
                return Err(DbError::WrongState {
                    what: "record",
                    id: kind.render(pair.merged),
                    found: format!("to be merged into {} as well", kind.render(other.survivor)),
                    wanted: "merged into one".to_owned(),
                });
            }
            _ => {}
        }
    }
    let end_of = |merge: &Merge| {
        let (mut end, mut steps) = (merge.survivor, 0);
        while let Some(next) = arrows.get(&end) {
            steps += 1;
            if steps > arrows.len() {
                return Err(DbError::CircularMerge { id: kind.render(merge.merged) });
            }
            end = next.survivor;
        }
        Ok(end)
    };
    arrows.values().map(|merge| Ok((end_of(merge)?, *merge))).collect()
}

/// Leaves out pairs that would bring together two that are in `apart`, also by way of a third. What is surer goes
/// first. Answers the rest, and how many were left out.
pub(super) fn without_apart<'a>(pairs: &'a [Merge], apart: &[(Uuid, Uuid)]) -> (Vec<&'a Merge>, u64) {
    if apart.is_empty() {
        return (pairs.iter().collect(), 0);
    }
    let mut order: Vec<&Merge> = pairs.iter().collect();
    order.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then((a.survivor, a.merged).cmp(&(b.survivor, b.merged)))
    });
    let mut group_of: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    let mut members: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    let mut kept = Vec::with_capacity(order.len());
    let mut left_out = 0;
    for merge in order {
        let group = |id: Uuid| group_of.get(&id).copied().unwrap_or(id);
        let (to, from) = (group(merge.survivor), group(merge.merged));
        let of = |id: Uuid| members.get(&id).cloned().unwrap_or_else(|| BTreeSet::from([id]));
        let (ours, theirs) = (of(to), of(from));
        let clash = apart.iter().any(|(a, b)| {
            (ours.contains(a) && theirs.contains(b)) || (ours.contains(b) && theirs.contains(a))
        });
        if clash {
            left_out += 1;
            continue;
        }
        for id in &theirs {
            group_of.insert(*id, to);
        }
        members.remove(&from);
        members.insert(to, ours.into_iter().chain(theirs).collect());
        kept.push(merge);
    }
    (kept, left_out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pair(survivor: u128, merged: u128) -> Merge {
        Merge {
            survivor: Uuid::from_u128(survivor),
            merged: Uuid::from_u128(merged),
            score: 0.9,
            weight: Some(7.0),
            rule_set: "persons/1".to_owned(),
            evidence: serde_json::json!([]),
        }
    }

    #[test]
    fn chains_end_where_they_lead() {
        let pairs = [pair(2, 1), pair(3, 2), pair(3, 9)];
        let ends: Vec<_> = plan(Kind::Persona, &pairs)
            .expect("a plan")
            .into_iter()
            .map(|(end, merge)| (end.as_u128(), merge.merged.as_u128()))
            .collect();
        assert_eq!(ends, [(3, 1), (3, 2), (3, 9)]);
    }

    #[test]
    fn circles_and_forks_are_refused() {
        for circle in
            [vec![pair(1, 1)], vec![pair(1, 2), pair(2, 1)], vec![pair(2, 1), pair(3, 2), pair(1, 3)]]
        {
            let refused = plan(Kind::Persona, &circle).expect_err("a circle");
            assert!(matches!(refused, DbError::CircularMerge { .. }), "{refused}");
        }
        let fork = [pair(1, 3), pair(2, 3)];
        assert!(matches!(plan(Kind::Business, &fork), Err(DbError::WrongState { .. })));
        assert_eq!(plan(Kind::Business, &[pair(1, 3), pair(1, 3)]).expect("said twice").len(), 1);
    }

    #[test]
    fn two_that_are_kept_apart_do_not_meet_in_a_third() {
        let apart = [(Uuid::from_u128(1), Uuid::from_u128(2))];
        let pairs = [pair(3, 1), Merge { score: 0.95, ..pair(3, 2) }];
        let (kept, left_out) = without_apart(&pairs, &apart);
        assert_eq!((kept.len(), left_out), (1, 1));
        assert_eq!(kept[0].merged.as_u128(), 2, "the surer one is merged");
    }

    proptest! {
        #[test]
        fn no_survivor_is_merged_and_no_circle_passes(arrows in prop::collection::vec((0u128..12, 0u128..12), 0..14)) {
            let pairs: Vec<_> = arrows.iter().map(|(survivor, merged)| pair(*survivor, *merged)).collect();
            if let Ok(plan) = plan(Kind::Persona, &pairs) {
                let merged: BTreeSet<_> = plan.iter().map(|(_, merge)| merge.merged).collect();
                for (end, _) in &plan {
                    prop_assert!(!merged.contains(end));
                }
                prop_assert_eq!(merged.len(), plan.len());
            }
        }
    }
}
