//! Letters as they are compared: small, without accents, compatibility forms made plain.

use unicode_normalization::UnicodeNormalization;

use crate::reply::opt_out::is_invisible;

/// The text in small letters without accents and without what nobody sees.
pub(crate) fn fold(text: &str) -> String {
    let small = text.nfkd().flat_map(char::to_lowercase).nfkd();
    small.filter(|c| !is_accent(*c) && !is_invisible(*c)).map(plain).nfc().collect()
}

/// Marks above and below Latin, Greek and Cyrillic letters.
const fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// Letters that have no accent to take off and are written without one in a hurry; every kind of apostrophe.
const fn plain(character: char) -> char {
    match character {
        'đ' => 'd',
        'ø' => 'o',
        'ł' => 'l',
        'ı' => 'i',
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2bc}' | '`' => '\'',
        _ => character,
    }
}
