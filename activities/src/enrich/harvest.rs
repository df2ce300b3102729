//! What of an answer belongs to whom.
//!
//! A number goes to the person that was asked about, and to nobody else: names are compared first, strangers are counted
//! and left alone. What is true of a number whoever has it (that it is on a do-not-call list) is kept in either case.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::company::company_key;
use domain::id::{LeadId, TypedId};
use domain::lead::{LeadFacts, Targets};
use domain::normalize::NormalizedRow;
use domain::size::RevenueTier;
use domain::title::{Seniority, parse_title};
use entities::enrichment::contact_points::FoundPoint;
use entities::enrichment::property::FoundProperty;
use entities::enrichment::socials::FoundProfile;
use entities::suppression::{NewSuppression, SuppressedKind, SuppressionReason};
use entities::waterfall::attach::{BusinessSays, LeadSays};
use entities::waterfall::page::Candidate;
use providers::enrichment::{
    Evidence, FoundOrganisation, FoundPerson, NameMatch, SocialNetwork, Subject, UniversalSkipResult,
    name_check,
};

use super::points::{email_of, point_of};
use super::subject::subject_of;

/// Facts that follow from what a business takes in, and from how old it is.
const OF_BUSINESS: [LeadFacts; 5] = [
    LeadFacts::REVENUE_KNOWN,
    LeadFacts::HIGH_REVENUE,
    LeadFacts::MAIN_STREET,
    LeadFacts::ESTABLISHED,
    LeadFacts::TARGET_SIZE,
];

/// Facts that follow from a title.
const OF_TITLE: [LeadFacts; 4] =
    [LeadFacts::OWNER, LeadFacts::C_LEVEL, LeadFacts::DECISION_MAKER, LeadFacts::OTHER_TITLE];

/// What is to be attached.
#[derive(Default)]
pub(super) struct Harvest {
    pub(super) points: Vec<FoundPoint>,
    pub(super) profiles: Vec<FoundProfile>,
    /// Leads whose person sues callers, or died.
    pub(super) flagged: Vec<(LeadId, bool, bool)>,
    pub(super) suppressions: Vec<NewSuppression>,
    pub(super) businesses: Vec<BusinessSays>,
    pub(super) leads: Vec<LeadSays>,
    pub(super) properties: Vec<(LeadId, FoundProperty)>,
    /// Leads to whom something was attached.
    pub(super) merged: BTreeSet<LeadId>,
    /// People who are somebody else.
    pub(super) strangers: u32,
}

/// What a harvest is judged by.
#[derive(Debug)]
pub(super) struct Judge {
    /// What the team is after.
    pub(super) targets: Targets,
    /// The day it is.
    pub(super) today: NaiveDate,
}

impl Harvest {
    /// Takes in what an answer says for a lead.
    pub(super) fn take(&mut self, lead: &Candidate, result: &UniversalSkipResult, judge: &Judge) {
        let subject = subject_of(&lead.known);
        let mut ours = 0;
        for person in &result.persons {
            self.suppress_numbers(person);
            if belongs(&subject, person) {
                ours += 1;
                self.take_person(lead, person, judge);
            } else {
                self.strangers += 1;
            }
        }
        // What is said of a business or property beside nobody but strangers may be another's.
        if ours == 0 && !result.persons.is_empty() {
            return;
        }
        if let Some(organisation) = &result.organisation {
            self.take_organisation(lead, organisation, judge);
        }
        if let Some(property) = result.property.as_ref().filter(|_| lead.known.kind == "property") {
            let found = FoundProperty {
                mak: property.mak.clone(),
                apn: property.apn.clone(),
                value: property.value,
                equity: property.equity,
                owner_occupied: property.owner_occupied,
                ..FoundProperty::default()
            };
            self.properties.push((lead.known.lead, found));
            self.merged.insert(lead.known.lead);
        }
    }

