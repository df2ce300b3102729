//! Texts without what spellings differ in.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Appends the letters and digits of `text`, upper-case, without accents, as UTF-8.
pub(crate) fn fold_into(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        out.extend_from_slice(text.as_bytes());
        out[start..].make_ascii_uppercase();
        return;
    }
    if text.is_ascii() {
        out.reserve(text.len());
        for byte in text.bytes().filter(u8::is_ascii_alphanumeric) {
            out.push(byte.to_ascii_uppercase());
        }
        return;
    }
    let mut bytes = [0; 4];
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c));
    for letter in bare.flat_map(char::to_uppercase).filter(|c| c.is_alphanumeric()) {
        out.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
    }
}

/// Whether anything of `text` is left by [`fold_into`].
pub(crate) fn says_something(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(text: &str) -> String {
        let mut out = Vec::new();
        fold_into(text, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn case_punctuation_and_accents_go() {
        assert_eq!(fold("O'Brien-Smith, Jr."), "OBRIENSMITHJR");
        assert_eq!(fold("José Núñez"), "JOSENUNEZ");
        assert_eq!(fold("Straße 7"), "STRASSE7");
        assert_eq!(fold("Jose\u{301}"), fold("JOSÉ"));
        assert_eq!(fold(" -- "), "");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn spaces_and_punctuation_never_matter(text in "[a-zA-Zéñü0-9]{0,20}", at in 0..20usize) {
            let mut other: Vec<char> = text.chars().collect();
            other.insert(at.min(other.len()), '-');
            let other: String = other.into_iter().collect();
            prop_assert_eq!(fold(&other), fold(&text));
        }
    }
}
