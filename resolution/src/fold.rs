//! Texts without what spellings differ in.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters and digits of ASCII as they are compared, upper-case; 0 for every other byte.
pub(crate) static FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            folded[byte as usize] = byte.to_ascii_uppercase();
        }
        byte += 1;
    }
    folded
};

/// Appends the letters and digits of `text`, upper-case, without accents, as UTF-8.
pub(crate) fn fold_into(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    let mut all_stay = true;
    for byte in &mut out[start..] {
        *byte = FOLDED[usize::from(*byte)];
        all_stay &= *byte != 0;
    }
    if all_stay {
        return;
    }
    if text.is_ascii() {
        let mut end = start;
        for at in start..out.len() {
            out[end] = out[at];
            end += usize::from(out[at] != 0);
        }
        return out.truncate(end);
    }
    out.truncate(start);
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
