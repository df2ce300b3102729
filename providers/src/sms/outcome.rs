//! How a send ended.

use std::time::Duration;

use domain::money::MicroDollars;

/// How a send ended. What it holds is ours or a vendor's code, never a vendor's words, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The vendor took it and will send it. What becomes of it comes by [`webhook`](super::webhook).
    Accepted {
        /// The vendor's id of the message: what its reports name.
        external_id: String,
        /// How many segments it is billed as, where the vendor says so at once.
        segments: Option<u16>,
        /// What it costs, where the vendor says so at once. Both tell it later, if at all:
        /// [`StatusReport::price`](super::StatusReport).
        price: Option<MicroDollars>,
    },
    /// The vendor did not take it, and said why: nothing was sent.
    Refused {
        /// The vendor's code, or a short word of ours where it has none: `dnc`, `landline`, `http_400`.
        code: String,
        /// What follows for the number, the campaign or the text.
        action: RefusalAction,
    },
    /// Too many calls. Nothing was sent; the same call is right later.
    RateLimited {
        /// How long the vendor wants to be left alone, where it says.
        retry_after: Option<Duration>,
    },
    /// The account is out of money, suspended or not allowed this. Nothing was sent, and nothing of anybody will be before a
    /// person has seen to it.
    AccountStop {
        /// The vendor's code, or `http_401` and the like.
        code: String,
    },
    /// Nothing left this machine: no connection could be opened, or the configuration makes no request. The same call is
    /// right later.
    NotSent {
        /// What happened, without anybody's data.
        detail: String,
    },
    /// The bytes left, and no answer that can be trusted came back: possibly sent. Never repeated before
    /// [`find`](super::SmsProvider::find) has looked for it.
    Unknown {
        /// What happened: `timed_out`, `connection_lost`, `unreadable`, `http_502`.
        why: String,
    },
}

impl SendOutcome {
    /// Its word for logs, metrics and the database.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::RateLimited { .. } => "rate_limited",
            Self::AccountStop { .. } => "account_stop",
            Self::NotSent { .. } => "not_sent",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Whether it is sure that nobody was written to.
    pub const fn is_surely_unsent(&self) -> bool {
        !matches!(self, Self::Accepted { .. } | Self::Unknown { .. })
    }
}

/// What a code asks of us, whether it came with the answer to a send or with a report afterwards.
/// [`SmsProviderId::action`](super::SmsProviderId::action) tells it from the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalAction {
    /// The number cannot be texted by anybody: mark it invalid.
    MarkInvalid,
    /// The number is a landline or its carrier takes no texts: mark it so.
    MarkLandline,
    /// The person has opted out with the vendor and we did not know: suppress, and audit how we came to miss it.
    Suppress,
    /// The carrier or the handset blocks us: suppress by us, no retry, a person may lift it.
    SuppressSoft,
    /// This message may be tried again.
    RetryLater {
        /// After so long.
        after: Duration,
        /// At most so often in all; then given up.
        times: u8,
    },
    /// A daily cap that is lifted at midnight in California: hold everything of that brand until then.
    HoldUntilPacificMidnight,
    /// Our number, campaign or account is not set up for this: stop the campaign or the sender, a person must see to it.
    ConfigStop,
    /// A carrier or the vendor dislikes what we say: no retry, count it, and pause the campaign when too many come.
    ContentStop,
    /// The text itself cannot be sent: the template is wrong.
    TemplateFault,
    /// Nobody knows whether it was sent: look for it, then try again.
    Reconcile,
    /// This message is not sent and not tried again; nothing follows for anybody else.
    GiveUp,
}

impl RefusalAction {
    /// Its word for logs, metrics and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MarkInvalid => "mark_invalid",
            Self::MarkLandline => "mark_landline",
            Self::Suppress => "suppress",
            Self::SuppressSoft => "suppress_soft",
            Self::RetryLater { .. } => "retry_later",
            Self::HoldUntilPacificMidnight => "hold_until_pacific_midnight",
            Self::ConfigStop => "config_stop",
            Self::ContentStop => "content_stop",
            Self::TemplateFault => "template_fault",
            Self::Reconcile => "reconcile",
            Self::GiveUp => "give_up",
        }
    }
}
