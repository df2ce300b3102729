//! `enrich.plan`: which leads of a page lack what, and whom to ask. Reads only.

use domain::id::CampaignId;
use entities::enrichment;
use entities::waterfall::outcome;
use entities::waterfall::page::{self, Candidate};
use providers::enrichment::{may_change, missing};
use workflows::enrichment::{PageInput, PlanOutput};

use super::mailboxes;
use crate::{Fault, Resources};

/// The leads of a page.
pub(super) async fn load(resources: &Resources, input: PageInput) -> Result<Vec<Candidate>, Fault> {
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let (from, to) = places(input);
    let leads = page::page(&mut tx, input.enrichment.enrichment, from, to).await?;
    tx.commit().await?;
    Ok(leads)
}

/// The campaign that pays for the run with the team.
pub(super) async fn campaign(resources: &Resources, input: PageInput) -> Result<Option<CampaignId>, Fault> {
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let campaign = enrichment::campaign_of(&mut tx, input.enrichment.enrichment).await?;
    tx.commit().await?;
    Ok(campaign)
}

/// The positions of a page's leads: from after the first number to the second.
pub(super) fn places(input: PageInput) -> (i32, i32) {
    let place = |page: u32| i32::try_from(u64::from(page) * u64::from(input.page_leads)).unwrap_or(i32::MAX);
    (place(input.page), place(input.page.saturating_add(1)))
}

/// Whether anything can still be done for the lead in this run.
pub(super) fn is_open(lead: &Candidate) -> bool {
    lead.outcome.is_none() && !missing(&lead.reach()).is_empty()
}

pub(super) async fn plan(resources: &Resources, input: PageInput) -> Result<PlanOutput, Fault> {
    let leads = load(resources, input).await?;
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let total = outcome::leads(&mut tx, input.enrichment.enrichment).await?;
    let mail = mailboxes::any_due(resources, &mut tx, &leads).await?;
    tx.commit().await?;
    let vendors = &resources.vendors;
    let open: Vec<&Candidate> = leads.iter().filter(|lead| is_open(lead)).collect();
    let asked = vendors.rungs().iter().filter_map(|rung| vendors.get(rung.id().as_str())).filter(|vendor| {
        let (gives, later) = (vendor.provider.capabilities().gives, vendors.later_than(vendor));
        open.iter().any(|lead| may_change(&lead.reach(), gives, later))
    });
    let (checks, given) = (vendors.checks(), vendors.given());
    Ok(PlanOutput {
        leads_total: u32::try_from(total).unwrap_or(u32::MAX),
        // A lead that is gone leaves a gap, and the page is there all the same.
        leads: on_page(input, total),
        open: u32::try_from(open.len()).unwrap_or(u32::MAX),
        verify: mail || open.iter().any(|lead| may_change(&lead.reach(), checks, given)),
        rungs: asked.map(|vendor| vendor.word().to_owned()).collect(),
    })
}

/// How many leads of `total` are on the page.
fn on_page(input: PageInput, total: i64) -> u32 {
    let (from, to) = places(input);
    u32::try_from((i64::from(to).min(total) - i64::from(from)).max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use domain::id::{EnrichmentId, TeamId, TypedId};
    use workflows::enrichment::EnrichmentRef;

    use super::*;

    #[test]
    fn the_last_page_is_as_long_as_what_is_left() {
        let nobody = uuid::Uuid::nil();
        let enrichment =
            EnrichmentRef { team: TeamId::from_uuid(nobody), enrichment: EnrichmentId::from_uuid(nobody) };
        let page = |page| PageInput { enrichment, page, page_leads: 250 };
        assert_eq!(places(page(2)), (500, 750));
        assert_eq!((on_page(page(0), 600), on_page(page(2), 600), on_page(page(3), 600)), (250, 100, 0));
    }
}
