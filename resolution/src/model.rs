//! The model of Fellegi and Sunter: what each level of each comparison says for or against a match, in bits.

use crate::cluster::Evidence;
use crate::comparison::{COMPARISONS, Comparing, LEVELS, Level, Reached, levels, quick_levels, with_company};
use crate::conflict::{Conflict, conflict};
use crate::frequency::Frequencies;
use crate::pair::{Comparison, Decision, decision, probability};
use crate::record::{Part, Record, View};
use crate::records::Records;
use crate::rules::{RuleSet, Tables};

/// The lowest and the highest weight of one comparison, in bits: no single value decides everything.
const WEIGHT_RANGE: (f32, f32) = (-14.0, 20.0);

/// The most that two different names of companies weigh: their shared words say 18 bits at most, and of matches not
/// half have them.
const MOST_OF_OTHER_NAMES: f32 = 17.0;

/// Bits below which no pair is for review: the odds of [`crate::REVIEW_FROM`], and some room for rounding.
const REVIEW_WEIGHT: f32 = -1.25;

/// Fewer records than this are taken for this many: in the smallest list, too, two rows are rarely one.
const SMALLEST_POPULATION: f32 = 1_000.0;

/// A rule set with its weights and the frequencies of values, ready to compare.
#[derive(Clone)]
pub struct Model {
    rules: RuleSet,
    merge_from: Option<f32>,
    pub(crate) persons: Weights,
    pub(crate) businesses: Weights,
    pub(crate) frequencies: Frequencies,
}

/// Weights of one rule set.
#[derive(Clone)]
pub(crate) struct Weights {
    pub(crate) rules: RuleSet,
    pub(crate) tables: Tables,
    /// Binary logarithms of m and u.
    log_m: [[f32; LEVELS]; COMPARISONS],
    log_u: [[f32; LEVELS]; COMPARISONS],
    /// How many records there are to match with.
    population: u64,
    /// How many others a record has that are the same.
    pub(crate) matches: f32,
    /// Binary logarithm of the odds that two records taken by chance are one.
    prior: f32,
    /// The same for each relation.
    relation_priors: Vec<f32>,
}

impl Weights {
    fn of(rules: RuleSet, population: u64) -> Self {
        let mut weights = Self {
            rules,
            tables: rules.tables(),
            log_m: [[0.0; LEVELS]; COMPARISONS],
            log_u: [[0.0; LEVELS]; COMPARISONS],
            population,
            matches: 1.0,
            prior: 0.0,
            relation_priors: Vec::new(),
        };
        weights.refresh();
        weights
    }

    /// Takes over what `tables` and `matches` hold.
    pub(crate) fn refresh(&mut self) {
        for comparing in 0..COMPARISONS {
            for level in 0..LEVELS {
                self.log_m[comparing][level] = self.tables.m[comparing][level].log2();
                self.log_u[comparing][level] = self.tables.u[comparing][level].log2();
            }
        }
        let population = (self.population as f32).max(SMALLEST_POPULATION);
        self.prior = (self.matches / population).log2();
        self.relation_priors =
            self.tables.relations.iter().map(|relation| (relation.partners / population).log2()).collect();
    }

    fn weight(&self, comparing: usize, reached: Reached) -> f32 {
        // What a function's address is shared by says nothing of a person.
        let idle = reached.level == Level::Shared && self.rules == RuleSet::Persons;
        if reached.level == Level::Missing || idle {
            return 0.0;
        }
        let level = reached.level as usize;
        let log_u = reached.log_share.unwrap_or(self.log_u[comparing][level]);
        (self.log_m[comparing][level] - log_u).clamp(WEIGHT_RANGE.0, WEIGHT_RANGE.1)
    }

    /// What levels say in all, before relations.
    pub(crate) fn sum(&self, reached: &[Reached; COMPARISONS]) -> f32 {
        let weights = reached.iter().enumerate().map(|(comparing, reached)| self.weight(comparing, *reached));
        weights.fold(self.prior, |all, weight| all + weight)
    }

    /// Adds up what levels say.
    pub(crate) fn weigh(&self, reached: &[Reached; COMPARISONS]) -> Weighed {
        let mut weights = [0.0; COMPARISONS];
        let mut all = self.prior;
        for (comparing, reached) in reached.iter().enumerate() {
            weights[comparing] = self.weight(comparing, *reached);
            all += weights[comparing];
        }
        let mut relations = [0.0; RELATIONS];
        for (number, relation) in self.tables.relations.iter().enumerate() {
            let mut bits = self.relation_priors[number];
            for comparing in 0..COMPARISONS {
                let alike =
                    if reached[comparing].level == Level::Shared { 1.0 } else { relation.alike[comparing] };
                bits += related_weight(weights[comparing], alike);
            }
            relations[number] = bits.min(60.0).exp2();
        }
        Weighed { weights, all, relations }
    }

    fn score_of(&self, a: &View<'_>, b: &View<'_>, reached: [Reached; COMPARISONS]) -> Score {
        let weighed = self.weigh(&reached);
        let relation_bits = weighed.relation_bits();
        let numbered = self.tables.relations.iter().zip(weighed.relations).filter(|(_, odds)| *odds > 1.0);
        let likeliest = numbered.max_by(|(_, a), (_, b)| a.total_cmp(b));
        let weight = weighed.all - relation_bits;
        let likely = probability(weight) >= self.rules.merge_from();
        Score {
            rules: self.rules,
            weight,
            prior: self.prior,
            reached,
            weights: weighed.weights,
            relation: likeliest.map(|(relation, _)| (relation.name, relation_bits)),
            conflict: conflict(self.rules, a, b, &reached, likely),
        }
    }
}

