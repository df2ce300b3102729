//! What vendors tell us: texts that came in, and what became of those that went out.

use chrono::{DateTime, Utc};
use domain::message::MessageStatus;
use domain::money::MicroDollars;
use domain::named_enum;

use super::{MessageText, Party};

named_enum! {
    /// What the vendor made of a text by itself (Twilio's Advanced Opt-Out). It has answered already: we must not.
    OptOutType {
        /// The person is opted out.
        Stop = "stop",
        /// The person is opted in again.
        Start = "start",
        /// The person was told what help there is.
        Help = "help",
    }
}

/// What is known of a message that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The vendor's id of the message.
    pub external_id: String,
    /// What became of it.
    pub status: MessageStatus,
    /// The vendor's or the carrier's code, where it failed; see [`SmsProviderId::action`](super::SmsProviderId::action).
    pub error_code: Option<String>,
    /// How many segments it was billed as, where the vendor says.
    pub segments: Option<u16>,
    /// What it cost, where the vendor says.
    pub price: Option<MicroDollars>,
    /// When, by the vendor's clock, where it says.
    pub at: Option<DateTime<Utc>>,
}

impl StatusReport {
    /// A status and nothing else.
    pub const fn of(external_id: String, status: MessageStatus) -> Self {
        Self { external_id, status, error_code: None, segments: None, price: None, at: None }
    }
}

/// Something a vendor tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsEvent {
    /// Somebody wrote to one of our numbers.
    Received {
        /// The vendor's id of the message.
        external_id: String,
        /// Who wrote.
        from: Party,
        /// To which of our numbers.
        to: Party,
        /// What was written.
        text: MessageText,
        /// What the vendor made of it already.
        opt_out: Option<OptOutType>,
        /// When, by the vendor's clock, where it says.
        at: Option<DateTime<Utc>>,
    },
    /// Somebody called one of our numbers.
    Called {
        /// The vendor's id of the call.
        external_id: String,
        /// Who calls.
        from: Party,
        /// Which of our numbers.
        to: Party,
    },
    /// What became of a message that went out.
    Status(StatusReport),
    /// Something else; taken, counted, and nothing follows. The vendor's word for it, where it looks like one.
    Other {
        /// `NUMBER_HEALTH_BELOW_THRESHOLD` and the like, or `unknown`.
        name: String,
    },
}

impl SmsEvent {
    /// What makes two events one, however they reach us (webhook, webhook again, the vendor's own record): unique within a
    /// vendor. Never made of personal data.
    pub fn key(&self) -> String {
        match self {
            Self::Received { external_id, .. } => format!("{external_id}:received"),
            Self::Called { external_id, .. } => format!("{external_id}:called"),
            Self::Status(report) => match &report.error_code {
                Some(code) => format!("{}:{}:{code}", report.external_id, report.status),
                None => format!("{}:{}", report.external_id, report.status),
            },
            Self::Other { name } => name.clone(),
        }
    }
}

/// A page of the vendor's own record of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedEvents {
    /// What happened, in the vendor's order.
    pub events: Vec<SmsEvent>,
    /// Where the next page begins; `None` when this was the last.
    pub next: Option<String>,
}
