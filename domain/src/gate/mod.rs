//! The gate before every text: one pure function that says whether a message may go out at a moment, by which rule, and
//! when next.
//!
//! [`judge`] asks the rules in their order, one file each in `rules/`, and the first that objects decides. What they go by is
//! data with a version ([`RuleSet`]), so that the same [`Inputs`] can be judged again by the rules of another day. Everything a
//! rule may look at is in the inputs; nothing in them is of a person, so they are stored with the verdict. What is not known
//! counts against the message.

mod calling;
mod digest;
mod hours;
mod inputs;
mod place;
mod recent;
mod rule_set;
mod rules;
mod verdict;
mod windows;

pub use calling::calling_hours;
pub use hours::{Closed, ClosedBy, Hours};
pub use inputs::{
    Approval, Budget, CampaignFacts, Consent, Inputs, KillSwitch, LineType, Mailbox, Suppressed,
    SuppressionReason, SuppressionScope,
};
pub use place::Place;
pub use recent::RecentSends;
pub(crate) use rule_set::WordLists;
pub use rule_set::{RuleSet, RuleSetFault, RuleSetVersion, Span};
pub use rules::{Held, RuleId};
pub(crate) use verdict::objection;
pub use verdict::{Verdict, examine, judge};
pub use windows::{Windows, WindowsError};

#[cfg(test)]
mod tests;
