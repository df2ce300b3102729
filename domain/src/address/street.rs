//! Street lines.

use super::unit;
use super::words::{designator, directional, suffix, upper_words};
use crate::cell::clean;

/// A street line and its unit, in USPS form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreetAddress {
    /// `6649 N BLUE GUM ST`, `PO BOX 12`; `None` when no line says.
    pub street: Option<String>,
    /// `STE 200`, `# 54`, `FL 2`.
    pub unit: Option<String>,
}

/// Reads both lines of an address. `city` serves to cut a city, state and ZIP repeated behind the street.
pub fn parse_street(line1: &str, line2: &str, city: &str) -> StreetAddress {
    let (first, second) = (clean(line1), clean(line2));
    let (first, second) = match (is_for_somebody(&first), is_for_somebody(&second)) {
        (true, _) => (second, clean("")),
        (_, true) => (first, clean("")),
        _ => (first, second),
    };
    if second.is_empty() {
        return one_line(without_city(&first, city), false);
    }
    let (first, second) =
        (one_line(without_city(&first, city), false), one_line(without_city(&second, city), true));
    let (main, other) = match (&first.street, &second.street) {
        // The name of a building above the street.
        (Some(a), Some(b)) if !has_digit(a) && has_digit(b) => (second, first),
        (None, Some(_)) => (second, first),
        _ => (first, second),
    };
    StreetAddress { street: main.street.or(other.street), unit: main.unit.or(other.unit) }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Lines that name a person or department instead of a place.
fn is_for_somebody(line: &str) -> bool {
    ["ATTN", "C/O", "CARE OF", "ATTENTION"].iter().any(|mark| {
        line.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
            && !line[mark.len()..].starts_with(|c: char| c.is_alphabetic())
    })
}

/// `327 W Marion St, South Bend, Indiana, 46601` without what stands behind the street.
fn without_city<'l>(line: &'l str, city: &str) -> &'l str {
    let city = city.trim();
    if city.is_empty() || !line.contains(',') {
        return line;
    }
    let mut at = 0;
    for part in line.split(',') {
        if at > 0 && part.trim().eq_ignore_ascii_case(city) {
            return &line[..at - 1];
        }
        at += part.len() + 1;
    }
    line
}

fn one_line(line: &str, second_line: bool) -> StreetAddress {
    let upper = upper_words(line);
    let mut words: Vec<&str> =
        upper.split_whitespace().map(without_dashes).filter(|word| !word.is_empty()).collect();
    drop_idle_number_signs(&mut words);
    if let Some(boxed) = post_office_box(&words) {
        return boxed;
    }
    if let Some(unit) = unit::whole(&words, second_line) {
        // "STE 200 123 MAIN ST" has its street behind the unit.
        if !second_line
            && let [_, _, number, _, ..] = words.as_slice()
            && number.starts_with(|c: char| c.is_ascii_digit())
            && words.last().is_some_and(|last| suffix(last).or(directional(last)).is_some())
            && unit::starts_unit(&words[..2], 0)
        {
            let unit = unit::whole(&words[..2], false);
            words.drain(..2);
            return behind_unit(unit, &words);
        }
        return StreetAddress { street: None, unit: Some(unit) };
    }
    let keep = if words.first().is_some_and(|word| has_digit(word)) { 2 } else { 1 };
    let unit = unit::cut(&mut words, keep);
    StreetAddress { street: street(&words), unit }
}

fn without_dashes(word: &str) -> &str {
    let inside = |byte: Option<&u8>| byte.is_some_and(|byte| !matches!(byte, b'-' | b'/'));
    let bytes = word.as_bytes();
    if inside(bytes.first()) && inside(bytes.last()) { word } else { word.trim_matches(['-', '/']) }
}

/// The street that stands behind a unit, read as a line of its own.
fn behind_unit(unit: Option<String>, words: &[&str]) -> StreetAddress {
    let rest = one_line(&words.join(" "), false);
    StreetAddress { street: rest.street, unit: unit.or(rest.unit) }
}

/// A number sign with no number behind it, or in front of a designator (`# STE 5`), says nothing.
fn drop_idle_number_signs(words: &mut Vec<&str>) {
    let mut at = words.len();
    while at > 0 {
        at -= 1;
        let says_nothing = match words.get(at + 1) {
            None => true,
            Some(next) => designator(next).is_some() || unit::starts_unit(words, at + 1),
        };
        if words[at] == "#" && says_nothing {
            words.remove(at);
        }
    }
}

/// `PO BOX 12`, and `RR 2 BOX 5` for rural routes.
fn post_office_box(words: &[&str]) -> Option<StreetAddress> {
    let (rest, spelled_out) = match words {
        ["PO", "BOX", rest @ ..] | ["P", "O", "BOX", rest @ ..] | ["POST", "OFFICE", "BOX", rest @ ..] => {
            (rest, true)
        }
        ["POB" | "POBOX" | "BOX" | "PO", rest @ ..] => (rest, false),
        ["RURAL", "ROUTE" | "RTE" | "RT", route, "BOX", rest @ ..]
        | ["RR" | "RFD", route, "BOX", rest @ ..] => {
            return route_box("RR", route, rest);
        }
        ["HIGHWAY", "CONTRACT", route, "BOX", rest @ ..] | ["HC" | "HCR", route, "BOX", rest @ ..] => {
            return route_box("HC", route, rest);
        }
        _ => return None,
    };
    let rest = rest.strip_prefix(&["#"]).unwrap_or(rest);
    let [number, ..] = rest else { return None };
    let is_number = has_digit(number) || (spelled_out && number.len() == 1 && rest.len() == 1);
    is_number.then(|| StreetAddress { street: Some(format!("PO BOX {number}")), unit: None })
}

fn route_box(kind: &str, route: &str, rest: &[&str]) -> Option<StreetAddress> {
    let number = rest.first()?;
    Some(StreetAddress { street: Some(format!("{kind} {route} BOX {number}")), unit: None })
}

/// The words of a street line with directions and suffix abbreviated.
fn street(words: &[&str]) -> Option<String> {
    let first = words.first()?;
    let mut end = words.len();
    let numbered = has_digit(first);
    // The name of the street begins behind the house number; one word of it stays as it is.
    let name = usize::from(numbered);
    let is_suffix = |at: usize| at > name && suffix(words[at]).is_some();
    let mut after = None;
    if end >= name + 3 && is_suffix(end - 2) {
        after = directional(words[end - 1]);
        end -= usize::from(after.is_some());
    }
    let suffix_at = (end > name + 1 && is_suffix(end - 1)).then(|| end - 1);
    let last_of_name = suffix_at.unwrap_or(end);
    let before = (last_of_name > name + 1).then(|| directional(words[name])).flatten();
    let mut street = String::with_capacity(words.iter().map(|word| word.len() + 1).sum());
    for (at, word) in words[..end].iter().enumerate() {
        let short = match (before, suffix_at) {
            (Some(direction), _) if at == name => direction,
            (_, Some(suffix_at)) if at == suffix_at => suffix(word).unwrap_or(word),
            _ => word,
        };
        push(short, &mut street);
    }
    if let Some(direction) = after {
        push(direction, &mut street);
    }
    Some(street)
}

fn push(word: &str, street: &mut String) {
    if !street.is_empty() {
        street.push(' ');
    }
    street.push_str(word);
}
