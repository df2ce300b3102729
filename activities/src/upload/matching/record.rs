//! A row or a stored record, as the engine compares it.

use domain::normalize::NormalizedRow;
use entities::DbError;
use entities::merge::Kind;
use entities::pipeline::candidates::Candidate;
use entities::pipeline::match_keys::KeyBuffer;
use entities::pipeline::match_records::RecordBuffer;
use resolution::{Field, Keys, Record, RuleSet, blocking_keys};

/// The rules for a kind.
pub(in super::super) const fn rules(kind: Kind) -> RuleSet {
    match kind {
        Kind::Persona => RuleSet::Persons,
        Kind::Business => RuleSet::Businesses,
    }
}

/// The records of a chunk's rows, and the keys by which they are found.
#[derive(Default)]
pub(in super::super) struct Landing {
    pub(in super::super) records: RecordBuffer,
    pub(in super::super) keys: KeyBuffer,
}

impl Landing {
    /// Adds what the row says of whom it names.
    pub(in super::super) fn push(
        &mut self,
        row_no: i32,
        row: &NormalizedRow,
        named: &Keys,
    ) -> Result<(), DbError> {
        let record = record(&said(row));
        let names = [(Kind::Persona, named.persona), (Kind::Business, named.business)];
        let kinds = names.into_iter().filter(|(_, key)| key.is_some()).map(|(kind, _)| kind);
        for kind in kinds.clone() {
            let of_kind = of_kind(kind, &record);
            self.keys.push(kind, row_no, &blocking_keys(rules(kind), &of_kind));
        }
        self.records.push(row_no, kinds, record.stored())
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

/// The record of a person at a business.
pub(super) fn record(said: &Candidate<'_>) -> Record {
    let mut given = said.given_name;
    let with_suffix;
    if !said.name_suffix.is_empty() {
        with_suffix = format!("{given} {}", said.name_suffix);
        given = &with_suffix;
    }
    let rest = [
        (Field::Given, given),
        (Field::Family, said.family_name),
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
    Record::new(rest.into_iter().chain(phones).chain(emails))
}

/// What a record says of a kind: of a business, nothing of its people.
pub(super) fn of_kind(kind: Kind, record: &Record) -> Record {
    match kind {
        Kind::Persona => record.clone(),
        Kind::Business => record.without_person(),
    }
}
