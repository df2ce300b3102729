//! The words of an address line, and what the tables of Publication 28 say of them.

use crate::lexicon::{Lexicon, lexicon};

/// Street suffixes (C1), each with its abbreviation.
static SUFFIXES: Lexicon = lexicon!("street_suffixes.txt");

/// An address line in upper case with spaces between its words: letters, digits, `#` by itself, `-` and `/`.
/// Dots and apostrophes vanish, except that a dot behind a digit parts words; every other character does.
pub(super) fn upper_words(line: &str) -> String {
    let mut words = String::with_capacity(line.len() + 4);
    let mut previous = ' ';
    if line.is_ascii() {
        line.bytes().for_each(|byte| push(char::from(byte.to_ascii_uppercase()), &mut previous, &mut words));
    } else {
        line.chars().flat_map(char::to_uppercase).for_each(|c| push(c, &mut previous, &mut words));
    }
    words
}

fn push(c: char, previous: &mut char, words: &mut String) {
    match c {
        'A'..='Z' | '0'..='9' | '-' | '/' => words.push(c),
        '.' if previous.is_ascii_digit() => words.push(' '),
        '.' | '\'' | '’' | '`' => return,
        '#' => words.push_str(" # "),
        c if c.is_alphanumeric() => words.push(c),
        _ => words.push(' '),
    }
    *previous = c;
}

/// The suffix's abbreviation.
pub(super) fn suffix(word: &str) -> Option<&'static str> {
    SUFFIXES.get(word)
}

/// The abbreviation of a direction.
pub(super) fn directional(word: &str) -> Option<&'static str> {
    Some(match word {
        "N" | "NORTH" => "N",
        "S" | "SOUTH" => "S",
        "E" | "EAST" => "E",
        "W" | "WEST" => "W",
        "NE" | "NORTHEAST" | "NORTH-EAST" => "NE",
        "NW" | "NORTHWEST" | "NORTH-WEST" => "NW",
        "SE" | "SOUTHEAST" | "SOUTH-EAST" => "SE",
        "SW" | "SOUTHWEST" | "SOUTH-WEST" => "SW",
        _ => return None,
    })
}

/// How a secondary unit is named, and whether it needs a number (C2).
pub(super) struct Designator {
    /// The abbreviation.
    pub(super) short: &'static str,
    /// Whether a number or letter follows it.
    pub(super) numbered: bool,
}

/// The designator that a word is.
pub(super) fn designator(word: &str) -> Option<Designator> {
    if word.len() > 10 || word.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (short, numbered) = match word {
        "APARTMENT" | "APT" | "APTS" => ("APT", true),
        "BUILDING" | "BLDG" | "BLG" => ("BLDG", true),
        "DEPARTMENT" | "DEPT" => ("DEPT", true),
        "FLOOR" | "FLR" | "FL" => ("FL", true),
        "HANGAR" | "HNGR" | "HANGER" => ("HNGR", true),
        "KEY" => ("KEY", true),
        "LOT" => ("LOT", true),
        "PIER" => ("PIER", true),
        "ROOM" | "RM" => ("RM", true),
        "SLIP" => ("SLIP", true),
        "SPACE" | "SPC" => ("SPC", true),
        "STOP" => ("STOP", true),
        "SUITE" | "STE" | "SUITES" | "SU" => ("STE", true),
        "TRAILER" | "TRLR" => ("TRLR", true),
        "UNIT" | "UNITS" => ("UNIT", true),
        "#" => ("#", true),
        "BASEMENT" | "BSMT" => ("BSMT", false),
        "FRONT" | "FRNT" => ("FRNT", false),
        "LOBBY" | "LBBY" => ("LBBY", false),
        "LOWER" | "LOWR" => ("LOWR", false),
        "OFFICE" | "OFC" => ("OFC", false),
        "PENTHOUSE" | "PH" => ("PH", false),
        "REAR" => ("REAR", false),
        "SIDE" => ("SIDE", false),
        "UPPER" | "UPPR" => ("UPPR", false),
        _ => return None,
    };
    Some(Designator { short, numbered })
}

/// Whether a word can be the number of a unit: it has a digit, or is one or two letters that are no direction
/// and no street suffix.
pub(super) fn is_unit_number(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        || (word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_uppercase()) && suffix(word).is_none())
}

/// `1ST`, `22ND`: the number without its ending.
pub(super) fn ordinal(word: &str) -> Option<&str> {
    let number = ["ST", "ND", "RD", "TH"].iter().find_map(|ending| word.strip_suffix(ending))?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
}
