//! Where a reply goes: its place in the inbox, what is done about it first, and who can.

use super::{Classification, Intent, Temperature};
use crate::named::named_enum;

named_enum! {
    /// What should be done about a reply first.
    SuggestedAction {
        /// Call them.
        Call = "call",
        /// Send what was promised to the address that was given.
        SendDeliverable = "send_deliverable",
        /// Answer by text.
        SendReply = "send_reply",
        /// Answer what is asked.
        AnswerQuestion = "answer_question",
        /// Say why, and leave it at that.
        HandleObjection = "handle_objection",
        /// Nothing: they are suppressed. A person looks whether that is what was meant.
        ConfirmOptOut = "confirm_opt_out",
        /// Take the number from the lead.
        CorrectNumber = "correct_number",
        /// Note that it was seen.
        Acknowledge = "acknowledge",
        /// Put it away.
        Archive = "archive",
        /// Read it: nobody else has understood it.
        Review = "review",
    }
}

named_enum! {
    /// What somebody must be able to do who takes a call.
    Skill {
        /// Talk in Spanish.
        Spanish = "spanish",
        /// Book and close.
        Closing = "closing",
    }
}

/// The place of a reply in the inbox, 0 to 100: seven tenths what it is, three tenths whose it is. A lead without a score
/// counts as 0.
pub fn priority_score(intent: Intent, lead_score: u8) -> u8 {
    let tenths = u16::from(intent.priority()) * 7 + u16::from(lead_score.min(100)) * 3;
    u8::try_from((tenths + 5) / 10).unwrap_or(100)
}

impl SuggestedAction {
    /// What should be done first about a reply that was taken for this.
    pub fn of(reply: &Classification, temperature: Temperature) -> Self {
        match reply.intent {
            Intent::OptOut => Self::ConfirmOptOut,
            Intent::WrongNumber => Self::CorrectNumber,
            Intent::CalledPhoneLine => Self::Call,
            Intent::EmailCapture => Self::SendDeliverable,
            _ if reply.needs_person => Self::Review,
            Intent::Interested if reply.extracted.call_me || temperature == Temperature::Hot => Self::Call,
            Intent::Interested => Self::SendReply,
            Intent::Question => Self::AnswerQuestion,
            Intent::NotInterested => Self::Archive,
            Intent::ThankYou => Self::Acknowledge,
            Intent::Other => Self::Review,
            Intent::ObjectionServed
            | Intent::ObjectionTiming
            | Intent::ObjectionPrice
            | Intent::ObjectionTrust => Self::HandleObjection,
        }
    }

    /// Whether somebody has to call: the reply gets a place in the call queue.
    pub const fn is_call(self) -> bool {
        matches!(self, Self::Call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_score_is_seven_tenths_and_three_tenths() {
        for (intent, lead, expected) in [
            (Intent::EmailCapture, 100, 100),
            (Intent::EmailCapture, 0, 70),
            (Intent::CalledPhoneLine, 50, 82),
            (Intent::Interested, 80, 59),
            (Intent::Other, 0, 0),
            (Intent::Other, 100, 30),
        ] {
            assert_eq!(priority_score(intent, lead), expected, "{intent} {lead}");
        }
    }

    proptest! {
        #[test]
        fn it_never_leaves_its_range_and_rises_with_the_lead(at in 0..Intent::ALL.len(), lead in 0u8..=254) {
            let intent = Intent::ALL[at];
            prop_assert!(priority_score(intent, lead) <= 100);
            prop_assert!(priority_score(intent, lead) <= priority_score(intent, lead + 1));
        }
    }
}
