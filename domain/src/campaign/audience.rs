//! Whether enough of a campaign's leads can be reached.

use super::Channel;
use crate::FailureCode;

/// Leads that a campaign has at least, where its author asks for no fewer: with fewer, shares of replies say nothing.
pub const MIN_LEADS: u32 = 50;
/// Leads of one block, or named one by one, at most.
pub const MAX_LEADS: u32 = 2_000;

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
    /// Fewer than it needs.
    #[error(
        "the campaign has {have} leads and needs {need}; choose more blocks, or ask for fewer with min_leads"
    )]
    TooFew {
        /// How many there are.
        have: u32,
        /// How many it needs.
        need: u32,
    },
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
            Self::TooFew { .. } | Self::NoneAllowed { .. } => FailureCode::CampaignInsufficientLeads,
            Self::NoneReachable { .. } => FailureCode::CampaignNoMobilePhones,
        }
    }
}

impl Audience {
    /// Whether a campaign that wants `need` leads can be staged for these.
    ///
    /// # Errors
    /// [`AudienceFault`] says what is missing.
    pub const fn check(self, channel: Channel, need: u32) -> Result<(), AudienceFault> {
        if self.leads < need || self.leads == 0 {
            return Err(AudienceFault::TooFew { have: self.leads, need });
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
        Audience { leads, reachable, allowed }.check(Channel::Sms, MIN_LEADS)
    }

    #[test]
    fn fifty_leads_one_of_them_reachable_and_allowed() {
        assert_eq!(check(50, 1, 1), Ok(()));
        let few = check(49, 49, 49).expect_err("too few");
        assert_eq!(
            (few, few.code()),
            (AudienceFault::TooFew { have: 49, need: 50 }, FailureCode::CampaignInsufficientLeads)
        );
        let none = check(200, 0, 0).expect_err("nobody");
        assert_eq!(none.code(), FailureCode::CampaignNoMobilePhones);
        assert!(none.to_string().starts_with("no leads with valid phone numbers: 0 of 200"), "{none}");
        assert_eq!(check(200, 7, 0), Err(AudienceFault::NoneAllowed { reachable: 7 }));
        assert!(Audience::default().check(Channel::Email, 0).is_err(), "nobody is no audience");
    }
}
