//! The rules of the gate, one a file, and their order.
//!
//! A rule looks at the inputs and the rule set and says nothing, or what it objects to and when its objection ends. It knows of
//! no other rule. What is cheap and final comes first, what only time cures later, and the approval last.

mod approval;
mod budget;
mod campaign;
mod consent;
mod duplicate_text;
mod follow_ups;
mod frequency_cap;
pub(super) mod jurisdiction;
mod kill_switch;
mod line_type;
mod mailbox;
mod quiet_hours;
mod send_window;
mod suppression;
mod team;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::{Inputs, RuleSet};
use crate::named::named_enum;

named_enum! {
    /// A rule of the gate, in the order in which they are asked.
    RuleId {
        /// A person stopped the campaign, the team, the sender or everything.
        KillSwitch = "kill_switch",
        /// The campaign does not run, has not started or is over.
        Campaign = "campaign",
        /// The team may not send.
        Team = "team",
        /// The recipient is not to be contacted.
        Suppression = "suppression",
        /// There is no ground, or no evidence of one, to contact the recipient.
        Consent = "consent",
        /// The line takes no texts.
        LineType = "line_type",
        /// The address is no person's, or nobody knows whether it takes mail.
        Mailbox = "mailbox",
        /// The number is abroad, or nobody knows in which of too many places.
        Jurisdiction = "jurisdiction",
        /// The law or the house forbids it at this hour.
        QuietHours = "quiet_hours",
        /// The campaign's own hours.
        SendWindow = "send_window",
        /// The recipient was written to too often in 24 hours.
        FrequencyCap = "frequency_cap",
        /// The recipient did not answer and was written to often enough.
        FollowUps = "follow_ups",
        /// The recipient has had this very text.
        DuplicateText = "duplicate_text",
        /// There is no money left.
        Budget = "budget",
        /// Nobody has released what would be sent.
        Approval = "approval",
        /// None objects.
        Passed = "passed",
    }
}

/// What a rule objects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// For a person, without personal data.
    pub says: Cow<'static, str>,
    /// When this objection ends, where time ends it.
    pub again: Option<DateTime<Utc>>,
}

impl Held {
    fn because(says: impl Into<Cow<'static, str>>) -> Self {
        Self { says: says.into(), again: None }
    }

    fn until(says: impl Into<Cow<'static, str>>, again: Option<DateTime<Utc>>) -> Self {
        Self { says: says.into(), again }
    }
}

/// A rule, ready to be asked.
pub(super) type Rule = fn(&RuleSet, &Inputs) -> Option<Held>;

/// The rules in the order in which they are asked.
pub(super) const ORDER: [(RuleId, Rule); 15] = [
    (RuleId::KillSwitch, kill_switch::objects),
    (RuleId::Campaign, campaign::objects),
    (RuleId::Team, team::objects),
    (RuleId::Suppression, suppression::objects),
    (RuleId::Consent, consent::objects),
    (RuleId::LineType, line_type::objects),
    (RuleId::Mailbox, mailbox::objects),
    (RuleId::Jurisdiction, jurisdiction::objects),
    (RuleId::QuietHours, quiet_hours::objects),
    (RuleId::SendWindow, send_window::objects),
    (RuleId::FrequencyCap, frequency_cap::objects),
    (RuleId::FollowUps, follow_ups::objects),
    (RuleId::DuplicateText, duplicate_text::objects),
    (RuleId::Budget, budget::objects),
    (RuleId::Approval, approval::objects),
];
