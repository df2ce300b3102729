//! The ledger of paid calls: one row per question to a vendor about one subject.
//!
//! A call is claimed before it is made ([`claim()`]), noted as leaving ([`leave`]), and noted with how it ended ([`finish`],
//! [`give_back`]). Whoever comes to ask the same meanwhile, or within the time for which the answer is good, finds the row
//! and does not pay. A row whose worker died after the bytes may have left is `unknown`, and nobody claims it again.
//!
//! ```text
//! claimed ── leave ──▶ in_flight ── finish ──▶ match no_match ambiguous permanent pending unknown
//!    │                    │                                                 └─ finish ─▶ match no_match …
//!    └── give_back ───────┴──▶ released (may be claimed again)
//! ```

mod answer;
mod claim;
mod late;
mod left_behind;
mod stats;
mod unknown;

use chrono::{DateTime, Utc};
use domain::id::{LeadId, PersonaId, ProviderCallId, TypedId};
use domain::money::MicroDollars;
use domain::named_enum;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use answer::{Finished, extend, finish, give_back, leave, leave_together, set_reserved};
pub use claim::{Ask, Claim, claim};
pub use late::{LateCall, await_later, find_late};
pub use left_behind::{Abandoned, abandon, left_behind};
pub use stats::{ProviderStats, stats};
pub use unknown::{UnknownCall, list_unknown, resolve_unknown};

named_enum! {
    /// How far a call has come.
    CallState {
        /// Somebody is about to make it; nothing has left.
        Claimed = "claimed",
        /// It may have left.
        InFlight = "in_flight",
        /// Somebody was found.
        Match = "match",
        /// Nobody was found.
        NoMatch = "no_match",
        /// Somebody was found, and the evidence does not say who of them it is.
        Ambiguous = "ambiguous",
        /// Part of the answer comes later.
        Pending = "pending",
        /// It left, and nobody knows what came of it: possibly charged.
        Unknown = "unknown",
        /// The vendor refuses it and will again.
        Permanent = "permanent",
        /// It certainly was neither answered nor charged.
        Released = "released",
    }
}

/// Whom a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallSubject {
    /// A person, and everybody who was merged into it.
    Persona(PersonaId),
    /// A lead without a person.
    Lead(LeadId),
    /// A phone or e-mail address by itself.
    Point(PointKey),
}

/// A phone or e-mail address, known by the first sixteen bytes of its SHA-256: the ledger holds no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PointKey(Uuid);

impl PointKey {
    /// The key of a point in its one form: E.164, or lower case.
    pub fn of(point: &str) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Sha256::digest(point)[..16]);
        Self(Uuid::from_bytes(bytes))
    }

    /// `provider_calls.subject_id` of calls about it.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl CallSubject {
    /// `provider_calls.subject_kind` and `subject_id`.
    fn columns(self) -> (&'static str, Uuid) {
        match self {
            Self::Persona(id) => ("persona", id.uuid()),
            Self::Lead(id) => ("lead", id.uuid()),
            Self::Point(key) => ("point", key.0),
        }
    }
}

/// What is known of a call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The call: [`crate::enrichment::raw_results`] has what the vendor said, where it said anything.
    pub call: ProviderCallId,
    /// How it ended.
    pub state: CallState,
    /// The adapter's word for it.
    pub verdict: Option<String>,
    /// When it was answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// Until when it spares another call; `None` for an unknown outcome, which spares all until somebody resolves it.
    pub valid_until: Option<DateTime<Utc>>,
    /// What it cost, as far as that is known.
    pub cost: Option<MicroDollars>,
    /// Until when the rest of a pending answer is awaited.
    pub late_deadline: Option<DateTime<Utc>>,
}
