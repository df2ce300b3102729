//! The kinds of faults.

use serde::{Deserialize, Serialize};

/// Something that goes wrong with a request. In JSON each is an object with its `kind` and what belongs to it:
/// `{"kind": "rate_limited", "retry_after_s": 2}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// 429 in the vendor's manner. Nothing is processed or billed.
    RateLimited {
        /// What `Retry-After` says, in seconds; without it the header is left out.
        #[serde(default)]
        retry_after_s: Option<u64>,
    },
    /// The vendor serves this account no more, in its own words: 402, 403, or Melissa's 200 with GE14. Nothing is
    /// processed or billed.
    AccountStop {
        /// Why.
        #[serde(default)]
        reason: StopReason,
    },
    /// The vendor is down: 500, 502, 503 or 504, the latter three with a gateway's HTML page. Nothing is billed.
    Outage {
        /// The status.
        status: u16,
    },
    /// Processed and billed at once, answered late.
    Slow {
        /// How late, in milliseconds, on top of the vendor's latency.
        ms: u64,
    },
    /// Taken, never answered.
    Hung {
        /// Whether it is processed and billed all the same.
        #[serde(default = "yes")]
        processed: bool,
    },
    /// The connection is closed without an answer after the request was read.
    Cut {
        /// Whether it is processed and billed all the same: the caller cannot know.
        #[serde(default = "yes")]
        processed: bool,
    },
    /// Processed and billed; the answer is JSON cut in the middle.
    Malformed,
    /// HTTP 200 with an error inside, as the vendor words it. Nothing is billed.
    ErrorInside,
    /// Some elements of the answer are null where results belong by position: the first and every second after it.
    /// These are not billed.
    PositionalNulls,
    /// Addresses are `{}`.
    EmptyAddress,
    /// The answer is about somebody else, at the same address. Billed, as a match.
    WrongPerson,
    /// A list is handed out in pages of 25, whatever was asked for.
    ShortPage,
    /// The model declines, in the answer's `refusal`. Processed and billed.
    Declines,
    /// The model answers in words where JSON of a schema was wanted. Processed and billed.
    OffSchema,
    /// The webhook comes later.
    WebhookLate {
        /// How much later, in milliseconds.
        ms: u64,
    },
    /// The webhook comes twice.
    WebhookTwice,
    /// The webhook comes after the next one; if there is none, after five seconds.
    WebhookOutOfOrder,
}

/// Serde wants a function.
fn yes() -> bool {
    true
}

/// Why an account is served no more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// No money left.
    #[default]
    Balance,
    /// The account is closed.
    AccountDisabled,
    /// The key is.
    TokenDisabled,
}

impl Fault {
    /// The kind, as scripts and the ledger name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::AccountStop { .. } => "account_stop",
            Self::Outage { .. } => "outage",
            Self::Slow { .. } => "slow",
            Self::Hung { .. } => "hung",
            Self::Cut { .. } => "cut",
            Self::Malformed => "malformed",
            Self::ErrorInside => "error_inside",
            Self::PositionalNulls => "positional_nulls",
            Self::EmptyAddress => "empty_address",
            Self::WrongPerson => "wrong_person",
            Self::ShortPage => "short_page",
            Self::Declines => "declines",
            Self::OffSchema => "off_schema",
            Self::WebhookLate { .. } => "webhook_late",
            Self::WebhookTwice => "webhook_twice",
            Self::WebhookOutOfOrder => "webhook_out_of_order",
        }
    }

    /// Whether it may befall whatever is asked, whoever answers what: nothing of it is in what a vendor has to say.
    pub(crate) const fn befalls_any(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::AccountStop { .. }
                | Self::Outage { .. }
                | Self::Slow { .. }
                | Self::Hung { .. }
                | Self::Cut { .. }
                | Self::Malformed
                | Self::ErrorInside
        )
    }

    /// What the fault changes in what a vendor says, for those that do.
    pub(crate) fn twist(&self) -> Twist {
        let mut twist = Twist::default();
        match self {
            Self::PositionalNulls => twist.nulls = true,
            Self::EmptyAddress => twist.empty_address = true,
            Self::WrongPerson => twist.wrong_person = true,
            Self::ShortPage => twist.short_page = true,
            Self::Declines => twist.declines = true,
            Self::OffSchema => twist.off_schema = true,
            Self::WebhookLate { ms } => twist.webhook_late_ms = *ms,
            Self::WebhookTwice => twist.webhook_twice = true,
            Self::WebhookOutOfOrder => twist.webhook_out_of_order = true,
            _ => {}
        }
        twist
    }
}

/// What a vendor is to change in its answer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Twist {
    pub(crate) nulls: bool,
    pub(crate) empty_address: bool,
    pub(crate) wrong_person: bool,
    pub(crate) short_page: bool,
    pub(crate) declines: bool,
    pub(crate) off_schema: bool,
    pub(crate) webhook_late_ms: u64,
    pub(crate) webhook_twice: bool,
    pub(crate) webhook_out_of_order: bool,
}

impl Twist {
    /// Whether the element at `position` is to be null.
    pub(crate) fn nulls_at(&self, position: usize) -> bool {
        self.nulls && position.is_multiple_of(2)
    }
}
