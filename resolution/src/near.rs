//! The pairs of blocks that may be one, or that are related: few among millions.

use crate::hash::StableHash;
use crate::model::Model;
use crate::record::View;
use crate::training::TrainingPair;

/// Bits from which a pair may still be one when the list has had its say.
const NEAR: f32 = -8.0;
/// Of related pairs that are not near, one in so many is kept to learn from.
const RELATED_SAMPLE: u64 = 8;
/// The most pairs to learn from.
const TRAINING_PAIRS: usize = 40_000;

/// Pairs, each with the lower number first.
#[derive(Default)]
pub(crate) struct Near {
    pub(crate) pairs: Vec<(u32, u32)>,
    related: Vec<(u32, u32)>,
}

impl Near {
    /// Whether a pair was kept, of those that are in order.
    pub(crate) fn has(&self, pair: (u32, u32)) -> bool {
        self.pairs.binary_search(&pair).is_ok()
    }

    /// Looks at a pair and keeps it if it is worth it.
    pub(crate) fn look(&mut self, model: &Model, pair: (u32, u32), a: &View<'_>, b: &View<'_>) {
        let sampled = chance(pair).is_multiple_of(RELATED_SAMPLE);
        let score = if sampled { Some(model.score(a, b)) } else { model.score_from(NEAR, a, b) };
        match score {
            Some(score) if score.weight >= NEAR => self.pairs.push(pair),
            Some(score) if sampled && score.relation.is_some() => self.related.push(pair),
            _ => {}
        }
    }

    /// Puts pairs in order, each once.
    pub(crate) fn sort(&mut self) {
        for pairs in [&mut self.pairs, &mut self.related] {
            pairs.sort_unstable();
            pairs.dedup();
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
        self.related.extend(other.related);
    }

    /// A sample to learn from, that does not depend on the order in which pairs were found.
    pub(crate) fn training_pairs(&self) -> Vec<TrainingPair> {
        let mut training = Vec::new();
        for (pairs, stands_for) in [(&self.pairs, 1), (&self.related, RELATED_SAMPLE)] {
            let one_in = pairs.len().div_ceil(TRAINING_PAIRS).max(1) as u64;
            let taken = pairs.iter().filter(|pair| (chance(**pair) >> 8).is_multiple_of(one_in));
            training.extend(taken.map(|(a, b)| TrainingPair {
                a: *a,
                b: *b,
                stands_for: (one_in * stands_for) as f32,
            }));
        }
        training
    }
}

/// A number by chance, and always the same for a pair.
fn chance((a, b): (u32, u32)) -> u64 {
    StableHash::of(1).number(u64::from(a) << 32 | u64::from(b)).finish()
}
