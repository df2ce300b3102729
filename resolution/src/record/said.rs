//! The record of what is said of a person or business, in the terms of the rest of the system.

use domain::said::Said;

use super::Record;
use crate::{Field, RuleSet};

impl From<&Said<'_>> for Record {
    /// A suffix (Jr, Sr) is compared with the given name, which it tells apart.
    fn from(said: &Said<'_>) -> Self {
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
        Self::new(rest.into_iter().chain(phones).chain(emails))
    }
}

impl Record {
    /// What the record says of what `rules` are about: of a business, nothing of its people.
    #[must_use]
    pub fn about(&self, rules: RuleSet) -> Self {
        match rules {
            RuleSet::Persons => self.clone(),
            RuleSet::Businesses => self.without_person(),
        }
    }
}
