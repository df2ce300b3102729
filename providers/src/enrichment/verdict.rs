//! How a call ended, for each subject.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::{FoundPerson, SubjectKey, UniversalSkipResult, UnknownWhy, UsageHeaders};

/// What a subject cost, as far as can be told from the answer. A hint for settling: what counts is the vendor's bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charged {
    /// Nothing: a free miss, a refused call, or shared with a subject that bears it.
    No,
    /// This much, in micro-dollars.
    Yes(i64),
    /// This much, in micro-dollars, or nothing: the answer does not tell. Counts as spent until reconciled.
    Perhaps(i64),
}

impl Charged {
    /// The most it can be, in micro-dollars.
    pub const fn micros(self) -> i64 {
        match self {
            Self::No => 0,
            Self::Yes(micros) | Self::Perhaps(micros) => micros,
        }
    }
}

/// How a call ended for one subject. Details are ours or a vendor's code, never text a vendor could have put personal
/// data into, so they may be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Found. Whether it is the right person is for [`name_check`](super::name_check) to say.
    Match {
        /// What was found.
        result: Box<UniversalSkipResult>,
        /// What it cost.
        charged: Charged,
    },
    /// Not found. Not to be asked again for a while.
    NoMatch {
        /// What it cost.
        charged: Charged,
    },
    /// Somebody was found, and the evidence does not say that, or which of them, is the subject. To be recorded, not
    /// attached.
    Ambiguous {
        /// Who was found.
        persons: Vec<FoundPerson>,
        /// What it cost.
        charged: Charged,
    },
    /// Too many calls. Nothing was charged; the same call is right later.
    RateLimited {
        /// How long the vendor wants to be left alone, from the moment of its answer; `None` where it does not say.
        retry_after: Option<Duration>,
    },
    /// The vendor could not be reached, or answered that it is in trouble. Nothing was charged; the same call is right
    /// later.
    Transient {
        /// What happened.
        detail: String,
        /// How long the vendor wants to be left alone, where it says.
        retry_after: Option<Duration>,
    },
    /// The vendor refuses this request and will again.
    Permanent {
        /// What it refused, as far as that can be said without its words.
        detail: String,
    },
    /// The account is out of money, disabled, or not allowed this: no call of anybody will be answered before a person
    /// has seen to it.
    AccountStop {
        /// What is wrong with it.
        detail: String,
    },
    /// Part of the answer comes later, by webhook or by polling.
    Pending {
        /// What is here already. May be empty.
        result: Box<UniversalSkipResult>,
        /// By which [`poll`](super::EnrichmentProvider::poll) asks for the rest, where the vendor gives one.
        request_id: Option<String>,
        /// The vendor's id of the person: the later answer says it too, see [`LateAnswer`](super::LateAnswer).
        person_id: Option<String>,
        /// What the part that is here cost; the rest is charged when it comes.
        charged: Charged,
    },
    /// The bytes left, and no answer that can be read came back: possibly charged. Never repeated blindly.
    Unknown {
        /// What happened.
        why: UnknownWhy,
        /// The most it may have cost.
        charged: Charged,
    },
    /// The vendor cannot be asked without a contract.
    ContractRequired,
}

impl Verdict {
    /// What the subject cost.
    pub const fn charged(&self) -> Charged {
        match self {
            Self::Match { charged, .. }
            | Self::NoMatch { charged }
            | Self::Ambiguous { charged, .. }
            | Self::Pending { charged, .. }
            | Self::Unknown { charged, .. } => *charged,
            Self::RateLimited { .. }
            | Self::Transient { .. }
            | Self::Permanent { .. }
            | Self::AccountStop { .. }
            | Self::ContractRequired => Charged::No,
        }
    }

    /// Whether the same call may be made again without anybody looking at it first. False for
    /// [`Unknown`](Self::Unknown) above all.
    pub const fn may_repeat(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Transient { .. })
    }

    /// Whether the vendor answered the question: it need not be asked again, and the answer is worth keeping.
    pub const fn is_answer(&self) -> bool {
        matches!(
            self,
            Self::Match { .. } | Self::NoMatch { .. } | Self::Ambiguous { .. } | Self::Pending { .. }
        )
    }

    /// Whether the vendor (not the request) failed: what opens a circuit.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Transient { .. } | Self::Unknown { .. })
    }

    /// Its word for logs, metrics and the database.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Match { .. } => "match",
            Self::NoMatch { .. } => "no_match",
            Self::Ambiguous { .. } => "ambiguous",
            Self::RateLimited { .. } => "rate_limited",
            Self::Transient { .. } => "transient",
            Self::Permanent { .. } => "permanent",
            Self::AccountStop { .. } => "account_stop",
            Self::Pending { .. } => "pending",
            Self::Unknown { .. } => "unknown",
            Self::ContractRequired => "contract_required",
        }
    }
}

/// How a call ended.
#[derive(Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// One verdict for each subject of the call, in the order in which they were asked about.
    pub verdicts: Vec<(SubjectKey, Verdict)>,
    /// What the headers tell of the account's limits.
    pub usage: UsageHeaders,
    /// The body of the answer as it came; empty where none came. Personal data: to be stored encrypted.
    pub raw: Bytes,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
}

impl CallOutcome {
    /// No call, and nobody to answer about.
    pub(super) fn none() -> Self {
        Self { verdicts: Vec::new(), usage: UsageHeaders::default(), raw: Bytes::new(), status: None }
    }

    /// The same verdict for everybody.
    pub(super) fn for_all(keys: impl IntoIterator<Item = SubjectKey>, verdict: &Verdict) -> Self {
        Self { verdicts: keys.into_iter().map(|key| (key, verdict.clone())).collect(), ..Self::none() }
    }

    /// The most the call can have cost, in micro-dollars.
    pub fn charged_micros(&self) -> i64 {
        self.verdicts.iter().map(|(_, verdict)| verdict.charged().micros()).sum()
    }

    /// The verdict for a subject.
    pub fn verdict_of(&self, key: SubjectKey) -> Option<&Verdict> {
        self.verdicts.iter().find(|(of, _)| *of == key).map(|(_, verdict)| verdict)
    }
}

impl fmt::Debug for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOutcome")
            .field("verdicts", &self.verdicts)
            .field("usage", &self.usage)
            .field("raw", &format_args!("{} bytes", self.raw.len()))
            .field("status", &self.status)
            .finish()
    }
}
