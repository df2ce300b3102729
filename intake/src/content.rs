//! What a column's values look like, where its name does not tell.

use std::collections::HashSet;

/// The kind of one cell, in words that reveal nothing of it.
pub(crate) fn kind(cell: &str) -> &'static str {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    if cell.is_empty() {
        "blank"
    } else if is_email(cell) {
        "an e-mail address"
    } else if cell.starts_with("http://") || cell.starts_with("https://") || cell.starts_with("www.") {
        "a web address"
    } else if is_written_phone(cell) {
        "a phone number"
    } else if is_number(cell) {
        "a number"
    } else if digits >= 5 {
        "text with digits"
    } else {
        "text"
    }
}

/// Whether a cell is surely a value, not the name of a column.
pub(crate) fn is_value(cell: &str) -> bool {
    !matches!(kind(cell), "blank" | "text")
}

fn is_number(cell: &str) -> bool {
    let mut digits = false;
    for byte in cell.bytes() {
        match byte {
            b'0'..=b'9' => digits = true,
            b'.' | b',' | b'-' | b'+' | b'$' | b'%' | b' ' | b'/' | b':' => {}
            _ => return false,
        }
    }
    digits
}

pub(crate) fn is_email(cell: &str) -> bool {
    let Some((local, host)) = cell.trim().split_once('@') else { return false };
    !local.is_empty()
        && !local.contains(' ')
        && !host.contains([' ', '@'])
        && host.trim_matches('.').contains('.')
}

/// Ten digits, or eleven with a leading 1, written the way phones are: with separators between the groups.
pub(crate) fn is_written_phone(cell: &str) -> bool {
    let cell = cell.trim();
    let digits: Vec<u8> = cell.bytes().filter(u8::is_ascii_digit).collect();
    let separators = cell.bytes().filter(|byte| b"-. ()/".contains(byte)).count();
    let plain = cell.bytes().all(|byte| byte.is_ascii_digit() || b"-. ()/+".contains(&byte));
    let ten = digits.len() == 10 || (digits.len() == 11 && digits[0] == b'1');
    plain && ten && separators >= 2
}

/// Share of the filled values for which `test` holds, if there are at least `least` of them.
pub(crate) fn share(values: &[&str], least: usize, test: impl Fn(&str) -> bool) -> Option<f32> {
    let filled: Vec<&str> =
        values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
    if filled.len() < least.max(1) {
        return None;
    }
    Some(filled.iter().filter(|value| test(value)).count() as f32 / filled.len() as f32)
}

/// Mr, Mrs, Dr and their like.
pub(crate) fn is_name_prefix(value: &str) -> bool {
    let word = value.trim().trim_end_matches('.').to_ascii_lowercase();
    const PREFIXES: &[&str] = &[
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "rev",
        "fr",
        "sr",
        "hon",
        "sir",
        "mr & mrs",
        "mr and mrs",
        "doctor",
        "professor",
        "reverend",
        "capt",
        "col",
        "lt",
        "sgt",
        "maj",
    ];
    PREFIXES.contains(&word.as_str())
}

/// A word that only names of businesses have.
pub(crate) fn names_a_business(value: &str) -> bool {
    const WORDS: &[&str] = &[
        "inc",
        "llc",
        "llp",
        "lp",
        "ltd",
        "co",
        "corp",
        "corporation",
        "company",
        "pllc",
        "pc",
        "pa",
        "dba",
        "group",
        "services",
        "service",
        "associates",
        "partners",
        "enterprises",
        "holdings",
        "industries",
        "systems",
        "solutions",
        "construction",
        "plumbing",
        "electric",
        "roofing",
        "heating",
        "hvac",
        "restaurant",
        "cafe",
        "shop",
        "store",
        "salon",
        "clinic",
        "dental",
        "insurance",
        "realty",
        "bank",
        "church",
        "school",
        "hotel",
        "auto",
        "motors",
        "supply",
        "consulting",
        "agency",
        "studio",
        "center",
        "centre",
        "the",
        "of",
        "and",
    ];
    value.contains('&')
        || value
            .split(|char: char| !char.is_alphanumeric())
            .any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// Whether values tell records apart: long enough, and rarely the same. A class code is not an id.
pub(crate) fn tells_records_apart(values: &[&str]) -> bool {
    let filled: Vec<&str> =
        values.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
    let distinct: HashSet<&str> = filled.iter().copied().collect();
    let long = filled.iter().filter(|value| value.len() >= 4).count();
    !filled.is_empty() && distinct.len() * 2 > filled.len() && long * 10 >= filled.len() * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_tell_values_from_names() {
        for (cell, expected) in [
            ("a@b.com", true),
            ("504-621-8927", true),
            ("(574) 232 2277", true),
            ("1,200", true),
            ("2015-11-04", true),
            ("12 Main St 46601", true),
            ("www.x.com", true),
            ("SIC CODE 1", false),
            ("EMPLOYEE SIZE (5) - LOCATION", false),
            ("Phone No.", false),
            ("", false),
        ] {
            assert_eq!(is_value(cell), expected, "{cell:?} is {}", kind(cell));
        }
    }
}
