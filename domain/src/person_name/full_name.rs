//! Splits a full name written in one cell.

use super::{PersonName, casing, marks};
use crate::cell::clean;

/// Words that belong to the family name behind them.
const PARTICLES: [&str; 25] = [
    "DE", "LA", "DEL", "VAN", "VON", "DER", "DEN", "DI", "DA", "DOS", "DAS", "DU", "LE", "ST", "SAN",
    "SANTA", "TER", "TEN", "BIN", "AL", "EL", "LAS", "LOS", "MC", "O'",
];

/// The person that a cell names, `Given Middle Family` or `Family, Given Middle`; of several ("John & Mary
/// Smith") the first. `None` when no letter is left.
pub fn parse_full_name(cell: &str) -> Option<PersonName> {
    let text = clean(cell);
    let text = unquoted(&text);
    let (text, shared_family) = first_of_several(text);
    let (name, suffix) = marks::strip(text);
    let mut parsed = match name.split_once(',') {
        Some((family, rest)) => turned(family, rest),
        None => natural(name),
    };
    if parsed.family.is_none()
        && let Some(family) = shared_family
    {
        parsed.family = casing::family(family);
    }
    parsed.suffix = suffix.or(parsed.suffix);
    (!parsed.is_empty()).then_some(parsed)
}

/// Without quotation marks around the whole.
fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', ' '])
}

/// The first person of a cell that names several, and the family name they share: `John & Mary Smith` is John,
/// family Smith.
fn first_of_several(text: &str) -> (&str, Option<&str>) {
    if !may_be_several(text) {
        return (text, None);
    }
    let cut = [" & ", " AND ", " and ", " And ", "/", ";", " or ", " OR "];
    let Some((at, mark)) = cut.iter().filter_map(|mark| text.find(mark).map(|at| (at, *mark))).min() else {
        return (text, None);
    };
    let (first, others) = (&text[..at], &text[at + mark.len()..]);
    // "Mr. and Mrs. John Smith".
    if marks::is_form(first.trim()) || first.trim().is_empty() {
        return (others, None);
    }
    // "Butt, John & Mary" names the family first.
    if first.contains(',') {
        return (first, None);
    }
    let (others, _) = marks::strip(others.split([',', '&', '/', ';']).next().unwrap_or(others));
    let shared = others.rsplit_once(' ').map(|(_, family)| family);
    let (first_name, _) = marks::strip(first);
    if first_name.contains(' ') { (first, None) } else { (first, shared) }
}

/// A quick look that spares most names the search for what parts two.
fn may_be_several(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .iter()
        .zip(bytes.iter().skip(1))
        .any(|pair| matches!(pair, (b'/' | b';', _) | (b' ', b'&' | b'a' | b'A' | b'o' | b'O')))
        || text.ends_with(['/', ';'])
}

/// `Family, Given Middle`.
fn turned(family: &str, rest: &str) -> PersonName {
    let (family, of_family) = marks::strip(family);
    let (rest, of_rest) = marks::strip(rest);
    let rest = rest.split(',').next().unwrap_or_default().trim();
    let (given, middle) = rest.split_once(' ').unwrap_or((rest, ""));
    PersonName {
        given: casing::part(given),
        middle: casing::part(middle),
        family: casing::family(family),
        suffix: of_family.or(of_rest),
    }
}

/// `Given Middle Family`. A single word is a given name if it is known as one, else a family name.
fn natural(name: &str) -> PersonName {
    let words: Vec<&str> = name.split(' ').filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    match words.as_slice() {
        [] => PersonName::default(),
        [only] if super::has_known_given_name(only.trim_matches('.')) => {
            PersonName { given: casing::part(only), ..PersonName::default() }
        }
        [only] => PersonName { family: casing::part(only), ..PersonName::default() },
        [given, between @ .., last] => {
            let particles = between.iter().rev().take_while(|word| is_particle(word)).count();
            let (middle, particles) = between.split_at(between.len() - particles);
            let mut family = particles.join(" ");
            if !family.is_empty() {
                family.push(' ');
            }
            family.push_str(last);
            PersonName {
                given: casing::part(given),
                middle: casing::part(&middle.join(" ")),
                family: casing::family(&family),
                suffix: None,
            }
        }
    }
}

fn is_particle(word: &str) -> bool {
    let word = word.trim_end_matches('.');
    PARTICLES.iter().any(|particle| particle.eq_ignore_ascii_case(word))
}
