//! What a person types, through the rules that a file's rows go through.

use std::collections::BTreeMap;

use chrono::{Datelike, Utc};
use domain::lead::{CURRENT_WEIGHTS, LeadFacts, Targets, contact_class, quality_score, score, tags};
use domain::listing::{Listing, ListingField};
use domain::normalize::{NormalizedRow, Requirements, normalize};
use domain::said::Said;
use domain::sector::SubsectorId;
use entities::lead::ByHand;
use entities::pipeline::leads::{Gradable, Grade};
use entities::pipeline::match_keys::EnteredKeys;
use entities::pipeline::normalized::RowKeys;
use resolution::{Record, RuleSet, blocking_keys};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::problem::{HttpCode, Problem};

/// The longest cell, in bytes.
const MAX_CELL: usize = 1_000;

/// Facts that no list tells: they stay when a lead is corrected.
const TOLD_BY_THE_LEAD: LeadFacts = LeadFacts::EMAIL_CAPTURED
    .with(LeadFacts::CALLED)
    .with(LeadFacts::INTERESTED)
    .with(LeadFacts::NOT_INTERESTED)
    .with(LeadFacts::OPTED_OUT);

/// Cells of one row by field, as a list would have them.
pub(crate) type Cells = BTreeMap<String, String>;

/// A row that a person typed, ready to be stored.
pub(crate) struct Graded {
    row: NormalizedRow,
    keys: RowKeys,
    match_keys: EnteredKeys,
    grade: Grade,
}

impl Graded {
    /// Normalizes, keys and grades these cells. `known` are the facts of the lead as it was.
    ///
    /// # Errors
    /// A problem that names what is unknown, too long, or lacking.
    pub(crate) fn of(cells: &Cells, caller: &Caller, known: LeadFacts) -> Result<Self, Problem> {
        let row = normalized(cells)?;
        let keys = resolution::keys(&row);
        let year = i16::try_from(Utc::now().year()).map_err(Problem::internal)?;
        let told = LeadFacts::from_bits(known.bits() & TOLD_BY_THE_LEAD.bits());
        let facts = LeadFacts::of(&row, &targets(caller)?, year).with(told);
        let industry = row.subsector.and_then(SubsectorId::from_number).map(SubsectorId::slug);
        let value = score(facts, CURRENT_WEIGHTS).value;
        let grade = Grade {
            of: Gradable { facts: facts.to_db(), subsector: row.subsector },
            score: value.into(),
            quality: quality_score(facts).into(),
            contact_class: contact_class(facts).as_str(),
            tags: tags(facts, industry, value).to_vec(),
        };
        let keys = RowKeys {
            business: keys.business,
            persona: keys.persona,
            lead: keys.lead,
            fingerprint: keys.fingerprint,
        };
        let record = Record::from(&Said::from(&row));
        let lookups = |rules: RuleSet| blocking_keys(rules, &record.about(rules)).to_vec();
        let match_keys = EnteredKeys {
            rules: RuleSet::Persons.version(),
            persona: lookups(RuleSet::Persons),
            business: lookups(RuleSet::Businesses),
        };
        Ok(Self { row, keys, match_keys, grade })
    }

    /// The same as the database takes it.
    pub(crate) fn by_hand(&self) -> ByHand<'_> {
        ByHand {
            row: &self.row,
            keys: self.keys,
            match_keys: &self.match_keys,
            grade: &self.grade,
            score_rules: CURRENT_WEIGHTS.version,
        }
    }
}

fn targets(caller: &Caller) -> Result<Targets, Problem> {
    let sic = caller.settings.target_sics.iter().map(|prefix| prefix.parse());
    let sic = sic.collect::<Result<_, _>>().map_err(Problem::internal)?;
    Ok(Targets { sic, ..Targets::default() })
}

fn normalized(cells: &Cells) -> Result<NormalizedRow, Problem> {
    let listing = listing(cells)?;
    normalize(&listing, &Requirements::none()).map_err(|rejection| {
        Problem::http(HttpCode::Invalid, format!("{}: {} is needed", rejection.code, rejection.expected))
    })
}

