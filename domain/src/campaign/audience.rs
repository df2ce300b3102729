//! Whether enough of a campaign's leads can be reached.

use super::Channel;
use crate::FailureCode;

/// What a campaign finds of its leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audience {
    /// All of them.
    pub leads: u32,
    /// Those that have a number or address of the channel's kind: for texts a mobile or voip number.
    pub reachable: u32,
    /// Those that no rule leaves out.
    pub allowed: u32,
}

/// Why a campaign cannot be staged for its leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AudienceFault {
    /// None at all.
    #[error("the campaign has no leads; choose blocks or leads that there are")]
    NoLeads,
    /// None that can be reached.
    #[error("no leads with valid {}: {valid} of {total}; enrich them, or choose another channel", what(*.channel))]
    NoneReachable {
        /// By which way.
        channel: Channel,
        /// All leads.
        total: u32,
        /// Those that can be reached.
        valid: u32,
    },
    /// None that may be written to.
    #[error(
        "of {reachable} leads that can be reached none may be contacted; the preview says by which rule each is left out"
    )]
    NoneAllowed {
        /// Those that can be reached.
        reachable: u32,
    },
}

const fn what(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => "phone numbers",
        Channel::Voice => "numbers to call",
        Channel::Email => "e-mail addresses",
        Channel::Multi => "phone numbers and e-mail addresses",
    }
}

impl AudienceFault {
    /// The stable code of this failure.
    pub const fn code(self) -> FailureCode {
        match self {
            Self::NoLeads | Self::NoneAllowed { .. } => FailureCode::CampaignInsufficientLeads,
            Self::NoneReachable { .. } => FailureCode::CampaignNoMobilePhones,
        }
    }
}

impl Audience {
    /// Whether a campaign can be staged for these.
    ///
    /// # Errors
    /// [`AudienceFault`] says what is missing.
    pub const fn check(self, channel: Channel) -> Result<(), AudienceFault> {
        if self.leads == 0 {
            return Err(AudienceFault::NoLeads);
        }
        if self.reachable == 0 {
            return Err(AudienceFault::NoneReachable { channel, total: self.leads, valid: self.reachable });
        }
        if self.allowed == 0 {
            return Err(AudienceFault::NoneAllowed { reachable: self.reachable });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(leads: u32, reachable: u32, allowed: u32) -> Result<(), AudienceFault> {
        Audience { leads, reachable, allowed }.check(Channel::Sms)
    }

    #[test]
    fn one_that_is_reachable_and_allowed_is_enough() {
        assert_eq!(check(50, 1, 1), Ok(()));
        let none = check(0, 0, 0).expect_err("nobody");
        assert_eq!((none, none.code()), (AudienceFault::NoLeads, FailureCode::CampaignInsufficientLeads));
        let none = check(200, 0, 0).expect_err("nobody");
        assert_eq!(none.code(), FailureCode::CampaignNoMobilePhones);
        assert!(none.to_string().starts_with("no leads with valid phone numbers: 0 of 200"), "{none}");
        assert_eq!(check(200, 7, 0), Err(AudienceFault::NoneAllowed { reachable: 7 }));
        assert!(Audience::default().check(Channel::Email).is_err(), "nobody is no audience");
    }
}
