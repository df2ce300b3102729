//! The ledger of what is sent: one row, an *intent*, is one text that is meant to go out once.
//!
//! An intent is planned, found due, judged by the gate, claimed, and begun by one last check right before the call
//! ([`begin`]); what came of the call is settled at once. So whoever dies leaves a row that says what may have happened:
//! a claim that was never begun goes back ([`reclaim`]), a call that was begun is `unknown` until the vendor's own records
//! say what became of it. All of it is set-wise, and the table's triggers refuse states that do not follow each other
//! (`docs/adr/0023-send-ledger.md`).

mod begin;
mod claim;
mod give_back;
mod plan;
mod recover;
mod reply;
mod settle;

use domain::named_enum;

pub use begin::{Begun, Stop, Stopped, begin, extend};
pub use claim::{Claim, Due, Hold, Skip, claim, due, hold, skip};
pub use give_back::give_back;
pub use plan::{Planned, cancel_all, plan};
pub use recover::{Open, Reclaimed, UnknownIntent, open, reclaim, unknowns};
pub use reply::{
    DueReply, ReplyStop, ask_later, begin_reply, due_replies, plan_replies, reclaim_replies, tell_suggestion,
    tidy_replies, unknown_replies,
};
pub use settle::{Outcome, Settled, Settlement, settle};

/// How often a text is tried at the most.
pub const MAX_ATTEMPTS: i16 = 3;

named_enum! {
    /// How far an intent has come.
    IntentState {
        /// Nothing was done yet.
        Planned = "planned",
        /// The gate said not yet.
        Held = "held",
        /// Somebody is about to call. Nothing has left.
        Claimed = "claimed",
        /// The call may have left.
        Calling = "calling",
        /// The vendor took it.
        Accepted = "accepted",
        /// The vendor did not take it, for good.
        Refused = "refused",
        /// It left, and nobody knows what came of it.
        Unknown = "unknown",
        /// The gate said never.
        Skipped = "skipped",
        /// The campaign ended, or the person opted out, before the call.
        Cancelled = "cancelled",
    }
}

impl IntentState {
    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Accepted | Self::Refused | Self::Skipped | Self::Cancelled)
    }

    /// Whether an intent in this state may come into that one; `send_intent_may_become` says the same in SQL.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Planned => matches!(next, Self::Held | Self::Claimed | Self::Skipped | Self::Cancelled),
            Self::Held => matches!(next, Self::Planned | Self::Claimed | Self::Skipped | Self::Cancelled),
            Self::Claimed => {
                matches!(next, Self::Planned | Self::Held | Self::Calling | Self::Skipped | Self::Cancelled)
            }
            Self::Calling => {
                matches!(next, Self::Accepted | Self::Refused | Self::Unknown | Self::Planned)
            }
            Self::Unknown => matches!(next, Self::Accepted | Self::Refused | Self::Planned),
            Self::Accepted | Self::Refused | Self::Skipped | Self::Cancelled => false,
        }
    }
}

/// A time of the program as microseconds for the database.
fn micros(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
