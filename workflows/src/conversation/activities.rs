//! The contracts of a conversation's activities. `activities::conversation` implements them.
//!
//! All are idempotent: an inbox item is classified and placed once, a suggestion is made once for an item, a reply is sent once by
//! the row of its intent, a follow-up happens once for its rule and occasion, and an order is known by its id.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use temporalio_macros::activity_definitions;

use super::messages::{
    CloseInput, ConversationRef, DecideInput, DecideOutput, FollowUpOutput, SendReplyOutput, Standing,
};

/// What a conversation asks of the world.
#[derive(Debug)]
pub struct ConversationActivities;

#[activity_definitions]
impl ConversationActivities {
    /// Sees to what came in: says what it is, opt-outs before anything else, puts it where it belongs, plans what is to follow upon
    /// silence, prepares an answer, and lets old ones lapse. The relay has done so before it tells of a message; this is for what
    /// else may have changed.
    #[activity(name = "conversation.attend")]
    pub fn attend(input: ConversationRef) -> Standing {
        unimplemented!()
    }

    /// Sends what was approved, through the gate; asks the vendor after what nobody knows of.
    #[activity(name = "conversation.send_reply")]
    pub fn send_reply(input: ConversationRef) -> SendReplyOutput {
        unimplemented!()
    }

    /// Does the follow-ups whose time has come.
    #[activity(name = "conversation.follow_up")]
    pub fn follow_up(input: ConversationRef) -> FollowUpOutput {
        unimplemented!()
    }

    /// Asks the team's language model what the rules leave open, and for the words of a suggestion that waits; puts down what
    /// it says, for a person. Whatever goes wrong with the model changes nothing.
    #[activity(name = "conversation.consult")]
    pub fn consult(input: ConversationRef) -> Standing {
        unimplemented!()
    }

    /// Carries out what a person decided about the conversation or a suggestion.
    #[activity(name = "conversation.decide")]
    pub fn decide(input: DecideInput) -> DecideOutput {
        unimplemented!()
    }

    /// Ends the conversation.
    #[activity(name = "conversation.close")]
    pub fn close(input: CloseInput) -> Standing {
        unimplemented!()
    }
}

/// The markers by which an implementation names the contract it fulfils.
pub mod conversation_activity {
    pub use super::conversation_activities::{Attend, Close, Consult, Decide, FollowUp, SendReply};
}
