//! Everything a verdict depends on: plain data, nothing of a person, stored with the verdict.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Place, RecentSends, Windows};
use crate::campaign::{CampaignState, Channel, ConsentBasis};
use crate::money::MicroDollars;
use crate::named::named_enum;

/// Everything a verdict depends on, besides the rules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The moment that is asked about.
    pub at: DateTime<Utc>,
    /// By which way: texts and calls fall under the law of calls, e-mail does not.
    pub channel: Channel,
    /// The widest switch that is on.
    pub kill_switch: Option<KillSwitch>,
    /// The campaign.
    pub campaign: CampaignFacts,
    /// Whether the team may send at all.
    pub team_active: bool,
    /// The widest suppression that matches the recipient.
    pub suppressed: Option<Suppressed>,
    /// The best consent there is; without one nothing is sent.
    pub consent: Option<Consent>,
    /// What is known of the line; of no meaning to e-mail.
    pub line: LineType,
    /// What is known of the address; of meaning to e-mail alone. Verdicts from before there was e-mail say nothing of it.
    #[serde(default = "nobody_looked")]
    pub mailbox: Mailbox,
    /// Where the recipient may be.
    pub place: Place,
    /// Whether the recipient is written to as a business: some states' laws are for consumers only.
    pub b2b: bool,
    /// When the recipient was last written to.
    pub sends: RecentSends,
    /// Whether this is the first message to this recipient.
    pub first_contact: bool,
    /// Messages that followed a first one unanswered.
    pub follow_ups: u8,
    /// Whether the same text went to the recipient before.
    pub same_text_sent: bool,
    /// What may still be spent and what this costs.
    pub budget: Budget,
    /// Whether what is sent is what was released.
    pub approval: Approval,
    /// Whether a person sends this one message by hand.
    pub by_hand: bool,
}

/// What a verdict depends on of the campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignFacts {
    /// Its state now.
    pub state: CampaignState,
    /// Before this nothing goes out.
    pub starts_at: Option<DateTime<Utc>>,
    /// From this on nothing goes out any more.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its own hours.
    pub windows: Windows,
}

named_enum! {
    /// What a kill switch stops.
    KillSwitch {
        /// Everything.
        Everything = "everything",
        /// All that one team sends.
        Team = "team",
        /// One campaign.
        Campaign = "campaign",
        /// One sender.
        Sender = "sender",
    }
}

named_enum! {
    /// For what a suppression holds, the widest first.
    SuppressionScope {
        /// For everybody.
        Global = "global",
        /// For all that the team sends.
        Team = "team",
        /// For all that one brand sends.
        Brand = "brand",
        /// For one number it was said to.
        Number = "number",
    }
}

named_enum! {
    /// Why somebody is not contacted.
    SuppressionReason {
        /// On a do-not-call list.
        Dnc = "dnc",
        /// Marked by a vendor as one to whom the act on calls is strictly applied.
        Tcpa = "tcpa",
        /// Known to sue.
        Litigator = "litigator",
        /// Has died.
        Deceased = "deceased",
        /// Asked to be left alone.
        OptOut = "opt_out",
        /// A person of the team decided so.
        Manual = "manual",
        /// The number or address does not exist.
        Invalid = "invalid",
        /// The number is a landline, which takes no texts.
        Landline = "landline",
        /// The carrier blocks messages to it.
        Carrier = "carrier",
        /// E-mail to it comes back.
        Bounce = "bounce",
        /// The recipient complained.
        Complaint = "complaint",
    }
}

impl SuppressionReason {
    /// Whether it forbids messages by this way to the number, address or person that it was said of: the one place that says so. A
    /// landline takes no text, and rings as any other phone. All else forbids every way: what a carrier or a handset blocks may be
    /// what its holder wanted blocked, and whoever does not exist cannot be called either.
    pub const fn bars(self, channel: Channel) -> bool {
        !matches!((self, channel), (Self::Landline, Channel::Voice))
    }

    /// Those that do not forbid messages by this way, by their words: for questions to the database.
    pub fn sparing(channel: Channel) -> Vec<&'static str> {
        Self::ALL.iter().filter(|reason| !reason.bars(channel)).map(|reason| reason.as_str()).collect()
    }

    /// Whether it says what is wrong with the very number or address, and so nothing of another one of the same person.
    pub const fn is_of_the_line(self) -> bool {
        matches!(self, Self::Invalid | Self::Landline | Self::Carrier | Self::Bounce)
    }
}

/// A suppression that matches the recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressed {
    /// For what it holds.
    pub scope: SuppressionScope,
    /// Why.
    pub reason: SuppressionReason,
}

/// A consent, without the words of its evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// On what grounds.
    pub basis: ConsentBasis,
    /// Whether there is evidence: the text shown, where, how.
    pub has_evidence: bool,
    /// When it was given.
    pub given_at: DateTime<Utc>,
    /// Until when it holds, where that was said.
    pub expires_at: Option<DateTime<Utc>>,
}

named_enum! {
    /// What is known of a line.
    LineType {
        /// A mobile phone.
        Mobile = "mobile",
        /// A number of the internet that takes texts.
        Voip = "voip",
        /// A landline, which takes none.
        Landline = "landline",
        /// A number whose called side pays.
        TollFree = "toll_free",
        /// A number whose caller pays extra.
        Premium = "premium",
        /// Nobody has looked.
        Unknown = "unknown",
    }
}

named_enum! {
    /// What is known of an e-mail address.
    Mailbox {
        /// A person's, and somebody has seen that it takes mail.
        Verified = "verified",
        /// A person's, as far as the address tells, and nobody has looked.
        Unverified = "unverified",
        /// A function's instead of a person's: info@.
        Role = "role",
        /// A throw-away one.
        Disposable = "disposable",
        /// It takes none.
        Invalid = "invalid",
    }
}

const fn nobody_looked() -> Mailbox {
    Mailbox::Unverified
}

/// What may still be spent and what this costs: a snapshot. The reservation, made when the message is claimed, decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The least that any budget has left; `None` where there is none.
    pub left: Option<MicroDollars>,
    /// What this message costs.
    pub cost: MicroDollars,
    /// When that budget begins anew, such as the next day's; from then on the snapshot says nothing.
    pub renews_at: Option<DateTime<Utc>>,
}

named_enum! {
    /// Whether what is sent is what was released.
    Approval {
        /// It is.
        Approved = "approved",
        /// Nobody has released it.
        Missing = "missing",
        /// What was released is not what would be sent.
        Stale = "stale",
        /// It was not acted upon in time.
        Expired = "expired",
    }
}
