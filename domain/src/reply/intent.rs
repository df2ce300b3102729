//! What a reply is taken for.

use crate::campaign::Engagement;
use crate::named::named_enum;

named_enum! {
    /// What a reply is taken for. Of several, the one with the highest priority counts.
    Intent {
        /// It holds an e-mail address, to which what was promised can be sent.
        EmailCapture = "email_capture",
        /// Somebody called the number that the texts came from.
        CalledPhoneLine = "called_phone_line",
        /// Wants to be left alone.
        OptOut = "opt_out",
        /// Wants to hear more, to talk or to sell.
        Interested = "interested",
        /// The number or the business is not that of the person who was meant.
        WrongNumber = "wrong_number",
        /// Says no.
        NotInterested = "not_interested",
        /// Has somebody for it already.
        ObjectionServed = "objection_served",
        /// Another time, perhaps.
        ObjectionTiming = "objection_timing",
        /// Too much, or too little.
        ObjectionPrice = "objection_price",
        /// Does not believe it, or wants to know where the number is from.
        ObjectionTrust = "objection_trust",
        /// Says thank you and no more.
        ThankYou = "thank_you",
        /// Asks something.
        Question = "question",
        /// None of these.
        Other = "other",
    }
}

impl Intent {
    /// How much it counts, 0 to 100: which of several wins, and seven tenths of a reply's place in the inbox.
    pub const fn priority(self) -> u8 {
        match self {
            Self::EmailCapture => 100,
            Self::CalledPhoneLine => 95,
            Self::OptOut => 90,
            Self::Interested => 50,
            Self::WrongNumber => 45,
            Self::NotInterested => 40,
            Self::ObjectionServed | Self::ObjectionTiming | Self::ObjectionPrice | Self::ObjectionTrust => 35,
            Self::ThankYou => 30,
            Self::Question => 20,
            Self::Other => 0,
        }
    }

    /// Whether an answer to it is a rebuttal: of an objection, or of a no.
    pub const fn is_pushback(self) -> bool {
        self.is_objection() || matches!(self, Self::NotInterested)
    }

    /// Whether it names a reason against.
    pub const fn is_objection(self) -> bool {
        matches!(
            self,
            Self::ObjectionServed | Self::ObjectionTiming | Self::ObjectionPrice | Self::ObjectionTrust
        )
    }

    /// How it moves the lead's score; `None` where it does not.
    pub const fn engagement(self) -> Option<Engagement> {
        match self {
            Self::EmailCapture => Some(Engagement::EmailCaptured),
            Self::CalledPhoneLine => Some(Engagement::Called),
            Self::OptOut => Some(Engagement::OptedOut),
            Self::Interested => Some(Engagement::Interested),
            Self::NotInterested => Some(Engagement::NotInterested),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_those_that_operators_know() {
        use Intent as I;
        let known = [
            (I::EmailCapture, 100),
            (I::CalledPhoneLine, 95),
            (I::OptOut, 90),
            (I::Interested, 50),
            (I::NotInterested, 40),
            (I::ThankYou, 30),
            (I::Question, 20),
            (I::Other, 0),
        ];
        for (intent, priority) in known {
            assert_eq!(intent.priority(), priority, "{intent}");
        }
    }

    #[test]
    fn the_declaration_is_in_the_order_of_priority() {
        assert!(Intent::ALL.is_sorted_by(|one, next| one.priority() >= next.priority()));
    }
}
