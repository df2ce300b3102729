//! Names of people.

use domain::person_name::{PersonName, canonical_given, parse_full_name, parse_name_parts};

use super::writer::Writer;
use super::{Part, plain};
use crate::fold::fold_into;

/// A name written in one cell.
pub(super) fn full(value: &str, record: &mut Writer) {
    if let Some((given, family)) = plain::given_and_family(value) {
        add_names(given, family, record);
    } else if let Some(name) = parse_full_name(value) {
        add(&name, record);
    }
}

/// A name in cells of its own.
pub(super) fn parts(given: &str, family: &str, record: &mut Writer) {
    if given.is_empty() && family.is_empty() {
        return;
    }
    // One plain word each, as nearly always: nothing to take apart.
    if is_plain(given) && is_plain(family) && family.len() > 3 {
        return add_names(given, family, record);
    }
    // "Morris II" in the given column.
    let (given, generation) = match given.rsplit_once(' ') {
        Some((first, last)) if GENERATIONS.iter().any(|known| known.eq_ignore_ascii_case(last)) => {
            (first, last)
        }
        _ => (given, ""),
    };
    if generation.eq_ignore_ascii_case("I") {
        record.add(Part::Generation, b"I");
    }
    add(&parse_name_parts(given, "", family, generation), record);
}

/// What tells father and son apart. `I` is one only where a given name stands before it.
const GENERATIONS: [&str; 8] = ["Jr", "Jr.", "Sr", "Sr.", "I", "II", "III", "IV"];

fn is_plain(text: &str) -> bool {
    text.len() != 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) && !is_nothing(text)
}

/// What is written where there is no name.
fn is_nothing(text: &str) -> bool {
    ["none", "null", "unknown", "owner", "manager", "nan"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn add(name: &PersonName, record: &mut Writer) {
    let given = name.given.as_deref().unwrap_or_default();
    let family = name.family.as_deref().unwrap_or_default();
    if is_nothing(given) || is_nothing(family) {
        return;
    }
    add_names(given, family, record);
    let mut folded = Vec::with_capacity(16);
    fold_into(name.middle.as_deref().unwrap_or_default(), &mut folded);
    record.add(Part::Middle, &folded);
    record.add(Part::Generation, name.suffix.unwrap_or_default().as_bytes());
}

fn add_names(given: &str, family: &str, record: &mut Writer) {
    let mut folded = std::mem::take(&mut record.scratch);
    folded.clear();
    fold_into(given, &mut folded);
    record.add(Part::Given, &folded);
    if folded.len() > 1 {
        add_formal(given, &folded, record);
    }
    folded.clear();
    fold_into(family, &mut folded);
    record.add(Part::Family, &folded);
    record.scratch = folded;
}

/// Tells given names from other texts that are remembered.
const GIVEN: u8 = 1;

/// The name that a nickname stands for.
fn add_formal(given: &str, folded: &[u8], record: &mut Writer) {
    // Of letters alone nothing is lost when they are folded, so that the same letters stand for the same name.
    let plain = given.len() == folded.len();
    let memo = std::mem::take(&mut record.memo);
    let known = memo.recall(GIVEN, folded).filter(|_| plain);
    if let Some(known) = known {
        known.of(Part::Formal).for_each(|formal| record.add(Part::Formal, formal));
        record.memo = memo;
        return;
    }
    record.memo = memo;
    let mut formal = canonical_given(given).into_bytes();
    formal.make_ascii_uppercase();
    let told = formal != folded && formal.iter().all(u8::is_ascii_alphabetic);
    if told {
        record.add(Part::Formal, &formal);
    }
    if plain {
        record.memo.keep(GIVEN, folded, told.then_some((Part::Formal, formal.as_slice())));
    }
}
