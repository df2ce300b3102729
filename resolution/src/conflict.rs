//! What two records must not contradict each other in: whatever else they share, they are never in one cluster.

use crate::comparison::{COMPARISONS, Comparing, Level, Reached};
use crate::record::{Part, View};
use crate::rules::RuleSet;
use crate::words::words;

words! {
    /// Why two records are never in one cluster.
    Conflict("conflict") {
        /// Two dates of birth that no slip makes of each other, and no identifier that says they are one person.
        Date = "date",
        /// Two identifiers of one kind that no slip makes of each other, and no date of birth that says they are one.
        Identifier = "identifier",
        /// Father and son: Jr and Sr.
        Generation = "generation",
        /// Neither name nor phone number agree.
        NameAndPhone = "name_and_phone",
        /// One family at one address, and two given names that are not likely to be one.
        Relatives = "relatives",
        /// One is a person without business, the other a business without person.
        Kind = "kind",
    }
}

/// The conflict between two records, given the levels that they reach and whether they are likely one by their weight.
pub(crate) fn conflict(
    rules: RuleSet,
    a: &View<'_>,
    b: &View<'_>,
    levels: &[Reached; COMPARISONS],
    likely: bool,
) -> Option<Conflict> {
    let level = |comparing: Comparing| levels[comparing as usize].level;
    if is_only_person(a) && is_only_business(b) || is_only_business(a) && is_only_person(b) {
        return Some(Conflict::Kind);
    }
    let (date, identifier) = (level(Comparing::Date), level(Comparing::Identifier));
    let agrees = |level| matches!(level, Level::Exact | Level::Equivalent | Level::Typo);
    if date == Level::Different && !agrees(identifier) {
        return Some(Conflict::Date);
    }
    if identifier == Level::Different && !agrees(date) {
        return Some(Conflict::Identifier);
    }
    if level(Comparing::Generation) == Level::Different {
        return Some(Conflict::Generation);
    }
    let name_differs = match rules {
        RuleSet::Persons => {
            [Comparing::Given, Comparing::Family].iter().any(|name| level(*name) == Level::Different)
        }
        RuleSet::Businesses => level(Comparing::Company) == Level::Different,
    };
    if name_differs && level(Comparing::Phone) == Level::Different {
        return Some(Conflict::NameAndPhone);
    }
    let same = |comparing| matches!(level(comparing), Level::Exact | Level::Typo);
    let relatives = rules == RuleSet::Persons
        && !likely
        && level(Comparing::Given) == Level::Different
        && same(Comparing::Family)
        && same(Comparing::Street);
    relatives.then_some(Conflict::Relatives)
}

fn is_only_person(record: &View<'_>) -> bool {
    record.names_person() && !record.has(Part::Company)
}

fn is_only_business(record: &View<'_>) -> bool {
    record.has(Part::Company) && !record.names_person()
}
