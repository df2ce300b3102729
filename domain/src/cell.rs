//! One cell of a list, made readable: no control characters, no stray spaces, and nothing where the list
//! says "nothing" in words.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Words by which lists say that a cell is empty. Compared without regard to case.
///
/// A person whose family name is Null or Na loses it here; lists have a thousand empty cells for each of them,
/// and the raw row keeps the name.
const BLANK_WORDS: [&str; 17] = [
    "na",
    "n/a",
    "n.a.",
    "n.a",
    "n\\a",
    "#n/a",
    "null",
    "(null)",
    "<null>",
    "none",
    "(none)",
    "\\n",
    "#ref!",
    "#value!",
    "#name?",
    "undefined",
    "not available",
];

/// The cell without control and invisible characters, in Unicode NFC, trimmed, with single spaces; empty for
/// "NA", "N/A", "NULL", "none", "#N/A", "-" and whatever else has neither letter nor digit. Spreadsheet
/// armour (`="01234"`) is taken off. Borrowed when there was nothing to do; mojibake is left as it is.
pub fn clean(cell: &str) -> Cow<'_, str> {
    let bytes = cell.as_bytes();
    let (mut seen, mut previous) = (0, SPACE);
    for byte in bytes {
        let class = CLASSES[usize::from(*byte)];
        seen |= class | (class & previous & SPACE) << 1;
        previous = class;
    }
    let tidy = (seen | (previous & SPACE) << 1) & UNTIDY == 0;
    if tidy && !bytes.starts_with(b"=") {
        let blank = seen & ALPHANUMERIC == 0 || is_blank_word(cell);
        return Cow::Borrowed(if blank { "" } else { cell });
    }
    let text = without_armour(if tidy { Cow::Borrowed(cell) } else { Cow::Owned(tidied(cell)) });
    if is_blank(&text) { Cow::Borrowed("") } else { text }
}

const ALPHANUMERIC: u8 = 1;
const SPACE: u8 = 2;
/// Twice [`SPACE`], so that two spaces in a row become it by a shift.
const UNTIDY: u8 = 4;

/// What each byte says of a cell: one look at each decides whether there is anything to do.
static CLASSES: [u8; 256] = {
    let mut classes = [UNTIDY; 256];
    let mut byte = 0x20u8;
    while byte < 0x7f {
        classes[byte as usize] = if byte == b' ' { SPACE } else { byte.is_ascii_alphanumeric() as u8 };
        byte += 1;
    }
    classes
};

/// The same as an owned text, or `None` when nothing is left.
pub fn filled(cell: &str) -> Option<String> {
    let text = clean(cell);
    (!text.is_empty()).then(|| text.into_owned())
}

fn tidied(cell: &str) -> String {
    let visible = cell.chars().filter_map(|c| match c {
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() || is_invisible(c) => None,
        c => Some(c),
    });
    let composed: String = if cell.is_ascii() || is_nfc_quick(cell.chars()) == IsNormalized::Yes {
        visible.collect()
    } else {
        visible.nfc().collect()
    };
    let mut text = String::with_capacity(composed.len());
    for word in composed.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Characters that take no space and change no meaning in a name or address: zero-width spaces and joiners,
/// text direction marks, byte order marks, soft hyphens.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn without_armour(text: Cow<'_, str>) -> Cow<'_, str> {
    let inner = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) => Cow::Owned(clean(inner).into_owned()),
        None => text,
    }
}

fn is_blank(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric) || is_blank_word(text)
}

fn is_blank_word(text: &str) -> bool {
    let begins =
        matches!(text.as_bytes().first(), Some(b'n' | b'N' | b'#' | b'(' | b'<' | b'\\' | b'u' | b'U'));
    begins && text.len() <= 13 && BLANK_WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Letters without their accents, upper-case; what is no letter or digit becomes `None`.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .flat_map(char::to_uppercase)
        .nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn empty_words_are_empty() {
        for blank in [
            "", " ", "NA", "n/a", "N/A ", "NULL", "None", "-", "--", "#N/A", ".", "?", "\\N", "\u{feff}",
            "=\"\"",
        ] {
            assert_eq!(clean(blank), "", "{blank:?}");
        }
        for kept in ["Nan", "Nathan", "0", "É", "Nonesuch", "Nullarbor"] {
            assert_eq!(clean(kept), kept);
        }
    }

    #[test]
    fn spaces_controls_and_compositions() {
        let check = |cell: &str, expected: &str| assert_eq!(clean(cell), expected, "{cell:?}");
        check("  Acme \t  Plumbing\u{a0}\r\nLLC ", "Acme Plumbing LLC");
        check("Ac\0me\u{200b}", "Acme");
        check("Cafe\u{301}", "Café");
        check("=\"08014\"", "08014");
        check("CafÃ©", "CafÃ©");
    }

    #[test]
    fn a_tidy_cell_is_borrowed() {
        assert!(matches!(clean("Acme LLC"), Cow::Borrowed("Acme LLC")));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(cell in any::<String>()) {
            let once = clean(&cell).into_owned();
            prop_assert_eq!(clean(&once), once.as_str());
        }
    }
}
