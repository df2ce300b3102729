//! How far a conversation is.

use super::Intent;
use crate::named::named_enum;

named_enum! {
    /// How far a conversation is: what an answer has to do.
    Stage {
        /// The first reply.
        ColdOpen = "cold_open",
        /// Something was said, nothing decided.
        WarmingUp = "warming_up",
        /// Is interested.
        HotResponse = "hot_response",
        /// Has something against it.
        HandlingPushback = "handling_pushback",
        /// Has been going on for a while.
        FollowUp = "follow_up",
    }
}

/// More messages than this from the other side, and what was said is followed up.
const A_WHILE: u32 = 3;

impl Stage {
    /// The stage of a conversation with so many messages from the other side, the one that is answered included, the last of
    /// them of this intent.
    pub const fn of(messages: u32, last: Intent) -> Self {
        match last {
            _ if messages <= 1 => Self::ColdOpen,
            Intent::Interested => Self::HotResponse,
            _ if last.is_objection() => Self::HandlingPushback,
            _ if messages > A_WHILE => Self::FollowUp,
            _ => Self::WarmingUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_last_goes_before_how_often() {
        for (messages, last, expected) in [
            (0, Intent::Other, Stage::ColdOpen),
            (1, Intent::Interested, Stage::ColdOpen),
            (2, Intent::Interested, Stage::HotResponse),
            (9, Intent::Interested, Stage::HotResponse),
            (2, Intent::ObjectionPrice, Stage::HandlingPushback),
            (3, Intent::Question, Stage::WarmingUp),
            (4, Intent::Question, Stage::FollowUp),
        ] {
            assert_eq!(Stage::of(messages, last), expected, "{messages} {last}");
        }
    }
}
