//! `enrich.verify`: whether the addresses of a page take mail, and what kind of line its numbers are. Asked number by number, the best of each lead first, and
//! no more where one reaches somebody. Key: the ledger of calls, by the number itself.

use std::collections::BTreeMap;
use std::time::Duration;

use entities::enrichment::contact_points::{self, FoundPoint};
use entities::enrichment::subject::KnownPhone;
use entities::provider_call::{CallSubject, PointKey};
use entities::waterfall::answer;
use entities::waterfall::page::{Candidate, can_be_checked};
use providers::enrichment::{Subject, SubjectKey, Wanted, may_change};
use uuid::Uuid;
use workflows::enrichment::{LookupOutput, PageInput};

use super::ask::{self, Asking, Question, UnderWay};
use super::kept::Kept;
use super::mailboxes;
use super::plan;
use super::points::point_of;
use super::vendors::Vendor;
use crate::{Fault, Resources};

/// How many numbers of one lead are looked up at the most.
const MOST_NUMBERS: usize = 3;

/// What is asked: what kind of line a number is.
const PRODUCT: &str = "line_type";

const LINE_TYPE: Wanted = Wanted { line_type: true, ..Wanted::NONE };

pub(super) async fn verify(
    resources: &Resources,
    input: PageInput,
    claimed_by: String,
) -> Result<LookupOutput, Fault> {
    mailboxes::check(resources, input).await?;
    let mut done = LookupOutput::default();
    let Some(vendor) = resources.vendors.checks_lines() else { return Ok(done) };
    let all = resources.vendors.given();
    let campaign = plan::campaign(resources, input).await?;
    for _ in 0..MOST_NUMBERS {
        let leads = plan::load(resources, input).await?;
        let open: Vec<&Candidate> = leads
            .iter()
            .filter(|lead| plan::is_open(lead) && may_change(&lead.reach(), LINE_TYPE, all))
            .collect();
        let questions: Vec<Question> = open.iter().filter_map(|lead| question(lead, vendor)).collect();
        if questions.is_empty() {
            break;
        }
        let asked_about: Vec<Uuid> = questions.iter().map(|question| question.subject.key.0).collect();
        let asking = Asking {
            resources: resources.clone(),
            vendor: vendor.clone(),
            product: PRODUCT,
            run: input.enrichment,
            campaign,
            claimed_by: claimed_by.clone(),
            late: Duration::ZERO,
            under_way: UnderWay::default(),
        };
        let asked = ask::ask(asking, questions).await?;
        ask::add(&mut done, &asked);
        let learned = attach(resources, input, vendor, &asked_about, &open).await?;
        if asked.held.is_some() || learned == 0 {
            break;
        }
    }
    Ok(done)
}

/// The lead's best number that can be looked up.
fn question(lead: &Candidate, vendor: &Vendor) -> Option<Question> {
    let phone = lead.known.phones.iter().find(|phone| can_be_checked(phone))?;
    let number = phone.number.parse().ok()?;
    let point = PointKey::of(&phone.number);
    let subject = Subject { phones: vec![number], ..Subject::new(key_of(phone)) };
    vendor.provider.requirements(&subject, LINE_TYPE).ok()?;
    Some(Question {
        hash: vendor.provider.request_hash(&subject, LINE_TYPE),
        about: CallSubject::Point(point),
        lead: lead.known.lead,
        persona: lead.known.persona,
        subject,
        wanted: LINE_TYPE,
    })
}

/// By which the answer about a number is known again: as the ledger knows it.
fn key_of(phone: &KnownPhone) -> SubjectKey {
    SubjectKey(PointKey::of(&phone.number).uuid())
}

/// Notes what kind of line each number is, with every lead of the page that has it. Answers how much is better known now.
async fn attach(
    resources: &Resources,
    input: PageInput,
    vendor: &Vendor,
    asked_about: &[Uuid],
    leads: &[&Candidate],
) -> Result<usize, Fault> {
    let mut tx = resources.db.team_bulk(input.enrichment.team).await?;
    let kept = answer::about(&mut tx, vendor.word(), asked_about, &[]).await?;
    let mut said = BTreeMap::new();
    for part in &kept {
        let answer = Kept::open(&resources.vendors.keys, &part.key_id, &part.raw)?;
        for phone in answer.result.iter().flat_map(|result| result.phones()) {
            said.insert(phone.phone.expose().to_owned(), phone.clone());
        }
    }
    let mut points: Vec<FoundPoint> = Vec::new();
    for lead in leads {
        for phone in &lead.known.phones {
            if let Some(found) = said.get(&phone.number).filter(|_| can_be_checked(phone)) {
                points.push(point_of(lead.known.lead, found));
            }
        }
    }
    points.sort_by_key(|point| point.lead);
    let learned = points.iter().filter(|point| !point.verified).count();
    contact_points::merge(&mut tx, vendor.word(), &points).await?;
    tx.commit().await?;
    Ok(learned)
}
