//! The contracts of a conversation's activities. `activities::conversation` implements them.
//!
//! All are idempotent: an inbox item is classified once, a suggestion is made once for an item, a reply is sent once by the
//! row of its intent, a follow-up happens once for its rule and occasion, and an order is known by its id.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use temporalio_macros::activity_definitions;

use super::messages::{
    ClassifyOutput, CloseInput, ConversationRef, DecideInput, DecideOutput, FollowUpOutput, SendReplyOutput,
    Standing,
};

/// What a conversation asks of the world.
#[derive(Debug)]
pub struct ConversationActivities;

#[activity_definitions]
impl ConversationActivities {
    /// Says what came in: an opt-out before anything else, then what is meant, with what can be read out of it.
    #[activity(name = "conversation.classify")]
    pub fn classify(input: ConversationRef) -> ClassifyOutput {
        unimplemented!()
    }

    /// Puts the conversation where it belongs: bucket, priority, temperature, call queue; lets old suggestions lapse.
    #[activity(name = "conversation.prioritise")]
    pub fn prioritise(input: ConversationRef) -> Standing {
        unimplemented!()
    }

    /// Prepares an answer to what came in last. One that may go out by itself is approved by the rules of the team.
    #[activity(name = "conversation.suggest")]
    pub fn suggest(input: ConversationRef) -> Standing {
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
    pub use super::conversation_activities::{
        Classify, Close, Decide, FollowUp, Prioritise, SendReply, Suggest,
    };
}
