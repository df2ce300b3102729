//! How good a lead is, 0 to 100, and why.

use serde::Serialize;

use super::{LeadFacts, UnknownWeights, Weights};
use crate::named::named_enum;

/// One line of the account of a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What it is for, without personal data.
    pub label: &'static str,
    /// Points, negative when it counts against the lead.
    pub points: i16,
}

/// A score with its account. The points of the reasons add up to the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Score {
    /// 0 to 100.
    pub value: u8,
    /// What it is made of: the base first.
    pub reasons: Vec<Reason>,
}

named_enum! {
    /// How soon somebody should look at a lead, by its score.
    Priority {
        /// From 75.
        High = "high",
        /// From 50.
        Medium = "medium",
        /// Below 50: less than a lead of which nothing is known.
        Low = "low",
    }
}

impl Priority {
    /// The priority of a score.
    pub const fn of(score: u8) -> Self {
        match score {
            75.. => Self::High,
            50.. => Self::Medium,
            _ => Self::Low,
        }
    }
}

/// The score of a lead with these facts: base and the points of all rules that apply, kept within 0 and 100.
pub fn score(facts: LeadFacts, weights: &Weights) -> Score {
    let mut reasons = vec![Reason { label: "base", points: weights.base }];
    let applying = weights.rules.iter().filter(|rule| rule.applies(facts));
    reasons.extend(applying.map(|rule| Reason { label: rule.label, points: rule.points }));
    let sum: i16 = reasons.iter().map(|reason| reason.points).sum();
    let (label, value) = if facts.intersects(weights.zero) {
        ("opted out", 0)
    } else {
        ("kept within 0 and 100", sum.clamp(0, 100))
    };
    if value != sum {
        reasons.push(Reason { label, points: value - sum });
    }
    // The clamp leaves nothing that a byte cannot hold.
    Score { value: u8::try_from(value).unwrap_or(100), reasons }
}

/// The account of a score that was stored: the facts and the version of the weights say it all.
///
/// # Errors
/// When this release does not know the version.
pub fn explain(facts: LeadFacts, version: i16) -> Result<Score, UnknownWeights> {
    Ok(score(facts, Weights::of_version(version)?))
}

#[cfg(test)]
mod tests {
    use super::super::{CURRENT_WEIGHTS, WEIGHTS_V1};
    use super::*;
    use proptest::prelude::*;

    fn value(facts: LeadFacts) -> u8 {
        score(facts, &WEIGHTS_V1).value
    }

    /// Facts that count against a lead. All others must not.
    const NEGATIVE: LeadFacts =
        LeadFacts::INVALID_PHONE.with(LeadFacts::NOT_INTERESTED).with(LeadFacts::OPTED_OUT);

    #[test]
    fn the_numbers_operators_know() {
        let reachable = LeadFacts::HAS_PHONE;
        let base = value(reachable);
        let adds = |fact: LeadFacts| value(reachable | fact) - base;
        assert_eq!(base, 53);
        assert_eq!(adds(LeadFacts::OWNER | LeadFacts::DECISION_MAKER), 20);
        assert_eq!(adds(LeadFacts::C_LEVEL | LeadFacts::DECISION_MAKER), 20);
        assert_eq!(
            adds(LeadFacts::OWNER | LeadFacts::C_LEVEL),
            20,
            "owner and president is not counted twice"
        );
        assert_eq!(adds(LeadFacts::VERIFIED_EMAIL), 10);
        assert_eq!(adds(LeadFacts::LINKEDIN), 10);
        assert_eq!(adds(LeadFacts::MAIN_STREET | LeadFacts::HIGH_REVENUE), 15);
        assert_eq!(adds(LeadFacts::INTERESTED), 25);
        assert_eq!(value(reachable | LeadFacts::CALLED), 100);
        assert_eq!(value(reachable | LeadFacts::NOT_INTERESTED), 3);
    }

    #[test]
    fn an_opt_out_is_zero_whatever_else() {
        assert_eq!(value(LeadFacts::from_bits(u32::MAX)), 0);
        assert_eq!(value(LeadFacts::OPTED_OUT), 0);
    }

    #[test]
    fn a_lead_of_which_nothing_is_known_cannot_be_reached() {
        let account = score(LeadFacts::NONE, &WEIGHTS_V1);
        let told =
            [Reason { label: "base", points: 50 }, Reason { label: "neither phone nor e-mail", points: -20 }];
        assert_eq!((account.value, account.reasons.as_slice()), (30, told.as_slice()));
    }

    #[test]
    fn the_current_version_explains_itself_and_others_are_refused() {
        let facts = LeadFacts::OWNER | LeadFacts::HAS_PHONE;
        assert_eq!(explain(facts, CURRENT_WEIGHTS.version), Ok(score(facts, CURRENT_WEIGHTS)));
        let refused = explain(facts, 999).expect_err("no such version");
        assert_eq!(refused.code().as_str(), "prepare.scoring_error");
    }

    /// Stored scores are explained by version 1 for ever: editing it must fail here.
    #[test]
    fn version_1_is_what_was_released() {
        let digest: String = WEIGHTS_V1
            .rules
            .iter()
            .map(|rule| format!("{:x}/{:x}={} ", rule.any.bits(), rule.none.bits(), rule.points))
            .collect();
        assert_eq!(
            digest.trim_end(),
            "1800/0=20 2000/1800=10 800000/0=10 2000000/0=10 40000/0=15 80000/40000=5 200000/0=10 100000/0=5 \
             4/0=3 a0/0=3 1/0=2 2/0=1 100/0=1 200/0=1 400/0=1 8/0=-5 0/14=-20 8000000/0=50 10000000/0=100 \
             20000000/0=25 40000000/0=-50"
        );
        assert_eq!((WEIGHTS_V1.base, WEIGHTS_V1.zero), (50, LeadFacts::OPTED_OUT));
    }

    proptest! {
        #[test]
        fn a_score_is_within_bounds_and_its_reasons_add_up(bits in any::<u32>()) {
            let score = score(LeadFacts::from_bits(bits), &WEIGHTS_V1);
            prop_assert!(score.value <= 100);
            let sum: i16 = score.reasons.iter().map(|reason| reason.points).sum();
            prop_assert_eq!(sum, i16::from(score.value));
        }

        #[test]
        fn a_good_fact_never_lowers_and_a_bad_one_never_raises(bits in any::<u32>(), bit in 0..32u32) {
            let (facts, fact) = (LeadFacts::from_bits(bits), LeadFacts::from_bits(1 << bit));
            let (without, with) = (value(facts.without(fact)), value(facts | fact));
            if NEGATIVE.contains(fact) {
                prop_assert!(with <= without, "{fact:?} raises {without} to {with}");
            } else {
                prop_assert!(with >= without, "{fact:?} lowers {without} to {with}");
            }
        }

        #[test]
        fn priority_follows_the_score(score in 0..=100u8) {
            let lower = Priority::of(score.saturating_sub(1));
            prop_assert!(Priority::of(score) <= lower, "high comes first in the order");
        }
    }
}
