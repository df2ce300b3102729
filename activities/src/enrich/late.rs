//! What vendors send later: applied when it comes, given up when it does not.

use std::collections::BTreeMap;

use domain::FailureCode;
use domain::id::{ProviderCallId, TypedId};
use domain::money::MicroDollars;
use entities::provider_call::{self, CallState, Finished};
use entities::waterfall::answer::{self, KeptPart};
use entities::waterfall::{ledger, page};
use entities::{BulkTransaction, budget};
use providers::enrichment::{Evidence, FoundPerson, LateAnswer, ProviderId, UniversalSkipResult, later};
use uuid::Uuid;
use workflows::enrichment::{EnrichmentRef, MergeOutput};

use super::harvest::Harvest;
use super::kept::{self, Kept};
use super::{attach, close};
use crate::{Fault, Resources};

/// One call of a delivery's batch.
struct Call {
    id: ProviderCallId,
    subject: Uuid,
    provider: String,
    state: String,
    /// What the part cost that came at once.
    first_cost: MicroDollars,
    /// What came at once.
    first: Option<UniversalSkipResult>,
    person_id: Option<String>,
    late: Vec<LateAnswer>,
}

/// Applies deliveries that are kept: attaches what is in them, settles what they cost, ends their leads.
pub(super) async fn apply(
    resources: &Resources,
    run: EnrichmentRef,
    arrived: &[ProviderCallId],
    done: &mut MergeOutput,
) -> Result<(), Fault> {
    let judge = attach::judge(&resources.db, run.team).await?;
    let ids: Vec<Uuid> = arrived.iter().map(|call| call.uuid()).collect();
    let mut tx = resources.db.team_bulk(run.team).await?;
    let parts = answer::of_calls(&mut tx, &ids).await?;
    let calls = by_call(resources, &parts)?;
    let subjects: Vec<Uuid> = calls.iter().map(|call| call.subject).collect();
    let leads = page::about(&mut tx, run.enrichment, &subjects).await?;
    let mut harvests: BTreeMap<&str, Harvest> = BTreeMap::new();
    for call in calls.iter().filter(|call| !call.late.is_empty()) {
        let persons: Vec<FoundPerson> =
            call.late.iter().map(|late| named(call, late.person.clone())).collect();
        let result = UniversalSkipResult { persons, ..UniversalSkipResult::default() };
        let harvest = harvests.entry(&call.provider).or_default();
        for lead in leads.iter().filter(|lead| super::subject::key_of(&lead.known) == call.subject) {
            harvest.take(lead, &result, &judge);
        }
    }
    for (provider, harvest) in harvests {
        done.merged += u32::try_from(harvest.merged.len()).unwrap_or(u32::MAX);
        done.strangers += harvest.strangers;
        attach::attach(&mut tx, provider, harvest).await?;
    }
    let mut known = Vec::new();
    for call in calls.iter().filter(|call| call.state == CallState::Pending.as_str() && !call.late.is_empty())
    {
        let cost = MicroDollars::new(call.first_cost.micros() + late_cost(call).micros());
        let found = call.first.as_ref().is_some_and(|first| !first.is_empty())
            || call.late.iter().any(|late| !late.person.phones.is_empty() || !late.person.emails.is_empty());
        if finish(&mut tx, call.id, found, "later", cost).await? {
            known.push((call.id, cost));
        }
    }
    // What was given up and counted as charged has come after all: now it is known what it cost.
    for call in calls.iter().filter(|call| call.state == CallState::Match.as_str() && !call.late.is_empty()) {
        if let Some(cost) = ledger::rest_came(&mut tx, call.id, late_cost(call)).await? {
            known.push((call.id, cost));
        }
    }
    for (call, cost) in known {
        budget::correct(&mut tx, call, cost).await?;
    }
    tx.commit().await?;

    // With what was attached now, some can end.
    let mut tx = resources.db.team_bulk(run.team).await?;
    let leads = page::about(&mut tx, run.enrichment, &subjects).await?;
    let (ended, open): (Vec<_>, Vec<_>) = leads.into_iter().partition(|lead| lead.outcome.is_some());
    let reachable: Vec<_> = open
        .into_iter()
        .filter(|lead| lead.reach().standing() == domain::enrichment::Standing::Contactable)
        .collect();
    close::end(resources, &mut tx, run, &reachable, &[], false, done).await?;
    // Those that ended without it are as they are now known.
    let ids: Vec<_> = ended.iter().map(|lead| lead.known.lead).collect();
    entities::enrichment::settle::settle(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(())
}

/// What the later part of a call cost. One delivery may be repeated with the same person in it: it counts once.
fn late_cost(call: &Call) -> MicroDollars {
    MicroDollars::new(call.late.iter().map(|late| late.charged.micros()).max().unwrap_or(0))
}

/// Goes on without what did not come. What was put aside for it counts as spent: the vendor may have charged it, and its
/// delivery got lost.
pub(super) async fn give_up(
    resources: &Resources,
    run: EnrichmentRef,
    done: &mut MergeOutput,
) -> Result<(), Fault> {
    close::rest(resources, run, done).await?;
    settle_awaited(resources, run).await
}

/// Counts as spent what was put aside for answers that did not come.
pub(super) async fn settle_awaited(resources: &Resources, run: EnrichmentRef) -> Result<(), Fault> {
    let mut tx = resources.db.team_bulk(run.team).await?;
    let awaited = ledger::awaited(&mut tx, run.enrichment).await?;
    let calls: Vec<ProviderCallId> = awaited.iter().map(|call| call.call).collect();
    ledger::keep_first_cost(&mut tx, &calls).await?;
    for call in &awaited {
        let cost = call.reserved.max(call.cost);
        if finish(&mut tx, call.call, true, "rest_never_came", cost).await? {
            budget::settle(&mut tx, call.call, cost).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Ends an awaited call. Answers whether it was still awaited: what it cost is its ender's to say.
async fn finish(
    tx: &mut BulkTransaction,
    call: ProviderCallId,
    found: bool,
    verdict: &'static str,
    cost: MicroDollars,
) -> Result<bool, Fault> {
    let state = if found { CallState::Match } else { CallState::NoMatch };
    let end = Finished { state, verdict, http_status: None, request_id: None, batch: None, cost, took: None };
    Ok(provider_call::finish(tx, call, end).await?)
}

/// The parts, sorted into calls; each late answer to the call whose person it is about.
fn by_call(resources: &Resources, parts: &[KeptPart]) -> Result<Vec<Call>, Fault> {
    let mut calls: BTreeMap<Uuid, Call> = BTreeMap::new();
    let mut deliveries: Vec<(Uuid, Vec<LateAnswer>)> = Vec::new();
    for part in parts {
        let keys = &resources.vendors.keys;
        let call = calls.entry(part.call_id).or_insert_with(|| Call {
            id: ProviderCallId::from_uuid(part.call_id),
            subject: part.subject_id,
            provider: part.provider.clone(),
            state: part.state.clone(),
            first_cost: MicroDollars::new(part.settled_micros.unwrap_or(0)),
            first: None,
            person_id: None,
            late: Vec::new(),
        });
        if part.part == 0 {
            let kept = Kept::open(keys, &part.key_id, &part.raw)?;
            call.first = kept.result;
            call.person_id = kept.person_id;
        } else {
            let body = kept::open(keys, &part.key_id, &part.raw)?;
            deliveries.push((part.call_id, read(&part.provider, &body)?));
        }
    }
    let alone = calls.len() == 1;
    for (came_to, answers) in deliveries {
        for late in answers {
            let whose = calls.values_mut().find(|call| {
                alone || (late.vendor_person_id.is_some() && call.person_id == late.vendor_person_id)
            });
            match whose {
                Some(call) => call.late.push(late),
                None => tracing::warn!(
                    call = %ProviderCallId::from_uuid(came_to),
                    "a later answer is about nobody who was asked about"
                ),
            }
        }
    }
    Ok(calls.into_values().collect())
}

fn read(provider: &str, body: &[u8]) -> Result<Vec<LateAnswer>, Fault> {
    let provider: ProviderId = provider
        .parse()
        .map_err(|_| Fault::permanent(FailureCode::SystemInternal, "a kept answer is of no known vendor"))?;
    match later(provider, body) {
        Ok(answers) => Ok(answers),
        // The HTTP service refuses such a body; one that is kept all the same must not stop the run.
        Err(error) => {
            tracing::warn!(%provider, %error, "a kept delivery cannot be read");
            Ok(Vec::new())
        }
    }
}

/// The person of a later answer, who has no name there, with the name that the first answer gave: the vendor ties the two
/// together by its own id, and the name is what is compared.
fn named(call: &Call, mut person: FoundPerson) -> FoundPerson {
    let first = call.first.as_ref().map(|first| first.persons.as_slice()).unwrap_or_default();
    let same = first
        .iter()
        .find(|known| known.vendor_id.is_some() && known.vendor_id == person.vendor_id)
        .or(if let [only] = first { Some(only) } else { None });
    if let Some(known) = same {
        person.name = known.name.clone();
        person.also_known_as.clone_from(&known.also_known_as);
    }
    if !person.evidence.contains(&Evidence::Key) {
        person.evidence.push(Evidence::Key);
    }
    person
}
