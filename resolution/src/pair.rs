//! What was found out of two records, as data and as a sentence.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::comparison::{Comparing, Level};
use crate::conflict::Conflict;
use crate::model::Score;
use crate::rules::{REVIEW_FROM, RuleSet};
use crate::words::words;

words! {
    /// What follows from a comparison.
    Decision("decision") {
        /// They are one; nobody needs to look.
        Merge = "merge",
        /// A person should look.
        Review = "review",
        /// They are two.
        Apart = "apart",
    }
}

/// How two records compare: the whole evidence for a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The rule set that was applied.
    pub rules: RuleSet,
    /// Its version.
    pub version: u16,
    /// All evidence together, in bits: 0 is as likely as not, each bit more doubles the odds.
    pub weight: f32,
    /// The probability that both are one, 0 to 1.
    pub probability: f32,
    /// What follows at the thresholds of the rule set.
    pub decision: Decision,
    /// Why they are never one, whatever the probability.
    pub conflict: Option<Conflict>,
    /// Where the evidence starts: how likely two records are one before anything is known of them, in bits.
    pub prior: f32,
    /// What the evidence counts less because related records agree alike, in bits, and what those are.
    pub relation: Option<Related>,
    /// The comparisons in which both say something.
    pub levels: Vec<ReachedLevel>,
}

/// The level that one comparison reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReachedLevel {
    /// What was compared.
    pub comparison: Comparing,
    /// How far it agrees.
    pub level: Level,
    /// What that says for a match, or against it when negative, in bits.
    pub weight: f32,
}

/// Pairs that agree without being one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Related {
    /// What they are: colleagues, branches of one company.
    pub to: String,
    /// What the evidence counts less for it, in bits.
    pub bits: f32,
}

impl Comparison {
    /// With the probability from which both are one.
    pub(crate) fn of(score: &Score, merge_from: f32) -> Self {
        let probability = probability(score.weight);
        let levels = Comparing::ALL.iter().map(|comparison| ReachedLevel {
            comparison: *comparison,
            level: score.level(*comparison),
            weight: score.weights[*comparison as usize],
        });
        Self {
            rules: score.rules,
            version: score.rules.version(),
            weight: score.weight,
            probability,
            decision: decision(merge_from, probability, score.conflict),
            conflict: score.conflict,
            prior: score.prior,
            relation: score.relation.map(|(to, bits)| Related { to: to.to_owned(), bits }),
            levels: levels.filter(|reached| reached.level != Level::Missing).collect(),
        }
    }

    /// The decision and its reasons in a sentence, strongest first. Names no value.
    pub fn sentence(&self) -> String {
        let mut levels = self.levels.clone();
        levels
            .sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.comparison.cmp(&b.comparison)));
        let mut text = format!("{} with {:.1} %", verdict(self.decision), self.probability * 100.0);
        for (at, reached) in levels.iter().enumerate() {
            text.push_str(if at == 0 { ": " } else { ", " });
            let wording = wording(reached.level);
            // Writing to a string cannot fail.
            let _ = write!(text, "{} {wording} ({:+.1})", reached.comparison, reached.weight);
        }
        if let Some(related) = &self.relation {
            let _ = write!(text, "; {} agree alike (-{:.1})", related.to, related.bits);
        }
        if let Some(conflict) = self.conflict {
            let _ = write!(text, "; never one, since {}", reason(conflict));
        }
        text.push('.');
        text
    }
}

/// The probability that a weight stands for.
pub fn probability(weight: f32) -> f32 {
    1.0 / (1.0 + (-weight.clamp(-120.0, 120.0)).exp2())
}

/// What follows from a probability and a conflict, where two are one from the probability `merge_from` on.
pub fn decision(merge_from: f32, probability: f32, conflict: Option<Conflict>) -> Decision {
    if probability < REVIEW_FROM.min(merge_from) {
        Decision::Apart
    } else if probability < merge_from || conflict.is_some() {
        Decision::Review
    } else {
        Decision::Merge
    }
}

const fn verdict(decision: Decision) -> &'static str {
    match decision {
        Decision::Merge => "One",
        Decision::Review => "Perhaps one",
        Decision::Apart => "Two",
    }
}

const fn wording(level: Level) -> &'static str {
    match level {
        Level::Missing => "is missing",
        Level::Exact => "is the same",
        Level::Equivalent => "is the same in other words",
        Level::Swapped => "is in the other's column",
        Level::Initials => "fits the initials",
        Level::Typo => "differs by a typing error",
        Level::Part => "is part of the other",
        Level::Similar => "is alike",
        Level::Near => "is near",
        Level::Wide => "agrees in a wider sense",
        Level::Shared => "is shared by many",
        Level::Different => "differs",
    }
}

const fn reason(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::Date => "the dates of birth differ",
        Conflict::Identifier => "the identifiers differ",
        Conflict::Generation => "one is the junior",
        Conflict::NameAndPhone => "name and phone both differ",
        Conflict::Relatives => "they may be relatives in one house",
        Conflict::Kind => "one is a person and the other a business",
    }
}

#[cfg(test)]
mod tests;
