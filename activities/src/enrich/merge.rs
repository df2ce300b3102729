//! `enrich.merge`: attaches what was found, and ends leads. Key: what is merged is merged by what it is, however often.

use std::collections::BTreeMap;

use entities::enrichment::contact_points::{FoundPoint, PointKind};
use entities::waterfall::answer::{self, KeptPart};
use entities::waterfall::ledger;
use entities::waterfall::page::Candidate;
use uuid::Uuid;
use workflows::enrichment::{MergeInput, MergeOutput, PageInput};

use super::harvest::Harvest;
use super::kept::Kept;
use super::lookup::{Asked, question};
use super::subject::key_of;
use super::vendors::Vendor;
use super::{attach, close, late, plan};
use crate::{Fault, Resources};

pub(super) async fn merge(resources: &Resources, input: MergeInput) -> Result<MergeOutput, Fault> {
    let mut done = MergeOutput::default();
    if let (Some(page), Some(word)) = (input.page, &input.provider)
        && let Some(vendor) = resources.vendors.get(word)
    {
        of_page(resources, page, vendor, &mut done).await?;
    }
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let mut arrived = ledger::delivered(&mut tx, input.enrichment.enrichment).await?;
    tx.commit().await?;
    arrived.extend(&input.arrived);
    if !arrived.is_empty() {
        late::apply(resources, input.enrichment, &arrived, &mut done).await?;
    }
    if let Some(page) = input.page.filter(|_| input.close) {
        close::page(resources, page, &input.held, &mut done).await?;
    }
    if input.give_up {
        late::give_up(resources, input.enrichment, &mut done).await?;
    }
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let awaited = ledger::awaited(&mut tx, input.enrichment.enrichment).await?;
    tx.commit().await?;
    done.awaited = u32::try_from(awaited.len()).unwrap_or(u32::MAX);
    Ok(done)
}

/// Attaches a vendor's answers about the leads of a page.
async fn of_page(
    resources: &Resources,
    page: PageInput,
    vendor: &Vendor,
    done: &mut MergeOutput,
) -> Result<(), Fault> {
    let leads = plan::load(resources, page).await?;
    let later = resources.vendors.later_than(vendor);
    // An answer to the very same question about somebody else's record is this lead's answer, too.
    let hashes: BTreeMap<Uuid, Vec<u8>> = leads
        .iter()
        .filter_map(|lead| match question(lead, vendor, later) {
            Asked::Ask(question) => Some((key_of(&lead.known), question.hash.to_vec())),
            Asked::Lacks | Asked::Nothing => None,
        })
        .collect();
    let subjects: Vec<Uuid> = leads.iter().map(|lead| key_of(&lead.known)).collect();
    let judge = attach::judge(&resources.db, page.enrichment.team).await?;
    let mut tx = resources.db.team_bulk(page.enrichment.team).await?;
    let requests: Vec<Vec<u8>> = hashes.values().cloned().collect();
    let parts = answer::about(&mut tx, vendor.word(), &subjects, &requests).await?;
    let mut harvest = Harvest::default();
    for lead in leads.iter().filter(|lead| lead.outcome.is_none()) {
        let key = key_of(&lead.known);
        let about = |part: &&KeptPart| {
            part.part == 0
                && (part.subject_id == key || hashes.get(&key).is_some_and(|hash| *hash == part.request_hash))
        };
        for part in parts.iter().filter(about) {
            take(resources, &mut harvest, lead, part, &judge)?;
        }
    }
    done.merged = u32::try_from(harvest.merged.len()).unwrap_or(u32::MAX);
    done.strangers = harvest.strangers;
    let mail = resources.mailboxes.is_some();
    let to_verify = |point: &FoundPoint| !point.verified || (mail && point.kind == PointKind::Email);
    done.verify = harvest.points.iter().any(to_verify);
    attach::attach(&mut tx, vendor.word(), harvest).await?;
    tx.commit().await?;
    Ok(())
}

fn take(
    resources: &Resources,
    harvest: &mut Harvest,
    lead: &Candidate,
    part: &KeptPart,
    judge: &super::harvest::Judge,
) -> Result<(), Fault> {
    let kept = Kept::open(&resources.vendors.keys, &part.key_id, &part.raw)?;
    match (&kept.result, part.state.as_str()) {
        // Nobody knows which of them it is: recorded, not attached.
        (Some(result), "ambiguous") => {
            harvest.strangers += u32::try_from(result.persons.len()).unwrap_or(u32::MAX);
        }
        (Some(result), _) => harvest.take(lead, result, judge),
        (None, _) => {}
    }
    Ok(())
}
