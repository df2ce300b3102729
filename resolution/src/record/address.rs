//! Postal addresses.

use std::borrow::Cow;

use domain::address::{StreetAddress, parse_street};
use domain::geo::State;

use super::writer::{Cells, Writer};
use super::{Part, plain};
use crate::fold::fold_into;

/// Words that only say what kind of unit a number is of.
const UNIT_KINDS: [&str; 14] = [
    "STE",
    "SUITE",
    "APT",
    "UNIT",
    "#",
    "RM",
    "ROOM",
    "NO",
    "SPC",
    "LOT",
    "TRLR",
    "DEPT",
    "OFC",
    "APARTMENT",
];

/// Whether a word is an abbreviation that ends a street in USPS form, or a direction: what lists leave out or mistype most.
fn is_idle(word: &str) -> bool {
    matches!(
        word,
        "ST" | "AVE"
            | "RD"
            | "DR"
            | "LN"
            | "CT"
            | "BLVD"
            | "PL"
            | "CIR"
            | "WAY"
            | "PKWY"
            | "HWY"
            | "TER"
            | "TRL"
            | "SQ"
            | "PLZ"
            | "LOOP"
            | "ALY"
            | "PIKE"
            | "RUN"
            | "XING"
            | "CV"
            | "CRES"
            | "CRST"
            | "EXPY"
            | "FWY"
            | "PATH"
            | "ROW"
            | "WALK"
            | "PASS"
            | "PT"
            | "BND"
            | "CLOSE"
            | "GROVE"
            | "GRV"
            | "N"
            | "S"
            | "E"
            | "W"
            | "NE"
            | "NW"
            | "SE"
            | "SW"
            | "HTS"
    )
}

/// A whole address in one line, `123 Main Street, Las Vegas NV 89132`, in parts: street, city, state, ZIP.
pub(super) fn whole(line: &str) -> Option<[&str; 4]> {
    let (mut rest, mut last) = line.rsplit_once(',')?;
    let zip = last.rsplit(' ').next().filter(|word| is_zip(word)).unwrap_or_default();
    last = last.strip_suffix(zip)?.trim();
    let mut state = last.rsplit(' ').next().filter(|word| State::parse(word).is_some()).unwrap_or_default();
    if State::parse(last).is_some() {
        state = last;
    }
    if zip.is_empty() && state.is_empty() {
        return None;
    }
    let mut city = last.strip_suffix(state)?.trim();
    if city.is_empty()
        && let Some((before, name)) = rest.rsplit_once(',')
    {
        (rest, city) = (before, name.trim());
    }
    Some([rest, city, state, zip])
}

fn is_zip(word: &str) -> bool {
    let five = word.split('-').next().unwrap_or_default();
    five.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// Street and unit.
pub(super) fn address(street: &Cells<'_>, unit: &Cells<'_>, city: &str, record: &mut Writer) {
    let line = joined(street);
    let unit_line = joined(unit);
    if line.is_empty() && unit_line.is_empty() {
        return;
    }
    let numbered = plain::Numbered::of(&line).filter(|_| unit_line.is_empty());
    if !numbered.is_some_and(|numbered| recall(&numbered, record) || read_numbered(&numbered, record)) {
        read(&line, &unit_line, city, record);
    }
}

/// Tells streets from other texts that are remembered.
const STREET: u8 = 2;
/// The parts that a street behind its number is read as.
const REST: [Part; 2] = [Part::Street, Part::Unit];

/// Adds a street line whose street was read before, behind another number.
fn recall(line: &plain::Numbered<'_>, record: &mut Writer) -> bool {
    let memo = std::mem::take(&mut record.memo);
    let known = memo.recall(STREET, line.street.as_bytes());
    // A street that has a unit in it is read together with what stands behind it.
    let known = known.filter(|known| line.unit.is_none() || known.of(Part::Unit).next().is_none());
    if let Some(known) = &known {
        record.add(Part::HouseNumber, line.number.as_bytes());
        REST.iter().for_each(|part| known.of(*part).for_each(|value| record.add(*part, value)));
        line.unit.into_iter().for_each(|unit| add_unit(unit, record));
    }
    let found = known.is_some();
    record.memo = memo;
    found
}

/// Adds a street line, its unit apart from its street, and remembers what the street was read as. `false` where one of
/// them depends on the other.
fn read_numbered(line: &plain::Numbered<'_>, record: &mut Writer) -> bool {
    let parsed = parse_street(line.line, "", "");
    if line.unit.is_some() && parsed.unit.is_some() {
        return false;
    }
    add_parsed(&parsed, record);
    let mut memo = std::mem::take(&mut record.memo);
    let values = REST.iter().flat_map(|part| record.of(*part).map(|value| (*part, value)));
    memo.keep(STREET, line.street.as_bytes(), values);
    record.memo = memo;
    line.unit.into_iter().for_each(|unit| add_unit(unit, record));
    true
}

/// Takes street and unit apart.
pub(super) fn read(line: &str, unit_line: &str, city: &str, record: &mut Writer) {
    let parsed = parse_street(line, unit_line, city);
    add_parsed(&parsed, record);
    // A second line that is no unit to USPS may still tell two addresses apart.
    let taken = parsed
        .street
        .as_deref()
        .is_some_and(|street| line.is_empty() || street.eq_ignore_ascii_case(unit_line));
    if parsed.unit.is_none() && !taken {
        add_unit(unit_line, record);
    }
}

fn add_parsed(parsed: &StreetAddress, record: &mut Writer) {
    if let Some(street) = &parsed.street {
        add_street(street, record);
    }
    if let Some(unit) = &parsed.unit {
        add_unit(unit, record);
    }
}

fn joined<'v>(lines: &[&'v str]) -> Cow<'v, str> {
    match lines {
        [] => Cow::Borrowed(""),
        [line] => Cow::Borrowed(line),
        lines => Cow::Owned(lines.join(" ")),
    }
}

