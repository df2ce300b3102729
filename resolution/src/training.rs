//! Takes m and u from the list itself, when it is long enough to tell.
//!
//! u, how often two that are not one agree, from pairs taken by chance. m, how often two that are one agree, by expectation
//! maximisation (Dempster, Laird and Rubin, 1977) over the pairs that blocking found. Both start from the shipped values
//! and move away from them as far as there is evidence. All sums run in the order of profiles, so that they do not depend
//! on rows or threads.

use crate::comparison::{COMPARISONS, Comparing, LEVELS, Level, Reached, levels};
use crate::conflict::Conflict;
use crate::hash::StableHash;
use crate::model::{Model, RELATIONS, Weights};
use crate::pair::probability;
use crate::parallel::in_pieces;
use crate::records::{Profiles, TOUCHED_AHEAD};
use crate::rules::{RuleSet, Tables};

/// Lists of fewer distinct rows are taken as they are: the shipped weights know more than they do.
pub(crate) const FEWEST_RECORDS: usize = 500;
/// Pairs taken by chance for u.
const RANDOM_PAIRS: u64 = 40_000;
/// How many random pairs the shipped u counts for.
const U_PRIOR: f64 = 2_000.0;
/// How many pairs that are one the shipped m counts for.
const M_PRIOR: f64 = 40.0;
/// How many records the shipped number of related partners counts for.
const PARTNERS_PRIOR: f64 = 20.0;
/// The fewest pairs that are one, by the shipped weights, to learn from.
const FEWEST_MATCHES: f64 = 60.0;
/// How many times its shipped value m may become for the level Different: a model that finds that most matches differ has
/// found namesakes.
const MOST_DIFFERENT: f64 = 2.5;
/// The same for other levels.
const MOST_AGREEING: f64 = 5.0;
/// And the part of its shipped value that it may become.
const LEAST: f64 = 8.0;
/// How much more often a given name is wrong than other values are.
const GIVEN_TO_OTHERS: f64 = 2.0;
/// Rounds of expectation and maximisation.
const ROUNDS: usize = 8;
/// Bits above which a random pair may be one, so that it tells nothing of those that are not.
const MAY_BE_ONE: f32 = -4.0;
/// Pairs that a thread looks at at once.
const PAIRS_A_JOB: usize = 512;
/// The seed of what is taken by chance.
const SEED: u64 = 0x5eed;

/// A pair that blocking found, and how many such pairs it stands for.
#[derive(Clone, Copy)]
pub(crate) struct TrainingPair {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) stands_for: f32,
}

/// Counts of levels, by rule set.
type Counts = [[[u32; LEVELS]; COMPARISONS]; 2];

/// Learns u from pairs taken by chance.
pub(crate) fn learn_u(model: &mut Model, profiles: &Profiles<'_>, threads: usize) {
    let share = RANDOM_PAIRS.div_ceil(threads as u64);
    let starts = (0..threads as u64).map(|thread| thread * share);
    let mut counts: Counts = [[[0; LEVELS]; COMPARISONS]; 2];
    let of_model: &Model = model;
    std::thread::scope(|scope| {
        let workers: Vec<_> = starts
            .map(|start| {
                let numbers = start..(start + share).min(RANDOM_PAIRS);
                scope.spawn(move || levels_by_chance(of_model, profiles, numbers))
            })
            .collect();
        for worker in workers {
            let counted = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            let all = counts.as_flattened_mut().as_flattened_mut().iter_mut();
            all.zip(counted.as_flattened().as_flattened()).for_each(|(count, more)| *count += more);
        }
    });
    for (weights, counts) in [&mut model.persons, &mut model.businesses].into_iter().zip(&counts) {
        for (comparing, counts) in counts.iter().enumerate() {
            let all: u32 = counts.iter().skip(1).sum();
            for (u, count) in weights.tables.u[comparing].iter_mut().zip(counts).skip(1) {
                let learned = (f64::from(*count) + U_PRIOR * f64::from(*u)) / (f64::from(all) + U_PRIOR);
                *u = learned as f32;
            }
        }
    }
    model.refresh();
}

