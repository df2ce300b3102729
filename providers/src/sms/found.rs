//! Looking for a message whose fate is unknown.

use chrono::{DateTime, Utc};
use domain::phone::Phone;

use super::{MessageText, StatusReport};

/// A message that may or may not have been taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// From whom.
    pub from: Phone,
    /// To whom.
    pub to: Phone,
    /// What it says.
    pub text: MessageText,
    /// When the call began. What the vendor took long before that is another message.
    pub since: DateTime<Utc>,
    /// The vendor's ids of messages that are accounted for already: the same text to the same person from another intent. None
    /// of them is what is sought.
    pub accounted: Vec<String>,
}

/// What the vendor's own record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The vendor took it.
    Message(StatusReport),
    /// The vendor has no such message and has had the time to write it down: it may be sent again, under a new key.
    Absent,
    /// The vendor has no such message yet, or more of them than it lists at once: look again.
    NotYetCertain,
}
