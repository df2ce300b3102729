//! Names of people: split, cased, and told apart.
//!
//! Lists write one person as `John B Butt Jr`, `BUTT, JOHN B.` and `Mr. John Butt`. What comes out is given,
//! middle and family name in proper case, and the generation (`Jr`, `III`). Forms of address and degrees are
//! read so that they end up in no name, and not kept.

mod casing;
mod full_name;
mod marks;

pub use casing::proper_case;
pub use full_name::parse_full_name;

use crate::cell::{clean, folded};
use crate::lexicon::{Lexicon, lexicon};

/// Given names, each with the one that stands for it and its nicknames.
static GIVEN_NAMES: Lexicon = lexicon!("given_names.txt");

/// A person's name in parts. Personal data: its `Debug` hides it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    /// Given name.
    pub given: Option<String>,
    /// Middle names or initials.
    pub middle: Option<String>,
    /// Family name with its particles.
    pub family: Option<String>,
    /// Generation: `Jr`, `Sr`, `II` to `V`.
    pub suffix: Option<&'static str>,
}

impl PersonName {
    /// Whether neither given nor family name is there.
    pub const fn is_empty(&self) -> bool {
        self.given.is_none() && self.family.is_none()
    }
}

impl std::fmt::Debug for PersonName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PersonName(…)")
    }
}

/// A name out of columns of its own. A full name in the given column beside an empty family column is split.
pub fn parse_name_parts(given: &str, middle: &str, family: &str, suffix: &str) -> PersonName {
    let (given, middle, family) = (clean(given), clean(middle), clean(family));
    if given.is_empty() && family.is_empty() {
        return PersonName { middle: casing::part(&middle), ..PersonName::default() };
    }
    if family.is_empty() && given.contains(' ') {
        return parse_full_name(&given).unwrap_or_default();
    }
    if given.is_empty() && family.contains([' ', ',']) {
        return parse_full_name(&family).unwrap_or_default();
    }
    let (given, _) = marks::strip(&given);
    let (family, of_family) = marks::strip(&family);
    let (given_name, second) = match given.split_once(' ') {
        // "John B" in the given column; "Mary Ann" cannot be told from it by more than the length.
        Some((first, rest)) if middle.is_empty() && rest.trim_end_matches('.').chars().count() == 1 => {
            (first, rest)
        }
        _ => (given, ""),
    };
    let middle = if middle.is_empty() { second } else { &middle };
    PersonName {
        given: casing::part(given_name),
        middle: casing::part(middle),
        family: casing::family(family),
        suffix: marks::generation(clean(suffix).trim_end_matches(['.', ','])).or(of_family),
    }
}

/// What makes two rows name the same person, as far as a name can: family, given and generation in plain
/// upper-case letters and digits, `BUTT|JOHN|JR`. Middle names are left out, since lists give them at will.
/// Nicknames stay what they are: Bob is not Robert here, and only matching with evidence says otherwise.
/// `None` without given and family name.
pub fn person_key(given: Option<&str>, family: Option<&str>, suffix: Option<&str>) -> Option<String> {
    let mut key = String::with_capacity(24);
    push_plain(family, &mut key);
    key.push('|');
    push_plain(given, &mut key);
    if key.len() == 1 {
        return None;
    }
    key.push('|');
    push_plain(suffix, &mut key);
    Some(key)
}

fn push_plain(part: Option<&str>, key: &mut String) {
    let part = part.unwrap_or_default();
    if part.is_ascii() {
        key.extend(
            part.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_uppercase())),
        );
    } else {
        key.extend(folded(part).filter(|c| c.is_alphanumeric()));
    }
}

/// The name that stands for a given name and all its nicknames, lower-case: `Bob` and `Rob` → `robert`.
/// Nicknames belong to several names (Alex to Alexander and Alexandra); one of them is fixed here. A name
/// that is not known stands for itself.
pub fn canonical_given(given: &str) -> String {
    let mut name = given.trim().to_lowercase();
    if let Some(known) = GIVEN_NAMES.get(&name) {
        known.clone_into(&mut name);
    }
    name
}

/// Whether a given name is one that is known, in any case.
pub fn has_known_given_name(given: &str) -> bool {
    GIVEN_NAMES.has(&given.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