    fn take_person(&mut self, lead: &Candidate, person: &FoundPerson, judge: &Judge) {
        let id = lead.known.lead;
        self.merged.insert(id);
        let litigator = person.demographics.litigator == Some(true);
        let deceased = person.demographics.deceased == Some(true);
        for phone in &person.phones {
            let mut point = point_of(id, phone);
            point.litigator = litigator;
            self.points.push(point);
        }
        self.points.extend(person.emails.iter().map(|email| email_of(id, email)));
        for social in &person.socials {
            let network = match social.network {
                SocialNetwork::Linkedin => "linkedin",
                SocialNetwork::Twitter => "x",
                SocialNetwork::Facebook => "facebook",
                SocialNetwork::Github => "github",
            };
            self.profiles.push(FoundProfile { lead: id, network, url: social.url.clone() });
        }
        if litigator || deceased {
            self.flagged.push((id, litigator, deceased));
            self.suppress_person(lead, person, litigator, deceased);
        }
        self.take_title(lead, person);
        let age = person.demographics.age_on(judge.today).map(i16::from);
        if lead.known.kind == "property" && age.is_some() && person.owner != Some(false) {
            let found = FoundProperty { owner_age: age, ..FoundProperty::default() };
            self.properties.push((id, found));
        }
    }

    fn take_title(&mut self, lead: &Candidate, person: &FoundPerson) {
        let said = person.title.as_deref().and_then(parse_title);
        let seniority = match person.seniority.as_deref() {
            Some("owner" | "founder") => Some(Seniority::Owner),
            Some("c_suite") => Some(Seniority::CSuite),
            _ => said.as_ref().map(|title| title.seniority),
        };
        if lead.known.persona.is_none() || (said.is_none() && seniority.is_none()) {
            return;
        }
        let row =
            NormalizedRow { given_name: Some("known".to_owned()), seniority, ..NormalizedRow::default() };
        let facts = LeadFacts::of(&row, &Targets::default(), 0);
        self.leads.push(LeadSays {
            lead: lead.known.lead.uuid(),
            title: said.map(|title| title.text),
            seniority: seniority.map(Seniority::as_str),
            facts: 0,
            facts_of_title: only(facts, &OF_TITLE).to_db(),
        });
    }

    fn take_organisation(&mut self, lead: &Candidate, said: &FoundOrganisation, judge: &Judge) {
        let Some(business) = lead.known.business.filter(|_| is_the_business(lead, said)) else { return };
        let employees = said.employees.and_then(|count| i32::try_from(count).ok());
        let founded = said.founded_year.and_then(|year| i16::try_from(year).ok());
        self.businesses.push(BusinessSays {
            lead: lead.known.lead.uuid(),
            business: business.uuid(),
            domain: said.domain.clone(),
            revenue: said.revenue,
            employees,
            founded,
            tier: said.revenue.map(|dollars| RevenueTier::of(dollars).as_str()),
            extras: serde_json::json!({
                "id": said.vendor_id, "industry": said.industry, "keywords": said.keywords,
                "technologies": said.technologies, "total_funding": said.total_funding,
            }),
        });
        self.merged.insert(lead.known.lead);
        let row = NormalizedRow {
            revenue_min: said.revenue,
            revenue_max: said.revenue,
            employees_min: employees,
            employees_max: employees,
            year_founded: founded,
            ..NormalizedRow::default()
        };
        let year = i16::try_from(chrono::Datelike::year(&judge.today)).unwrap_or(i16::MAX);
        let mut facts = only(LeadFacts::of(&row, &judge.targets, year), &OF_BUSINESS);
        // What the list said of the revenue stands.
        if lead.known.facts.contains(LeadFacts::REVENUE_KNOWN) {
            facts = only(facts, &[LeadFacts::ESTABLISHED]);
        }
        self.leads.push(LeadSays {
            lead: lead.known.lead.uuid(),
            title: None,
            seniority: None,
            facts: facts.to_db(),
            facts_of_title: 0,
        });
    }

