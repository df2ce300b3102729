//! A row or a stored record, as the engine compares it.

use domain::normalize::NormalizedRow;
use entities::merge::Kind;
use entities::pipeline::candidates::Candidate;
use entities::pipeline::match_keys::KeyBuffer;
use resolution::{Field, Keys, Record, RuleSet, blocking_keys};

/// The rules for a kind.
pub(in super::super) const fn rules(kind: Kind) -> RuleSet {
    match kind {
        Kind::Persona => RuleSet::Persons,
        Kind::Business => RuleSet::Businesses,
    }
}

/// Adds the keys of what the row names.
pub(in super::super) fn add_keys(row: &NormalizedRow, named: &Keys, row_no: i32, keys: &mut KeyBuffer) {
    let said = said(row);
    let kinds = [(Kind::Persona, named.persona), (Kind::Business, named.business)];
    for (kind, _) in kinds.into_iter().filter(|(_, named)| named.is_some()) {
        keys.push(kind, row_no, &blocking_keys(rules(kind), &record(kind, &said)));
    }
}

/// What the row says.
fn said(row: &NormalizedRow) -> Candidate<'_> {
    Candidate {
        given_name: row.given_name.as_deref().unwrap_or_default(),
        family_name: row.family_name.as_deref().unwrap_or_default(),
        name_suffix: row.name_suffix.unwrap_or_default(),
        company: row.company.as_deref().or(row.company_display.as_deref()).unwrap_or_default(),
        dba: row.dba.as_deref().unwrap_or_default(),
        street: row.street.as_deref().unwrap_or_default(),
        unit: row.unit.as_deref().unwrap_or_default(),
        city: row.city.as_deref().unwrap_or_default(),
        state: row.state.unwrap_or_default(),
        zip5: row.zip5.as_deref().unwrap_or_default(),
        website: row.website.as_deref().unwrap_or_default(),
        phones: [&row.phone, &row.phone_2, &None, &None]
            .map(|phone| phone.as_ref().map(|phone| phone.expose()).unwrap_or_default()),
        emails: [row.email.as_ref().map(|email| email.expose()).unwrap_or_default(), "", "", ""],
    }
}

/// The record of a person, or of a business: that is without the names of a person.
pub(super) fn record(kind: Kind, said: &Candidate<'_>) -> Record {
    let mut given = said.given_name;
    let with_suffix;
    if !said.name_suffix.is_empty() {
        with_suffix = format!("{given} {}", said.name_suffix);
        given = &with_suffix;
    }
    let names = match kind {
        Kind::Persona => [(Field::Given, given), (Field::Family, said.family_name)],
        Kind::Business => [(Field::Given, ""), (Field::Family, "")],
    };
    let rest = [
        (Field::Company, said.company),
        (Field::Company, said.dba),
        (Field::Street, said.street),
        (Field::Unit, said.unit),
        (Field::City, said.city),
        (Field::State, said.state),
        (Field::Zip, said.zip5),
        (Field::Website, said.website),
    ];
    let phones = said.phones.map(|phone| (Field::Phone, phone));
    let emails = said.emails.map(|email| (Field::Email, email));
    Record::new(names.into_iter().chain(rest).chain(phones).chain(emails))
}
