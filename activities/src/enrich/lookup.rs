//! `enrich.lookup`: asks one vendor about the leads of a page that it can help. Key: the ledger of calls; what was asked
//! before is not asked again.

use std::time::Duration;

use domain::FailureCode;
use entities::waterfall::page::Candidate;
use providers::enrichment::{Subject, Wanted, may_change, missing};
use workflows::enrichment::{LookupInput, LookupOutput};

use super::ask::{self, Asking, Question, UnderWay};
use super::plan;
use super::subject::{call_subject_of, subject_of};
use super::vendors::Vendor;
use crate::{Fault, Resources};

/// The product of every rung: whoever was asked how somebody can be reached is not asked again.
pub(super) const PRODUCT: &str = "contact";

pub(super) async fn lookup(
    resources: &Resources,
    input: LookupInput,
    claimed_by: String,
) -> Result<LookupOutput, Fault> {
    let vendors = &resources.vendors;
    let Some(vendor) = vendors.get(&input.provider) else {
        return Err(Fault::permanent(
            FailureCode::SystemInternal,
            format!("this worker has no key for {}; configure all workers alike", input.provider),
        ));
    };
    let later = vendors.later_than(vendor);
    let leads = plan::load(resources, input.page).await?;
    let mut done = LookupOutput::default();
    let mut questions = Vec::new();
    for lead in leads.iter().filter(|lead| plan::is_open(lead)) {
        match question(lead, vendor, later) {
            Asked::Ask(question) => questions.push(*question),
            Asked::Lacks => done.lacking += 1,
            Asked::Nothing => done.skipped += 1,
        }
    }
    let asking = Asking {
        resources: resources.clone(),
        vendor: vendor.clone(),
        product: PRODUCT,
        run: input.page.enrichment,
        campaign: plan::campaign(resources, input.page).await?,
        claimed_by,
        late: Duration::from_millis(input.late_ms),
        under_way: UnderWay::default(),
    };
    let asked = ask::ask(asking, questions).await?;
    ask::add(&mut done, &asked);
    if done.skipped > 0 || done.lacking > 0 {
        tracing::info!(
            provider = input.provider,
            skipped = done.skipped,
            lacking = done.lacking,
            "leads that the vendor could not have helped were not asked about"
        );
    }
    Ok(done)
}

/// Whether and how a vendor is asked about a lead.
pub(super) enum Asked {
    /// So.
    Ask(Box<Question>),
    /// The lead tells too little for this vendor.
    Lacks,
    /// Nothing it could say would change how the lead ends.
    Nothing,
}

/// The question about a lead: only for what is missing, and only where the answer may change something.
pub(super) fn question(lead: &Candidate, vendor: &Vendor, later: Wanted) -> Asked {
    let gives = vendor.provider.capabilities().gives;
    if !may_change(&lead.reach(), gives, later) {
        return Asked::Nothing;
    }
    let wanted = Wanted { line_type: false, ..missing(&lead.reach()).and(gives) };
    let subject: Subject = subject_of(&lead.known);
    if vendor.provider.requirements(&subject, wanted).is_err() {
        return Asked::Lacks;
    }
    Asked::Ask(Box::new(Question {
        hash: vendor.provider.request_hash(&subject, wanted),
        about: call_subject_of(&lead.known),
        lead: lead.known.lead,
        persona: lead.known.persona,
        subject,
        wanted,
    }))
}
