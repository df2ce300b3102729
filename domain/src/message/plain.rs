//! Typographic characters as those of GSM 03.38: what word processors put in and nobody asked for.

/// The same text with quotes, dashes, dots and spaces that a text message can carry; `None` when it has no others. To be
/// offered, not done unasked: the sender decides what is said.
pub fn plain_quotes(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut changed = false;
    for character in text.chars() {
        match replacement(character) {
            Some(instead) => {
                plain.push_str(instead);
                changed = true;
            }
            None => plain.push(character),
        }
    }
    changed.then_some(plain)
}

const fn replacement(character: char) -> Option<&'static str> {
    Some(match character {
        // Quotes: curly, low, reversed, primes, angled, and the accents typed for them.
        '\u{2018}'..='\u{201b}'
        | '\u{2032}'
        | '\u{2035}'
        | '\u{2039}'
        | '\u{203a}'
        | '\u{02bc}'
        | '`'
        | '´' => "'",
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{2036}' | '«' | '»' => "\"",
        // Hyphens, dashes, minus.
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{2026}' => "...",
        '\u{2022}' | '\u{00b7}' => "*",
        // Spaces: no-break, of all widths, ideographic.
        '\u{00a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\t' => " ",
        // What nobody sees: zero width, soft hyphen, marks of direction, byte order mark.
        '\u{200b}'..='\u{200f}' | '\u{00ad}' | '\u{2060}' | '\u{feff}' => "",
        '\u{2028}' | '\u{2029}' => "\n",
        '©' => "(c)",
        '®' => "(R)",
        '™' => "TM",
        '½' => "1/2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Encoding, Segments};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_word_processor_put_in_is_offered_plain() {
        let typed = "\u{201c}Hi\u{201d} \u{2013} it\u{2019}s us\u{2026}\u{a0}call\u{200b} me";
        let plain = plain_quotes(typed).expect("something to replace");
        assert_eq!(plain, "\"Hi\" - it's us... call me");
        assert_eq!(Segments::of(&plain).encoding, Encoding::Gsm7);
        assert_eq!(Segments::of(typed).encoding, Encoding::Ucs2);
    }

    #[test]
    fn nothing_is_offered_where_nothing_would_change() {
        assert_eq!(plain_quotes("It's \"us\" - 100% €"), None);
        assert_eq!(plain_quotes("😀"), None, "what is meant stays");
    }

    proptest! {
        #[test]
        fn what_is_offered_offers_nothing_more(text in "\\PC{0,80}") {
            if let Some(plain) = plain_quotes(&text) {
                prop_assert_ne!(&plain, &text);
                prop_assert_eq!(plain_quotes(&plain), None);
            }
        }
    }
}
