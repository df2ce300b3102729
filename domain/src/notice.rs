//! What a team's own programs may be told of: the kinds of notices, and which of them an endpoint wants.

use std::fmt;
use std::str::FromStr;

use crate::named::{UnknownName, named_enum};

named_enum! {
    /// What a notice tells. The part before the dot is the noun that it is about.
    NoticeKind {
        /// A campaign went back to its author, or its approval lapsed before it was staged again.
        CampaignDraft = "campaign.draft",
        /// A campaign waits for an approver.
        CampaignStaged = "campaign.staged",
        /// Somebody released it.
        CampaignApproved = "campaign.approved",
        /// It has a time to begin.
        CampaignScheduled = "campaign.scheduled",
        /// It sends, or sends again.
        CampaignRunning = "campaign.running",
        /// It was stopped for a while, by a person or by itself.
        CampaignPaused = "campaign.paused",
        /// Everything was sent and reported.
        CampaignCompleted = "campaign.completed",
        /// A person ended it.
        CampaignCancelled = "campaign.cancelled",
        /// Its time was over.
        CampaignExpired = "campaign.expired",
        /// It could not go on.
        CampaignFailed = "campaign.failed",
        /// Something that a person should see to.
        AlertRaised = "alert.raised",
        /// Somebody wants nothing more.
        ContactOptedOut = "contact.opted_out",
        /// Somebody answered.
        ConversationReplyReceived = "conversation.reply_received",
        /// An endpoint is tried.
        EndpointTest = "webhook_endpoint.test",
    }
}

/// Which notices an endpoint wants: one kind, or all of a noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedNotices {
    /// This kind.
    Kind(NoticeKind),
    /// All kinds about this noun, written `campaign.*`.
    Noun(&'static str),
}

impl NoticeKind {
    /// What it is about: the part before the dot.
    pub fn noun(self) -> &'static str {
        self.as_str().split_once('.').map_or(self.as_str(), |(noun, _)| noun)
    }
}

impl fmt::Display for WantedNotices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => f.write_str(kind.as_str()),
            Self::Noun(noun) => write!(f, "{noun}.*"),
        }
    }
}

impl FromStr for WantedNotices {
    type Err = UnknownName;

    fn from_str(word: &str) -> Result<Self, UnknownName> {
        let noun = word
            .strip_suffix(".*")
            .and_then(|noun| NoticeKind::ALL.iter().map(|kind| kind.noun()).find(|known| *known == noun));
        noun.map_or_else(|| word.parse().map(Self::Kind), |noun| Ok(Self::Noun(noun)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::CampaignState;

    #[test]
    fn every_state_of_a_campaign_can_be_asked_for() {
        for state in CampaignState::ALL {
            let word = format!("campaign.{state}");
            assert!(word.parse::<NoticeKind>().is_ok(), "{word}");
        }
    }

    #[test]
    fn a_kind_or_all_of_a_noun_and_nothing_else() {
        for word in ["campaign.paused", "campaign.*", "alert.*", "contact.opted_out"] {
            assert_eq!(word.parse::<WantedNotices>().map(|wanted| wanted.to_string()), Ok(word.to_owned()));
        }
        for word in ["", "*", "campaign", "campaign.", "campaigns.*", ".*", "campaign.sent"] {
            assert!(word.parse::<WantedNotices>().is_err(), "{word}");
        }
    }
}
