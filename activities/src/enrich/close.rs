//! How leads end.

use std::collections::{BTreeMap, HashMap};

use domain::FailureCode;
use domain::enrichment::Standing;
use domain::id::LeadId;
use entities::BulkTransaction;
use entities::enrichment::leads::{self as run_leads, Ended, LeadOutcome};
use entities::enrichment::settle;
use entities::waterfall::ledger::{self, LastAsked};
use entities::waterfall::outcome;
use entities::waterfall::page::{self, Candidate};
use providers::enrichment::may_change;
use uuid::Uuid;
use workflows::enrichment::{EnrichmentRef, Held, MergeOutput, PageInput};

use super::plan::places;
use super::subject::key_of;
use crate::{Fault, Resources};

/// How many leads end in one transaction.
const TOGETHER: i64 = 250;

/// Ends the leads of a page, but for those of whom a part of an answer is still to come.
pub(super) async fn page(
    resources: &Resources,
    input: PageInput,
    held: &[Held],
    done: &mut MergeOutput,
) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let (from, to) = places(input);
    let leads = page::page(&mut tx, input.enrichment.enrichment, from, to).await?;
    end(resources, &mut tx, input.enrichment, &leads, held, false, done).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all leads of the run that have not ended: nothing is waited for any more.
pub(super) async fn rest(
    resources: &Resources,
    run: EnrichmentRef,
    done: &mut MergeOutput,
) -> Result<(), Fault> {
    let mut after = 0;
    loop {
        let mut tx = resources.db.team_bulk(run.team).await?;
        let leads = page::open(&mut tx, run.enrichment, after, TOGETHER).await?;
        let Some(last) = leads.last() else { return Ok(()) };
        after = last.position;
        end(resources, &mut tx, run, &leads, &[], true, done).await?;
        tx.commit().await?;
    }
}

/// Ends those of the leads that can end now.
pub(super) async fn end(
    resources: &Resources,
    tx: &mut BulkTransaction,
    run: EnrichmentRef,
    leads: &[Candidate],
    held: &[Held],
    give_up: bool,
    done: &mut MergeOutput,
) -> Result<(), Fault> {
    let open: Vec<&Candidate> = leads.iter().filter(|lead| lead.outcome.is_none()).collect();
    let subjects: Vec<Uuid> = open.iter().map(|lead| key_of(&lead.known)).collect();
    let asked: HashMap<Uuid, LastAsked> = ledger::last_asked(tx, run.enrichment, &subjects)
        .await?
        .into_iter()
        .map(|asked| (asked.subject_id, asked))
        .collect();
    let (mut ended, mut settled, mut waiting): (Vec<Ended>, Vec<LeadId>, Vec<LeadId>) = Default::default();
    for lead in open {
        let asked = asked.get(&key_of(&lead.known));
        let Some((outcome, reason)) = how(resources, lead, asked, held, give_up) else { continue };
        if outcome == LeadOutcome::OnHold {
            waiting.push(lead.known.lead);
        } else {
            settled.push(lead.known.lead);
        }
        ended.push(Ended {
            position: lead.position,
            outcome,
            last_rung: asked.filter(|asked| asked.by_this_run).map(|asked| asked.provider.clone()),
            reason: reason.map(str::to_owned),
        });
    }
    // Whoever waits keeps the status it had; facts and quality are as they are.
    outcome::rescore(tx, &waiting).await?;
    settle::settle(tx, &settled).await?;
    run_leads::record(tx, run.enrichment, &ended).await?;
    let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
    for one in &ended {
        *counts.entry(one.outcome.as_str()).or_default() += 1;
    }
    for (outcome, leads) in counts {
        *done.outcomes.entry(outcome.to_owned()).or_default() += leads;
    }
    Ok(())
}

/// How a lead ends, and why; `None` where a part of an answer may still change it.
fn how(
    resources: &Resources,
    lead: &Candidate,
    asked: Option<&LastAsked>,
    held: &[Held],
    give_up: bool,
) -> Option<(LeadOutcome, Option<&'static str>)> {
    let reach = lead.reach();
    let standing = reach.standing();
    if standing == Standing::Contactable {
        return Some((LeadOutcome::Contactable, None));
    }
    if lead.known.forbidden {
        return Some((LeadOutcome::DoNotContact, Some("forbidden")));
    }
    let awaited = asked.is_some_and(|asked| asked.awaited);
    if awaited && !give_up {
        return None;
    }
    let might_help = |held: &&Held| {
        let vendors = &resources.vendors;
        let gives = vendors.get(&held.provider).map_or(vendors.checks(), |v| v.provider.capabilities().gives);
        // Whoever answered about this lead has said what it knows.
        let answered = asked.is_some_and(|asked| asked.answered_by.contains(&held.provider));
        !answered && may_change(&reach, gives, vendors.given())
    };
    if let Some(held) = held.iter().find(might_help) {
        return Some((LeadOutcome::OnHold, Some(held.code.as_str())));
    }
    if asked.is_some_and(|asked| asked.unknown) {
        return Some((LeadOutcome::OnHold, Some(FailureCode::EnrichApiTimeout.as_str())));
    }
    let outcome = match standing {
        Standing::Contactable => LeadOutcome::Contactable,
        Standing::Enriched => LeadOutcome::Enriched,
        Standing::DoNotContact => LeadOutcome::DoNotContact,
    };
    let reason = if awaited {
        Some(FailureCode::EnrichPartialResponse.as_str())
    } else if asked.is_some_and(|asked| asked.found) {
        None
    } else {
        Some(FailureCode::EnrichNoResults.as_str())
    };
    Some((outcome, reason))
}
