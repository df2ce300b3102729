//! The contracts of a deliverable's activities. `activities::deliverable` implements them.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use temporalio_macros::activity_definitions;

use super::messages::{DeliverableRef, Delivered};

/// What a deliverable asks of the world.
#[derive(Debug)]
pub struct DeliverableActivities;

#[activity_definitions]
impl DeliverableActivities {
    /// Sends what somebody wrote for it; where nobody has, puts it before a person of the queue that makes such things.
    /// Idempotent by the row of the letter: what may have left is not sent again, and what is handed over stays so.
    #[activity(name = "deliverable.send")]
    pub fn send(input: DeliverableRef) -> Delivered {
        unimplemented!()
    }

    /// Puts it before a person, because it could not be sent. Idempotent by the row.
    #[activity(name = "deliverable.hand_over")]
    pub fn hand_over(input: DeliverableRef) -> Delivered {
        unimplemented!()
    }
}

/// The markers by which an implementation names the contract it fulfils.
pub mod deliverable_activity {
    pub use super::deliverable_activities::{HandOver, Send};
}
