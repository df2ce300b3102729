//! Whether a person that a vendor found is the person that was asked about, as far as names tell.
//!
//! Pure. Nicknames are the domain's. Similarity is Jaro-Winkler's, which forgives slips at the end of a name more than
//! at its beginning.

use domain::person_name::{PersonName, canonical_given, parse_full_name, parse_name_parts};
use rapidfuzz::distance::jaro_winkler;

use super::subject::part;
use super::{FoundName, FoundPerson, Subject};

/// From which similarity on two names are one with a slip of the pen: `Johnson`/`Jonson` 0.96, `Smith`/`Smyth` 0.89,
/// `Martin`/`Marvin` 0.93, `Brown`/`Braun` 0.81. Ours.
const NEAR: f64 = 0.92;

/// Names shorter than this differ by too much when they differ at all (`Lee`, `Lea`).
const LONG_ENOUGH: usize = 5;

/// What comparing the names says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// One of both has no name: a business or property was asked about, or the vendor tells none.
    Unknown,
    /// Somebody else. To be recorded, not attached.
    Stranger,
    /// May well be the same: an initial, a slip, given and family name swapped, only a family name to compare.
    Plausible,
    /// The same name, nicknames included.
    Same,
}

/// Compares the subject's name with the found person's, its other names included; the best counts.
pub fn name_check(subject: &Subject, person: &FoundPerson) -> NameMatch {
    let Some(asked) = name_of_subject(subject) else { return NameMatch::Unknown };
    let also = person.also_known_as.iter().filter_map(name_found).map(|name| match compare(&asked, &name) {
        // Another name of somebody is evidence, not proof.
        NameMatch::Same => NameMatch::Plausible,
        other => other,
    });
    let own = name_found(&person.name).map(|name| compare(&asked, &name));
    own.into_iter().chain(also).max().unwrap_or(NameMatch::Unknown)
}

/// The subject's name in parts; `None` where no person is named.
fn name_of_subject(subject: &Subject) -> Option<PersonName> {
    let given = part(&subject.given_name).unwrap_or_default();
    let family = part(&subject.family_name).unwrap_or_default();
    Some(parse_name_parts(given, "", family, "")).filter(|name| !name.is_empty())
}

fn name_found(name: &FoundName) -> Option<PersonName> {
    let given = part(&name.given).unwrap_or_default();
    let family = part(&name.family).unwrap_or_default();
    let parts = parse_name_parts(given, part(&name.middle).unwrap_or_default(), family, "");
    if parts.is_empty() { parse_full_name(part(&name.full)?) } else { Some(parts) }
}

fn compare(asked: &PersonName, found: &PersonName) -> NameMatch {
    if asked.suffix.is_some() && found.suffix.is_some() && asked.suffix != found.suffix {
        return NameMatch::Stranger;
    }
    let straight = parts(asked, found.given.as_deref(), found.family.as_deref(), found.middle.as_deref());
    // Whether somebody is Jr or Sr is one person's question; with one of both silent, it stays open.
    let straight = if asked.suffix == found.suffix { straight } else { straight.min(NameMatch::Plausible) };
    if straight == NameMatch::Stranger && asked.given.is_some() && asked.family.is_some() {
        let swapped = parts(asked, found.family.as_deref(), found.given.as_deref(), None);
        return if swapped == NameMatch::Same { NameMatch::Plausible } else { NameMatch::Stranger };
    }
    straight
}

/// How near two parts of a name are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Near {
    Equal,
    Similar,
    Initial,
    Missing,
    Different,
}

fn parts(asked: &PersonName, given: Option<&str>, family: Option<&str>, middle: Option<&str>) -> NameMatch {
    let given_near = match given_near(asked.given.as_deref(), given) {
        // People go by their middle name.
        Near::Different if middle.is_some() && given_near(asked.given.as_deref(), middle) == Near::Equal => {
            Near::Similar
        }
        near => near,
    };
    match (family_near(asked.family.as_deref(), family), given_near) {
        (Near::Different, _) | (_, Near::Different) => NameMatch::Stranger,
        (Near::Equal, Near::Equal) => NameMatch::Same,
        // A lone given name, and a slip in both parts, are nobody in particular.
        (Near::Missing | Near::Initial, _)
        | (Near::Similar, Near::Missing | Near::Similar | Near::Initial) => NameMatch::Stranger,
        _ => NameMatch::Plausible,
    }
}

fn given_near(asked: Option<&str>, found: Option<&str>) -> Near {
    let (Some(asked), Some(found)) = (asked, found) else { return Near::Missing };
    let (a, b) = (plain(asked), plain(found));
    if a.is_empty() || b.is_empty() {
        return Near::Missing;
    }
    let one_letter = a.chars().count() == 1 || b.chars().count() == 1;
    if one_letter {
        return if a.chars().next() == b.chars().next() { Near::Initial } else { Near::Different };
    }
    if a == b || canonical_given(&asked.to_lowercase()) == canonical_given(&found.to_lowercase()) {
        return Near::Equal;
    }
    if similar(&a, &b) { Near::Similar } else { Near::Different }
}