    fn suppress_numbers(&mut self, person: &FoundPerson) {
        for phone in &person.phones {
            let flags = [(phone.dnc, SuppressionReason::Dnc), (phone.tcpa, SuppressionReason::Tcpa)];
            for (_, reason) in flags.into_iter().filter(|(flag, _)| *flag == Some(true)) {
                let value = phone.phone.expose().to_owned();
                self.suppressions.push(NewSuppression { kind: SuppressedKind::Phone, value, reason });
            }
        }
    }

    fn suppress_person(&mut self, lead: &Candidate, person: &FoundPerson, litigator: bool, deceased: bool) {
        let reasons = [(litigator, SuppressionReason::Litigator), (deceased, SuppressionReason::Deceased)];
        for (_, reason) in reasons.into_iter().filter(|(holds, _)| *holds) {
            if let Some(persona) = lead.known.persona {
                let value = persona.to_string();
                self.suppressions.push(NewSuppression { kind: SuppressedKind::Persona, value, reason });
            }
            let numbers = person.phones.iter().map(|phone| phone.phone.expose().to_owned());
            let known = lead.known.phones.iter().map(|phone| phone.number.clone());
            for value in numbers.chain(known) {
                self.suppressions.push(NewSuppression { kind: SuppressedKind::Phone, value, reason });
            }
        }
    }
}

fn only(facts: LeadFacts, of: &[LeadFacts]) -> LeadFacts {
    let mask = of.iter().fold(0, |mask, fact| mask | fact.bits());
    LeadFacts::from_bits(facts.bits() & mask)
}

/// Whether a found person is who was asked about. Without a name to compare, something else has to tie them together that
/// is theirs alone: an address is not.
pub(super) fn belongs(subject: &Subject, person: &FoundPerson) -> bool {
    match name_check(subject, person) {
        NameMatch::Same | NameMatch::Plausible => true,
        NameMatch::Stranger => false,
        NameMatch::Unknown if subject.names_a_person() => person.evidence.iter().any(|evidence| {
            matches!(
                evidence,
                Evidence::Key | Evidence::Email | Evidence::Phone | Evidence::Linkedin | Evidence::OnlyOne
            )
        }),
        // A business or a property was asked about: whoever is there, unless they are said not to own it.
        NameMatch::Unknown => person.owner != Some(false),
    }
}

/// Whether what a vendor says is about the lead's business: people change firms.
fn is_the_business(lead: &Candidate, said: &FoundOrganisation) -> bool {
    let same_domain =
        matches!((&said.domain, &lead.known.website), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b));
    let same_name = matches!((&said.name, &lead.known.company),
        (Some(a), Some(b)) if company_key(a).0 == company_key(b).0 && !company_key(a).0.is_empty());
    same_domain || same_name
}

#[cfg(test)]
mod tests {
    use providers::enrichment::FoundName;

    use super::*;

    fn subject(given: &str, family: &str) -> Subject {
        let name = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Subject { given_name: name(given), family_name: name(family), ..Subject::default() }
    }

    fn person(given: &str, family: &str, evidence: &[Evidence]) -> FoundPerson {
        let name = FoundName {
            given: Some(given.to_owned()).filter(|text| !text.is_empty()),
            family: Some(family.to_owned()).filter(|text| !text.is_empty()),
            ..FoundName::default()
        };
        FoundPerson { name, evidence: evidence.to_vec(), ..FoundPerson::default() }
    }

    #[test]
    fn a_stranger_is_nobody_of_ours_whatever_else_fits() {
        let asked = subject("ann", "lee");
        assert!(belongs(&asked, &person("Ann", "Lee", &[Evidence::Address])));
        assert!(!belongs(&asked, &person("Robert", "Stone", &[Evidence::Address, Evidence::Key])));
        assert!(!belongs(&asked, &person("", "", &[Evidence::Address])), "whoever lives there");
        assert!(belongs(&asked, &person("", "", &[Evidence::Phone])));
        let house = subject("", "");
        assert!(belongs(&house, &person("Robert", "Stone", &[Evidence::Address])));
        let tenant = FoundPerson { owner: Some(false), ..person("Robert", "Stone", &[]) };
        assert!(!belongs(&house, &tenant));
    }
}