/// The levels that pairs taken by chance reach, without those that may be one.
fn levels_by_chance(model: &Model, profiles: &Profiles<'_>, numbers: std::ops::Range<u64>) -> Counts {
    let records = profiles.len() as u64;
    let mut counts: Counts = [[[0; LEVELS]; COMPARISONS]; 2];
    let pair = |number: u64| {
        let hash = StableHash::of(SEED).number(number).finish();
        let within = |random: u64| ((random * records) >> 32) as u32;
        (within(hash >> 32), within(hash & 0xffff_ffff))
    };
    let pairs: Vec<(u32, u32)> = numbers.map(pair).collect();
    for pairs in pairs.chunks(TOUCHED_AHEAD) {
        for (a, b) in pairs {
            profiles.touch(*a);
            profiles.touch(*b);
        }
        for (a, b) in pairs.iter().copied() {
            if a == b || !profiles.may_pair(a, b) {
                continue;
            }
            let (a, b) = (profiles.view(a as usize), profiles.view(b as usize));
            let weights = model.weights_for(&a, &b);
            let reached = levels(&a, &b, &model.frequencies);
            // Relations only take away: without them, too, nearly all are two.
            if weights.sum(&reached) > MAY_BE_ONE && weights.weigh(&reached).weight() > MAY_BE_ONE {
                continue;
            }
            for (of_comparison, reached) in counts[weights.rules as usize].iter_mut().zip(&reached) {
                of_comparison[reached.level as usize] += 1;
            }
        }
    }
    counts
}

/// Learns m, how many others a record has that are the same, and how many that are related.
pub(crate) fn learn_m(model: &mut Model, profiles: &Profiles<'_>, pairs: &[TrainingPair], threads: usize) {
    let of_model: &Model = model;
    let known = in_pieces(threads, pairs, PAIRS_A_JOB, |pairs| {
        pairs.iter().map(|pair| Known::of(of_model, profiles, *pair)).collect::<Vec<_>>()
    });
    let mut reached: [Vec<Known>; 2] = [Vec::new(), Vec::new()];
    known.into_iter().flatten().for_each(|(rules, known)| reached[rules as usize].push(known));
    let records = profiles.len();
    for (weights, reached) in [&mut model.persons, &mut model.businesses].into_iter().zip(&reached) {
        let shipped = weights.tables.clone();
        for round in 0..ROUNDS {
            let expected = Expected::of(weights, reached, threads);
            if round == 0 && expected.matches < FEWEST_MATCHES {
                break;
            }
            maximise(weights, &shipped, &expected, records);
        }
    }
}

/// What is known of a pair to learn from.
struct Known {
    reached: [Reached; COMPARISONS],
    may_be_one: bool,
    stands_for: f32,
}

impl Known {
    /// And which rules the pair is compared by.
    fn of(model: &Model, profiles: &Profiles<'_>, pair: TrainingPair) -> (RuleSet, Self) {
        let score = model.score(&profiles.view(pair.a as usize), &profiles.view(pair.b as usize));
        let may_be_one = score.conflict.is_none_or(|conflict| conflict == Conflict::Relatives);
        (score.rules, Self { reached: score.reached, may_be_one, stands_for: pair.stands_for })
    }
}

/// How many pairs of each kind are expected among the training pairs, by level.
struct Expected {
    levels: [[f64; LEVELS]; COMPARISONS],
    matches: f64,
    related: [f64; RELATIONS],
}

impl Expected {
    const fn nothing() -> Self {
        Self { levels: [[0.0; LEVELS]; COMPARISONS], matches: 0.0, related: [0.0; RELATIONS] }
    }