/// The most relations that a rule set knows.
pub(crate) const RELATIONS: usize = 3;

/// What levels add up to.
pub(crate) struct Weighed {
    weights: [f32; COMPARISONS],
    /// All evidence for one against unrelated, in bits.
    all: f32,
    /// Odds of each relation against unrelated.
    pub(crate) relations: [f32; RELATIONS],
}

impl Weighed {
    /// What the evidence counts less since relations explain it, too.
    fn relation_bits(&self) -> f32 {
        (1.0 + self.relations.iter().sum::<f32>()).log2()
    }

    /// All evidence for one against two, in bits.
    pub(crate) fn weight(&self) -> f32 {
        self.all - self.relation_bits()
    }
}

/// What a comparison says for a relation in which the share `alike` of pairs agrees as if they were one.
fn related_weight(weight: f32, alike: f32) -> f32 {
    if alike >= 1.0 {
        weight
    } else if alike <= 0.0 || weight == 0.0 {
        0.0
    } else {
        (alike * weight.exp2() + 1.0 - alike).log2()
    }
}

/// What comparing two records gives, before it is put into words.
#[derive(Clone)]
pub(crate) struct Score {
    pub(crate) rules: RuleSet,
    pub(crate) weight: f32,
    pub(crate) prior: f32,
    pub(crate) reached: [Reached; COMPARISONS],
    pub(crate) weights: [f32; COMPARISONS],
    pub(crate) relation: Option<(&'static str, f32)>,
    pub(crate) conflict: Option<Conflict>,
}

impl Score {
    fn evidence(&self) -> Evidence {
        Evidence { weight: self.weight, conflict: self.conflict }
    }

    pub(crate) fn level(&self, comparing: Comparing) -> Level {
        self.reached[comparing as usize].level
    }
}

impl Model {
    /// The model as it ships, for a population of `records`: it needs no training and does for lists of any size.
    /// `records` is how many there are to match with, since the more there are, the likelier a coincidence.
    pub fn shipped(rules: RuleSet, records: u64) -> Self {
        Self {
            rules,
            merge_from: None,
            persons: Weights::of(RuleSet::Persons, records),
            businesses: Weights::of(RuleSet::Businesses, records),
            frequencies: Frequencies::shipped(),
        }
    }

    /// The rule set.
    pub const fn rules(&self) -> RuleSet {
        self.rules
    }

    /// With another probability from which two records are one than [`RuleSet::merge_from`].
    #[must_use]
    pub fn merge_from(mut self, probability: f32) -> Self {
        self.merge_from = Some(probability);
        self
    }

    /// With what was `seen` of a list, which says how common values are.
    #[must_use]
    pub fn observing(mut self, seen: Frequencies) -> Self {
        self.frequencies = seen;
        self
    }

    /// Compares two records. The order does not matter.
    pub fn compare(&self, a: &Record, b: &Record) -> Comparison {
        let score = self.score(&a.view(), &b.view());
        Comparison::of(&score, self.merge_from.unwrap_or(score.rules.merge_from()))
    }

    /// The evidence for two of `records` being one.
    pub fn evidence(&self, records: &Records, a: usize, b: usize) -> Evidence {
        self.score(&records.view(a), &records.view(b)).evidence()
    }

    /// Whether a person or nobody should look at the pair, without the explanation; `None` when they are two, as most
    /// pairs are. Faster than [`Model::compare`].
    pub fn near(&self, records: &Records, a: usize, b: usize) -> Option<(Evidence, Decision)> {
        let score = self.score_from(REVIEW_WEIGHT, &records.view(a), &records.view(b))?;
        let merge_from = self.merge_from.unwrap_or(score.rules.merge_from());
        match decision(merge_from, probability(score.weight), score.conflict) {
            Decision::Apart => None,
            near => Some((score.evidence(), near)),
        }
    }

    /// The score of a pair, unless its weight is below `least` for certain, whatever their companies are called.
    pub(crate) fn score_from(&self, least: f32, a: &View<'_>, b: &View<'_>) -> Option<Score> {
        let weights = self.weights_for(a, b);
        let quick = quick_levels(a, b, &self.frequencies);
        let without: f32 = quick.iter().enumerate().map(|(at, reached)| weights.weight(at, *reached)).sum();
        let one_name = a.raw(Part::Company) == b.raw(Part::Company);
        let most = if !a.has(Part::Company) || !b.has(Part::Company) {
            0.0
        } else if one_name {
            WEIGHT_RANGE.1
        } else {
            MOST_OF_OTHER_NAMES
        };
        if weights.prior + without + most < least {
            return None;
        }
        let reached = with_company(quick, a, b, &self.frequencies);
        // Relations only take away.
        if weights.sum(&reached) < least {
            return None;
        }
        Some(weights.score_of(a, b, reached))
    }

    pub(crate) fn score(&self, a: &View<'_>, b: &View<'_>) -> Score {
        self.weights_for(a, b).score_of(a, b, levels(a, b, &self.frequencies))
    }

    pub(crate) fn refresh(&mut self) {
        self.persons.refresh();
        self.businesses.refresh();
    }

    /// Two rows that name nobody are what their business is.
    pub(crate) fn weights_for(&self, a: &View<'_>, b: &View<'_>) -> &Weights {
        let nobody = !a.names_person() && !b.names_person();
        if self.rules == RuleSet::Businesses || nobody { &self.businesses } else { &self.persons }
    }
}

#[cfg(test)]
mod tests;
