//! Where a lead is in a campaign.

use crate::named::named_enum;

named_enum! {
    /// Where a lead is in a campaign. The first five are the words operators know.
    LeadState {
        /// Nothing was sent yet.
        Pending = "pending",
        /// A provider took a message.
        Sent = "sent",
        /// A message arrived.
        Delivered = "delivered",
        /// The lead answered.
        Responded = "responded",
        /// The lead asked to be left alone.
        OptedOut = "opted_out",
        /// No message can reach the lead: refused or undeliverable for good.
        Failed = "failed",
        /// The gate does not let the lead be contacted, and waiting changes nothing.
        Excluded = "excluded",
    }
}

impl LeadState {
    /// Whether another step may still go to the lead. `only_silent` steps go to nobody who answered.
    pub const fn takes_step(self, only_silent: bool) -> bool {
        match self {
            Self::Pending | Self::Sent | Self::Delivered => true,
            Self::Responded => !only_silent,
            Self::OptedOut | Self::Failed | Self::Excluded => false,
        }
    }

    /// The state after what is now known of a lead: an opt-out stays whatever comes after, an answer is not undone by a late
    /// delivery report, and nothing goes back to pending.
    #[must_use]
    pub const fn advance(self, to: Self) -> Self {
        if to.rank() > self.rank() { to } else { self }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Excluded => 1,
            Self::Sent => 2,
            Self::Failed => 3,
            Self::Delivered => 4,
            Self::Responded => 5,
            Self::OptedOut => 6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opt_out_stays_and_an_answer_is_not_undone_by_a_report() {
        for state in LeadState::ALL {
            assert_eq!(LeadState::OptedOut.advance(*state), LeadState::OptedOut);
            assert_eq!(state.advance(LeadState::OptedOut), LeadState::OptedOut);
            assert_eq!(state.advance(LeadState::Pending), *state);
        }
        assert_eq!(LeadState::Responded.advance(LeadState::Delivered), LeadState::Responded);
        assert_eq!(LeadState::Sent.advance(LeadState::Delivered), LeadState::Delivered);
        assert_eq!(
            LeadState::Failed.advance(LeadState::Delivered),
            LeadState::Delivered,
            "a later step arrived"
        );
    }

    #[test]
    fn who_answered_gets_no_step_that_is_for_the_silent() {
        assert!(LeadState::Delivered.takes_step(true) && LeadState::Responded.takes_step(false));
        assert!(!LeadState::Responded.takes_step(true));
        assert!(!LeadState::OptedOut.takes_step(false) && !LeadState::Failed.takes_step(false));
    }
}