/// These cells as one row of a list.
pub(crate) fn listing(cells: &Cells) -> Result<Listing<'_>, Problem> {
    let mut listing = Listing::default();
    for (name, cell) in cells {
        let field: ListingField =
            name.parse().map_err(|error| Problem::invalid(format!("/{name}"), format!("{error}")))?;
        if cell.len() > MAX_CELL {
            return Err(Problem::invalid(
                format!("/{name}"),
                format!("must be at most {MAX_CELL} bytes long"),
            ));
        }
        listing.set(field, cell);
    }
    Ok(listing)
}

/// A row in the forms that everything behind the normalizer relies on, for people to look at.
#[derive(Serialize, ToSchema)]
#[schema(as = NormalizedRow)]
pub(crate) struct Normalized {
    company: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    title: Option<String>,
    seniority: Option<&'static str>,
    email: Option<String>,
    email_class: Option<&'static str>,
    /// E.164.
    phone: Option<String>,
    phone_class: Option<&'static str>,
    street: Option<String>,
    unit: Option<String>,
    city: Option<String>,
    state: Option<&'static str>,
    zip5: Option<String>,
    time_zone: Option<&'static str>,
    website: Option<String>,
    employees_min: Option<i32>,
    revenue_min: Option<i64>,
    sic4: Option<&'static str>,
    subsector: Option<&'static str>,
    /// What is remarkable about the row.
    flags: Vec<&'static str>,
}

impl From<NormalizedRow> for Normalized {
    fn from(row: NormalizedRow) -> Self {
        Self {
            company: row.company_display,
            given_name: row.given_name,
            family_name: row.family_name,
            title: row.title,
            seniority: row.seniority.map(|seniority| seniority.as_str()),
            email: row.email.map(|email| email.expose().to_owned()),
            email_class: row.email_class.map(|class| class.as_str()),
            phone: row.phone.map(|phone| phone.expose().to_owned()),
            phone_class: row.phone_class.map(|class| class.as_str()),
            street: row.street,
            unit: row.unit,
            city: row.city,
            state: row.state,
            zip5: row.zip5,
            time_zone: row.time_zone,
            website: row.website,
            employees_min: row.employees_min,
            revenue_min: row.revenue_min,
            sic4: row.sic4,
            subsector: row.subsector.and_then(SubsectorId::from_number).map(SubsectorId::slug),
            flags: row.flags.names().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(pairs: &[(&str, &str)]) -> Cells {
        pairs.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).collect()
    }

    #[test]
    fn what_is_typed_is_normalized_keyed_and_graded_like_a_row() {
        let typed = cells(&[
            ("company", "Acme Plumbing, Inc."),
            ("contact", "Jane Doe"),
            ("title", "Owner"),
            ("phone", "(212) 736-5000"),
            ("state", "New York"),
            ("sic_code", "1711"),
        ]);
        let graded = Graded::of(&typed, &Caller::for_tests(), LeadFacts::NONE).expect("a good lead");
        assert_eq!(graded.row.phone.as_ref().map(|phone| phone.expose()), Some("+12127365000"));
        assert_eq!(graded.row.state, Some("NY"));
        assert!(graded.keys.business.is_some() && graded.keys.persona.is_some());
        assert_eq!(graded.grade.contact_class, "likely_decision_maker");
        assert!(graded.grade.score > 0);
    }

    #[test]
    fn an_opt_out_survives_a_correction() {
        let typed = cells(&[("company", "Acme"), ("phone", "(212) 736-5000")]);
        let known = LeadFacts::OPTED_OUT.with(LeadFacts::VERIFIED_PHONE);
        let graded = Graded::of(&typed, &Caller::for_tests(), known).expect("a good lead");
        let facts = LeadFacts::from_db(graded.grade.of.facts);
        assert!(facts.contains(LeadFacts::OPTED_OUT) && !facts.contains(LeadFacts::VERIFIED_PHONE));
        assert_eq!(graded.grade.score, 0);
    }

    #[test]
    fn an_unknown_field_and_a_lead_without_anything_are_refused() {
        let refused =
            |typed| Graded::of(&typed, &Caller::for_tests(), LeadFacts::NONE).err().expect("refused");
        assert!(refused(cells(&[("companie", "Acme")])).detail().starts_with("/companie"));
        let nothing = refused(cells(&[("city", "Reno")]));
        assert_eq!(nothing.status().as_u16(), 422);
        assert!(nothing.detail().starts_with("normalize.empty_row"), "{}", nothing.detail());
    }
}
