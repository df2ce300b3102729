//! Parts the unit (suite, apartment, floor) from the street it belongs to.

use super::words::{designator, directional, is_unit_number, ordinal, suffix};

/// Cuts the unit off the end of `words`, which keeps the street; the unit's words in USPS form.
///
/// At least `keep` words stay with the street, so that "FRONT ST" and "100 KEY LARGO DR" remain streets.
pub(super) fn cut(words: &mut Vec<&str>, keep: usize) -> Option<String> {
    let mut unit = String::new();
    while let Some(at) = (keep..words.len()).find(|at| starts_unit(words, *at)) {
        let mut part = String::new();
        write(&words[at..], &mut part);
        words.truncate(at);
        unit = if unit.is_empty() { part } else { format!("{part} {unit}") };
    }
    if has_bare_unit(words)
        && let Some(number) = words.pop()
    {
        unit = if unit.is_empty() { format!("# {number}") } else { format!("# {number} {unit}") };
    }
    (!unit.is_empty()).then_some(unit)
}

/// `5600 W CHICAGO AVE 1ST`: a number behind the suffix, without saying of what. `COUNTY ROAD 5`, `HIGHWAY 6`
/// and `S AVENUE 5` are streets.
fn has_bare_unit(words: &[&str]) -> bool {
    let [number, .., name, ending, last] = words else { return false };
    let numbered = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    numbered(number)
        && numbered(last)
        && matches!(
            suffix(ending),
            Some("AVE" | "ST" | "RD" | "DR" | "BLVD" | "LN" | "CT" | "PL" | "TER" | "CIR" | "WAY")
        )
        && directional(name).is_none()
        && !matches!(
            *name,
            "COUNTY" | "STATE" | "CO" | "RANCH" | "FARM" | "TOWNSHIP" | "TWP" | "FOREST" | "SERVICE"
        )
}

/// A unit that is the whole of a line: `STE 200`, `2ND FLOOR`; on a second line also a bare `200`, which
/// becomes `# 200`.
pub(super) fn whole(words: &[&str], second_line: bool) -> Option<String> {
    let mut unit = String::new();
    match words {
        [] => return None,
        [number] if second_line && is_unit_number(number) => {
            unit.push_str("# ");
            unit.push_str(number);
        }
        _ if starts_unit(words, 0) => write(words, &mut unit),
        _ => return None,
    }
    Some(unit)
}

/// Whether a unit begins at word `at` and reaches to the end.
pub(super) fn starts_unit(words: &[&str], at: usize) -> bool {
    let next = words.get(at + 1);
    if let Some(found) = designator(words[at]) {
        return match next {
            Some(next) if found.numbered => {
                is_unit_number(next)
                    || (matches!(found.short, "#" | "STE" | "APT" | "UNIT") && is_unit_name(next))
            }
            Some(_) => !found.numbered && starts_unit(words, at + 1),
            None => !found.numbered,
        };
    }
    // 2ND FLOOR
    ordinal(words[at]).is_some()
        && next.and_then(|next| designator(next)).is_some_and(|next| next.short == "FL")
}

/// A unit by a short word instead of a number: `STE MAIN`, but not the `AVE` of a Suite Ave.
fn is_unit_name(word: &str) -> bool {
    word.len() <= 4 && suffix(word).is_none() && directional(word).is_none() && designator(word).is_none()
}

fn write(words: &[&str], unit: &mut String) {
    let mut at = 0;
    while at < words.len() {
        let floor =
            words.get(at + 1).and_then(|next| designator(next)).is_some_and(|next| next.short == "FL");
        if let Some(number) = ordinal(words[at]).filter(|_| floor) {
            push("FL", unit);
            push(number, unit);
            at += 2;
            continue;
        }
        match designator(words[at]) {
            // STE # 200 is STE 200.
            Some(found)
                if found.short == "#"
                    && at > 0
                    && designator(words[at - 1]).is_some_and(|it| it.numbered) => {}
            Some(found) => push(found.short, unit),
            None => push(words[at], unit),
        }
        at += 1;
    }
}

fn push(word: &str, unit: &mut String) {
    if !unit.is_empty() {
        unit.push(' ');
    }
    unit.push_str(word);
}
