//! When several of those who were found could be the subject.

use super::{Charged, NameMatch, Subject, UniversalSkipResult, Verdict, name_check};

/// A match, unless more than one person has the subject's very name (father and son at one address): then nobody knows
/// whose number is whose.
pub(super) fn settled(subject: &Subject, result: UniversalSkipResult, charged: Charged) -> Verdict {
    let namesakes =
        result.persons.iter().filter(|person| name_check(subject, person) == NameMatch::Same).count();
    if namesakes > 1 {
        Verdict::Ambiguous { persons: result.persons, charged }
    } else {
        Verdict::Match { result: Box::new(result), charged }
    }
}
