//! What an address to unsubscribe at means.

use uuid::Uuid;

use super::Email;
use crate::id::{CampaignId, TeamId, TypedId};

/// What every pass begins with. Whatever else is sealed under the same keys begins otherwise, so that nothing but a pass is one.
const PURPOSE: &[u8; 6] = b"unsub1";

/// What an address to unsubscribe at means: whoever has it may stop the e-mail of one team to one address, and do nothing else.
/// It is sealed before it goes into an address, so that nobody can read or make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsubscribePass {
    /// Whose e-mail.
    pub team: TeamId,
    /// The campaign that it was sent with, if one was.
    pub campaign: Option<CampaignId>,
    /// To whom.
    pub address: Email,
}

impl UnsubscribePass {
    /// What is to be sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let campaign = self.campaign.map_or(Uuid::nil(), TypedId::uuid);
        let address = self.address.expose().as_bytes();
        [PURPOSE.as_slice(), self.team.uuid().as_bytes(), campaign.as_bytes(), address].concat()
    }

    /// What [`to_bytes`](Self::to_bytes) wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(PURPOSE)?;
        let (team, rest) = rest.split_first_chunk::<16>()?;
        let (campaign, address) = rest.split_first_chunk::<16>()?;
        let campaign = Uuid::from_bytes(*campaign);
        Some(Self {
            team: TeamId::from_uuid(Uuid::from_bytes(*team)),
            campaign: (!campaign.is_nil()).then(|| CampaignId::from_uuid(campaign)),
            address: std::str::from_utf8(address).ok()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(campaign: Option<u128>) -> UnsubscribePass {
        UnsubscribePass {
            team: TeamId::from_uuid(Uuid::from_u128(7)),
            campaign: campaign.map(|n| CampaignId::from_uuid(Uuid::from_u128(n))),
            address: "ann@doyle-plumbing.com".parse().expect("an address"),
        }
    }

    #[test]
    fn a_pass_reads_back_and_nothing_else_is_one() {
        for campaign in [None, Some(9)] {
            let pass = pass(campaign);
            assert_eq!(UnsubscribePass::from_bytes(&pass.to_bytes()), Some(pass));
        }
        let good = pass(None).to_bytes();
        assert_eq!(UnsubscribePass::from_bytes(&good[1..]), None);
        assert_eq!(UnsubscribePass::from_bytes(&good[..38]), None, "without an address");
        assert_eq!(UnsubscribePass::from_bytes(b"{\"url\":\"https://x\"}"), None);
    }
}
