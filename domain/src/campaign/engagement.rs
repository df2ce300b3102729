//! What leads do in a campaign, and how their scores move by it.

use crate::lead::{LeadFacts, Weights};
use crate::named::named_enum;

named_enum! {
    /// What a lead does that moves its score.
    Engagement {
        /// Gave an e-mail address.
        EmailCaptured = "email_captured",
        /// Called.
        Called = "called",
        /// Is interested.
        Interested = "interested",
        /// Is not.
        NotInterested = "not_interested",
        /// Asked to be left alone: the score is 0 from then on.
        OptedOut = "opted_out",
    }
}

impl Engagement {
    /// The fact that is noted with the lead; the score follows from the facts.
    pub const fn fact(self) -> LeadFacts {
        match self {
            Self::EmailCaptured => LeadFacts::EMAIL_CAPTURED,
            Self::Called => LeadFacts::CALLED,
            Self::Interested => LeadFacts::INTERESTED,
            Self::NotInterested => LeadFacts::NOT_INTERESTED,
            Self::OptedOut => LeadFacts::OPTED_OUT,
        }
    }

    /// The facts after it. Who was interested and is not any more, or the other way round, is what was said last.
    pub fn after(self, facts: LeadFacts) -> LeadFacts {
        let gone = match self {
            Self::Interested => LeadFacts::NOT_INTERESTED,
            Self::NotInterested => LeadFacts::INTERESTED,
            Self::EmailCaptured | Self::Called | Self::OptedOut => LeadFacts::NONE,
        };
        facts.without(gone) | self.fact()
    }

    /// Points by these weights; `None` where it sets the score to 0.
    pub fn points(self, weights: &Weights) -> Option<i16> {
        if self.fact().intersects(weights.zero) {
            return None;
        }
        let rules = weights.rules.iter().filter(|rule| rule.any == self.fact());
        Some(rules.map(|rule| rule.points).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::{CURRENT_WEIGHTS, score};

    #[test]
    fn scores_move_by_the_numbers_operators_know() {
        let points: Vec<Option<i16>> =
            Engagement::ALL.iter().map(|engagement| engagement.points(CURRENT_WEIGHTS)).collect();
        assert_eq!(points, [Some(50), Some(100), Some(25), Some(-50), None]);
    }

    #[test]
    fn what_was_said_last_counts_and_an_opt_out_is_zero() {
        let value = |facts| score(facts, CURRENT_WEIGHTS).value;
        let interested = Engagement::Interested.after(LeadFacts::HAS_PHONE);
        assert_eq!(value(interested), 78);
        let not = Engagement::NotInterested.after(interested);
        assert_eq!(value(not), 3);
        assert_eq!(Engagement::Interested.after(not), interested);
        assert_eq!(value(Engagement::OptedOut.after(Engagement::Called.after(interested))), 0);
    }
}
