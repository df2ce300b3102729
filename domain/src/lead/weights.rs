//! The weights of the lead score, as data with a version.
//!
//! A lead stores the version it was scored by. A version is never edited once released: a change is a new
//! version beside the old ones, so that old scores stay explainable.

use serde::Serialize;

use super::LeadFacts;
use crate::FailureCode;

/// One line of a score: so many points when the facts are so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What a person reads as the reason.
    pub label: &'static str,
    /// At least one of these facts must hold; empty: no matter.
    pub any: LeadFacts,
    /// None of these facts may hold.
    pub none: LeadFacts,
    /// Points added.
    pub points: i16,
}

impl Rule {
    /// Whether the rule applies.
    pub const fn applies(&self, facts: LeadFacts) -> bool {
        (self.any.bits() == 0 || facts.intersects(self.any)) && !facts.intersects(self.none)
    }
}

/// All that a score is computed by, besides the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weights {
    /// The version, as `leads.score_rules` stores it.
    pub version: i16,
    /// Points every lead starts with.
    pub base: i16,
    /// The rules, in the order in which reasons are told.
    pub rules: &'static [Rule],
    /// With any of these facts the score is 0, whatever else holds.
    pub zero: LeadFacts,
}

/// A version of the weights that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("there are no score weights of version {0}; the lead was scored by a newer release: deploy that one")]
pub struct UnknownWeights(pub i16);

impl UnknownWeights {
    /// The stable code of this failure.
    pub const fn code(self) -> FailureCode {
        FailureCode::PrepareScoringError
    }
}

impl Weights {
    /// The weights of a version.
    ///
    /// # Errors
    /// When this release does not know the version.
    pub const fn of_version(version: i16) -> Result<&'static Weights, UnknownWeights> {
        match version {
            1 => Ok(&WEIGHTS_V1),
            _ => Err(UnknownWeights(version)),
        }
    }
}

/// What leads are scored by today.
pub const CURRENT_WEIGHTS: &Weights = &WEIGHTS_V1;

const fn when(label: &'static str, any: LeadFacts, points: i16) -> Rule {
    Rule { label, any, none: LeadFacts::NONE, points }
}

const TOP: LeadFacts = LeadFacts::OWNER.with(LeadFacts::C_LEVEL);
const REACHABLE: LeadFacts = LeadFacts::HAS_PHONE.with(LeadFacts::HAS_EMAIL);

/// The first weights.
///
/// Base, owner or C-level, verified e-mail, LinkedIn, main street and engagement are the numbers operators
/// know from the system that is replaced. The fit weights are ours: another title that decides is worth half
/// an owner; a line of business on the team's list as much as a verified address; high revenue outside main
/// street, which main street's own weight contains, and five years in business are hints, 5 each;
/// completeness is at most 12, less than any bonus a person would notice; nobody can do anything with a lead
/// that has neither phone nor e-mail.
pub const WEIGHTS_V1: Weights = Weights {
    version: 1,
    base: 50,
    rules: &[
        when("owner or C-level", TOP, 20),
        Rule { label: "title that decides", any: LeadFacts::DECISION_MAKER, none: TOP, points: 10 },
        when("verified e-mail", LeadFacts::VERIFIED_EMAIL, 10),
        when("LinkedIn profile", LeadFacts::LINKEDIN, 10),
        when("main-street revenue ($0.5M to $10M)", LeadFacts::MAIN_STREET, 15),
        Rule {
            label: "high revenue (from $10M)",
            any: LeadFacts::HIGH_REVENUE,
            none: LeadFacts::MAIN_STREET,
            points: 5,
        },
        when("line of business on the target list", LeadFacts::TARGET_SIC, 10),
        when("five years or more in business", LeadFacts::ESTABLISHED, 5),
        when("phone", LeadFacts::HAS_PHONE, 3),
        when("person's own e-mail", LeadFacts::HAS_PERSONAL_EMAIL.with(LeadFacts::HAS_FREE_EMAIL), 3),
        when("person named", LeadFacts::HAS_PERSON, 2),
        when("company named", LeadFacts::HAS_COMPANY, 1),
        when("street address", LeadFacts::HAS_ADDRESS, 1),
        when("website", LeadFacts::HAS_WEBSITE, 1),
        when("SIC code", LeadFacts::HAS_SIC, 1),
        when("phone that is no number", LeadFacts::INVALID_PHONE, -5),
        Rule { label: "neither phone nor e-mail", any: LeadFacts::NONE, none: REACHABLE, points: -20 },
        when("e-mail captured", LeadFacts::EMAIL_CAPTURED, 50),
        when("called", LeadFacts::CALLED, 100),
        when("interested", LeadFacts::INTERESTED, 25),
        when("not interested", LeadFacts::NOT_INTERESTED, -50),
    ],
    zero: LeadFacts::OPTED_OUT,
};