/// `6649 N BLUE GUM ST` as number `6649`, street `N BLUE GUM ST` and core `BLUE GUM`.
fn add_street(street: &str, record: &mut Writer) {
    let (number, name) = match street.split_once(' ') {
        Some((first, rest)) if first.starts_with(|c: char| c.is_ascii_digit()) => (first, rest),
        None if street.bytes().all(|byte| byte.is_ascii_digit()) => (street, ""),
        _ => match street.rsplit_once(' ') {
            Some((name, last)) if name.ends_with("BOX") => (last, name),
            _ => ("", street),
        },
    };
    record.add(Part::HouseNumber, number.as_bytes());
    record.add(Part::Street, name.as_bytes());
    let mut core = String::with_capacity(name.len());
    for word in name.split(' ').filter(|word| !is_idle(word)) {
        if !core.is_empty() {
            core.push(' ');
        }
        core.push_str(word);
    }
    record.add(Part::Street, core.as_bytes());
}

fn add_unit(unit: &str, record: &mut Writer) {
    let mut folded = std::mem::take(&mut record.scratch);
    folded.clear();
    let words = unit.split_whitespace();
    for word in words.filter(|word| !UNIT_KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(word))) {
        fold_into(word, &mut folded);
    }
    record.add(Part::Unit, &folded);
    record.scratch = folded;
}

/// City, state and postal code.
pub(super) fn place(city: &str, state: &str, zip: &str, record: &mut Writer) {
    let mut folded = std::mem::take(&mut record.scratch);
    folded.clear();
    let city = before(city, b',');
    if !is_nothing(city) {
        fold_into(city, &mut folded);
        record.add(Part::City, &folded);
    }
    if !state.is_empty() && !is_nothing(state) {
        match State::parse(state) {
            Some(state) => record.add(Part::State, state.abbreviation().as_bytes()),
            None => {
                folded.clear();
                fold_into(state, &mut folded);
                record.add(Part::State, &folded);
            }
        }
    }
    record.scratch = folded;
    add_zip(zip, record);
}

/// The text before the first of a sign.
fn before(text: &str, sign: u8) -> &str {
    let end = text.bytes().position(|byte| byte == sign).unwrap_or(text.len());
    &text[..end]
}

fn is_nothing(text: &str) -> bool {
    ["", "n/a", "na", "none", "unknown", "null", "nan"].iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// `89111-0012`, `891110012` and `89111` are `89111`; `8014`, whose zero a spreadsheet ate, and `08014` are `8014`.
/// Postal codes of other countries are what they are.
fn add_zip(zip: &str, record: &mut Writer) {
    let code = plain::trimmed(before(zip, b'-'));
    if code.bytes().all(|byte| byte.is_ascii_digit()) {
        let five = if matches!(code.len(), 8 | 9) { &code[..code.len() - 4] } else { code };
        let zeros = five.bytes().take_while(|byte| *byte == b'0').count();
        record.add(Part::Zip, &five.as_bytes()[zeros..]);
    } else {
        let mut folded = Vec::with_capacity(12);
        fold_into(zip, &mut folded);
        if folded.iter().any(u8::is_ascii_digit) {
            record.add(Part::Zip, &folded);
        }
    }
}
