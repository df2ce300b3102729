//! The contracts of the enrichment's activities. `activities::enrichment` implements them.
//!
//! All are idempotent: what was asked of a vendor is in the ledger of calls and is not asked again, and what was
//! found is merged by what it is, however often.
#![expect(
    clippy::unimplemented,
    reason = "the SDK wants the body of a contract to be exactly this; it is never called"
)]
#![expect(missing_docs, reason = "the macro makes undocumented constants of the documented contracts")]

use temporalio_macros::activity_definitions;

use super::messages::{
    FinishInput, LookupInput, LookupOutput, MergeInput, MergeOutput, PageInput, PlanOutput,
};

/// What an enrichment asks of the world.
#[derive(Debug)]
pub struct EnrichmentActivities;

#[activity_definitions]
impl EnrichmentActivities {
    /// Which leads of a page lack what, and whom to ask. Asks nobody.
    #[activity(name = "enrich.plan")]
    pub fn plan(input: PageInput) -> PlanOutput {
        unimplemented!()
    }

    /// Asks one vendor about the leads of a page that it can help. On the vendor's own queue.
    #[activity(name = "enrich.lookup")]
    pub fn lookup(input: LookupInput) -> LookupOutput {
        unimplemented!()
    }

    /// What kind of line the page's numbers are, and whether its e-mail addresses take mail.
    #[activity(name = "enrich.verify")]
    pub fn verify(input: PageInput) -> LookupOutput {
        unimplemented!()
    }

    /// Attaches what was found to the people it is about; scores; ends leads.
    #[activity(name = "enrich.merge")]
    pub fn merge(input: MergeInput) -> MergeOutput {
        unimplemented!()
    }

    /// Makes up the account of the run.
    #[activity(name = "enrich.finish")]
    pub fn finish(input: FinishInput) -> () {
        unimplemented!()
    }
}

/// The markers by which an implementation names the contract it fulfils.
pub mod enrichment_activity {
    pub use super::enrichment_activities::{Finish, Lookup, Merge, Plan, Verify};
}