    /// Of all pairs. The sums are made of those of pieces, in order, so that they do not depend on threads.
    fn of(weights: &Weights, pairs: &[Known], threads: usize) -> Self {
        let of_pieces = in_pieces(threads, pairs, PAIRS_A_JOB, |pairs| Self::of_piece(weights, pairs));
        of_pieces.into_iter().fold(Self::nothing(), |mut sum, piece| {
            sum.matches += piece.matches;
            let levels = sum.levels.as_flattened_mut().iter_mut().zip(piece.levels.as_flattened());
            levels.for_each(|(level, more)| *level += more);
            sum.related.iter_mut().zip(piece.related).for_each(|(related, more)| *related += more);
            sum
        })
    }

    fn of_piece(weights: &Weights, pairs: &[Known]) -> Self {
        let mut expected = Self::nothing();
        for Known { reached, may_be_one, stands_for } in pairs {
            let weighed = weights.weigh(reached);
            let probability = if *may_be_one { probability(weighed.weight()) } else { 0.0 };
            let share = f64::from(probability * stands_for);
            expected.matches += share;
            for (levels, reached) in expected.levels.iter_mut().zip(reached) {
                levels[reached.level as usize] += share;
            }
            let others = f64::from(*stands_for) - share;
            let all: f64 = 1.0 + weighed.relations.iter().map(|odds| f64::from(*odds)).sum::<f64>();
            for (related, odds) in expected.related.iter_mut().zip(weighed.relations) {
                *related += others * f64::from(odds) / all;
            }
        }
        expected
    }

    /// The share of matches that differ outright in a comparison, of those where both say something.
    fn outright(&self, comparing: Comparing) -> Option<f64> {
        let levels = &self.levels[comparing as usize];
        let said: f64 = levels.iter().skip(1).sum();
        (said >= FEWEST_MATCHES).then(|| levels[Level::Different as usize] / said)
    }
}

fn maximise(weights: &mut Weights, shipped: &Tables, expected: &Expected, records: usize) {
    let is_person = weights.rules == RuleSet::Persons;
    let gross = gross_errors(expected);
    for comparing in Comparing::ALL {
        let at = *comparing as usize;
        let given = is_person && *comparing == Comparing::Given;
        // That a family name is in the other column follows from the given name.
        let follows = |level: usize| *comparing == Comparing::Family && level == Level::Swapped as usize;
        let said: f64 =
            (1..LEVELS).filter(|level| !follows(*level)).map(|level| expected.levels[at][level]).sum();
        for level in (1..LEVELS).filter(|level| !follows(*level)) {
            let shipped = f64::from(shipped.m[at][level]);
            let learned = (expected.levels[at][level] + M_PRIOR * shipped) / (said + M_PRIOR);
            if given
                && level == Level::Different as usize
                && let Some(gross) = gross
            {
                weights.tables.m[at][level] = gross as f32;
                continue;
            }
            let most = if level == Level::Different as usize { MOST_DIFFERENT } else { MOST_AGREEING };
            let learned = learned.clamp(shipped / LEAST, (shipped * most).min(0.999));
            weights.tables.m[at][level] = learned as f32;
        }
    }
    let a_record = |pairs: f64, start: f32| {
        (2.0 * pairs + PARTNERS_PRIOR * f64::from(start)) / (records as f64 + PARTNERS_PRIOR)
    };
    for (number, relation) in weights.tables.relations.iter_mut().enumerate() {
        let start = shipped.relations[number].partners;
        relation.partners = a_record(expected.related[number], start).clamp(0.000_1, 50.0) as f32;
    }
    weights.matches = a_record(expected.matches, 1.0).clamp(0.01, 5.0) as f32;
    weights.refresh();
}

/// How often a value of one and the same person is another altogether in this list, by the comparisons in which
/// relatives agree. A given name is as likely to be wrong as other values, and not as often as relatives share a house.
fn gross_errors(expected: &Expected) -> Option<f64> {
    const OTHERS: [Comparing; 3] = [Comparing::Family, Comparing::Date, Comparing::Identifier];
    let shares: Vec<f64> = OTHERS.iter().filter_map(|comparing| expected.outright(*comparing)).collect();
    let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    (!shares.is_empty()).then(|| (GIVEN_TO_OTHERS * mean).clamp(0.002, 0.2))
}
