//! The contracts of a pull's activities. `activities::pull` implements them.
//!
//! All are idempotent: a page of a pull is asked for once and stored once, however often the activity runs.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use temporalio_macros::activity_definitions;

use super::messages::{BeginOutput, FetchInput, FinishInput, PageOutput, PullRef};

/// What a pull asks of the world.
#[derive(Debug)]
pub struct PullActivities;

#[activity_definitions]
impl PullActivities {
    /// Begins the pull and says where in the list.
    #[activity(name = "pull.begin")]
    pub fn begin(input: PullRef) -> BeginOutput {
        unimplemented!()
    }

    /// Asks for one page and makes leads of its records. On the vendor's own queue.
    #[activity(name = "pull.fetch_page")]
    pub fn fetch_page(input: FetchInput) -> PageOutput {
        unimplemented!()
    }

    /// Ends the pull, unless its last page did.
    #[activity(name = "pull.finish")]
    pub fn finish(input: FinishInput) -> PageOutput {
        unimplemented!()
    }
}

/// The markers by which an implementation names the contract it fulfils.
pub mod pull_activity {
    pub use super::pull_activities::{Begin, FetchPage, Finish};
}