fn family_near(asked: Option<&str>, found: Option<&str>) -> Near {
    let (Some(asked), Some(found)) = (asked, found) else { return Near::Missing };
    let (a, b) = (plain(asked), plain(found));
    if a.is_empty() || b.is_empty() {
        Near::Missing
    } else if a == b {
        Near::Equal
    } else if similar(&a, &b) || shares_a_name(asked, found) {
        Near::Similar
    } else {
        Near::Different
    }
}

/// `Garcia-Lopez` and `Garcia`: one of two family names is the other's only one.
fn shares_a_name(asked: &str, found: &str) -> bool {
    let names = |text: &str| -> Vec<String> {
        text.split(['-', ' ']).map(plain).filter(|name| name.chars().count() >= 3).collect()
    };
    let (asked, found) = (names(asked), names(found));
    asked.len() != found.len() && asked.iter().any(|name| found.contains(name))
}

fn similar(a: &str, b: &str) -> bool {
    a.chars().count().min(b.chars().count()) >= LONG_ENOUGH
        && jaro_winkler::similarity(a.chars(), b.chars()) >= NEAR
}

/// Letters only, lower-case, accents off.
fn plain(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    name.nfd().filter(|sign| sign.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, family: &str, found: &str) -> NameMatch {
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let subject =
            Subject { given_name: filled(given), family_name: filled(family), ..Subject::default() };
        let name = FoundName { full: filled(found), ..FoundName::default() };
        name_check(&subject, &FoundPerson { name, ..FoundPerson::default() })
    }

    #[test]
    fn the_same_name_however_it_is_written() {
        for (given, family, found) in [
            ("Robert", "Johnson", "BOB JOHNSON"),
            ("Bob", "Johnson", "Johnson, Robert"),
            ("José", "García", "Jose Garcia"),
            ("Mary", "O'Brien", "Mary OBrien"),
            ("Ann", "Lee", "Ann Marie Lee"),
        ] {
            assert_eq!(check(given, family, found), NameMatch::Same, "{given} {family} / {found}");
        }
    }

    #[test]
    fn what_may_be_the_same() {
        for (given, family, found) in [
            ("R", "Johnson", "Robert Johnson"),
            ("R", "Johnson", "R Johnson"),
            ("Robert", "Johnson", "R. Johnson"),
            ("Johnson", "Robert", "Robert Johnson"),
            ("Katherine", "Johnson", "Katherin Johnson"),
            ("Robert", "Johnson", "Robert Johnsen"),
            ("Maria", "Garcia", "Maria Garcia-Lopez"),
            ("", "Johnson", "Robert Johnson"),
            ("Lee", "Parker", "Robert Lee Parker"),
            ("John", "Smith", "John Smith Jr"),
        ] {
            assert_eq!(check(given, family, found), NameMatch::Plausible, "{given} {family} / {found}");
        }
    }

    #[test]
    fn strangers() {
        for (given, family, found) in [
            ("Robert", "Johnson", "Patricia Johnson"),
            ("Robert", "Johnson", "Robert Miller"),
            ("R", "Johnson", "Patricia Johnson"),
            ("Ann", "Lee", "Ann Lea"),
            ("John", "Smith Jr", "John Smith Sr"),
            ("Robert", "", "Robert Johnson Miller"),
            ("Martin", "Jonson", "Marvin Johnson"),
        ] {
            assert_eq!(check(given, family, found), NameMatch::Stranger, "{given} {family} / {found}");
        }
    }

    #[test]
    fn without_a_name_on_either_side_nothing_is_known() {
        assert_eq!(check("", "", "Robert Johnson"), NameMatch::Unknown);
        assert_eq!(check("Robert", "Johnson", ""), NameMatch::Unknown);
        let business = Subject { company: Some("Acme".into()), ..Subject::default() };
        let person = FoundPerson {
            name: FoundName { given: Some("Ann".into()), family: Some("Lee".into()), ..FoundName::default() },
            ..FoundPerson::default()
        };
        assert_eq!(name_check(&business, &person), NameMatch::Unknown);
    }

    #[test]
    fn another_name_of_the_person_is_plausible_and_no_more() {
        let subject =
            Subject { given_name: Some("Ann".into()), family_name: Some("Lee".into()), ..Subject::default() };
        let name = |text: &str| FoundName { full: Some(text.to_owned()), ..FoundName::default() };
        let person = FoundPerson {
            name: name("Ann Parker"),
            also_known_as: vec![name("Ann Lee"), name("A Smith")],
            ..FoundPerson::default()
        };
        assert_eq!(name_check(&subject, &person), NameMatch::Plausible);
    }

    proptest::proptest! {
        #[test]
        fn nobody_is_a_stranger_to_himself(given in "[A-Z][a-z]{1,9}", family in "[A-Z][a-z]{1,9}") {
            let subject =
                Subject { given_name: Some(given.clone()), family_name: Some(family.clone()), ..Subject::default() };
            let name = FoundName { given: Some(given), family: Some(family), ..FoundName::default() };
            let person = FoundPerson { name, ..FoundPerson::default() };
            proptest::prop_assert_ne!(name_check(&subject, &person), NameMatch::Stranger);
        }

        #[test]
        fn no_name_panics(given: String, family: String, full: String) {
            check(&given, &family, &full);
        }
    }
}
