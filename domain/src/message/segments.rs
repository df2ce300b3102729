//! How many parts a text is sent and charged as, and which character makes it more.
//!
//! A text of characters of GSM 03.38 is sent in septets: 160 alone, 153 in each part of a longer one, because each part
//! then says which it is. Ten characters, `€` and the brackets among them, take two, which stay together. One
//! character beyond makes all of it UCS-2: 70 units of UTF-16 alone, 67 in each part, surrogate pairs kept together.

use std::sync::LazyLock;

use serde::Serialize;

use crate::named::named_enum;
use crate::table;

named_enum! {
    /// What a text is sent in.
    Encoding {
        /// Septets of GSM 03.38: 160, or 153 a part.
        Gsm7 = "gsm7",
        /// Units of UTF-16: 70, or 67 a part.
        Ucs2 = "ucs2",
    }
}

impl Encoding {
    /// Units that one part alone holds.
    pub const fn alone(self) -> u32 {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that each part holds where there are several.
    pub const fn together(self) -> u32 {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// The first character that GSM 03.38 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Forcing {
    /// The character.
    pub character: char,
    /// How many characters come before it.
    pub at: usize,
}

/// What a text is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Segments {
    /// What it is sent in.
    pub encoding: Encoding,
    /// Its length in units of the encoding.
    pub units: u32,
    /// How many parts are sent and charged; 0 for no text.
    pub parts: u32,
    /// What makes it UCS-2; `None` where it is not.
    pub forced_by: Option<Forcing>,
}

impl Segments {
    /// What a text is sent as.
    pub fn of(text: &str) -> Self {
        let forced_by = text
            .chars()
            .enumerate()
            .find(|(_, character)| septets(*character).is_none())
            .map(|(at, character)| Forcing { character, at });
        let encoding = if forced_by.is_some() { Encoding::Ucs2 } else { Encoding::Gsm7 };
        let width = |character: char| match encoding {
            Encoding::Gsm7 => u32::from(septets(character).unwrap_or(0)),
            Encoding::Ucs2 => u32::try_from(character.len_utf16()).unwrap_or(2),
        };
        let units = text.chars().map(width).fold(0u32, u32::saturating_add);
        let parts = match units {
            0 => 0,
            _ if units <= encoding.alone() => 1,
            _ => packed(text.chars().map(width), encoding.together()),
        };
        Self { encoding, units, parts, forced_by }
    }
}

/// Parts of `room` units that characters of these widths fill, none of them cut.
fn packed(widths: impl Iterator<Item = u32>, room: u32) -> u32 {
    let (mut parts, mut left) = (0u32, 0);
    for width in widths {
        if width > left {
            parts = parts.saturating_add(1);
            left = room;
        }
        left -= width;
    }
    parts
}

/// Septets of a character: 1, 2 for one of the extension table, `None` for one that GSM 03.38 does not have.
fn septets(character: char) -> Option<u8> {
    match character {
        '€' => Some(2),
        _ => match SEPTETS.get(usize::try_from(u32::from(character)).ok()?)? {
            0 => None,
            width => Some(*width),
        },
    }
}

/// Every other character of GSM 03.38 lies below this: the last is Omega, U+03A9.
const BOUND: usize = 0x400;

static SEPTETS: LazyLock<[u8; BOUND]> = LazyLock::new(|| {
    let mut widths = [0; BOUND];
    for [unicode, septets] in table::rows(include_str!("../../data/gsm7.csv")) {
        let at = usize::from_str_radix(unicode, 16).ok();
        if let (Some(slot), Ok(width)) = (at.and_then(|at| widths.get_mut(at)), septets.parse()) {
            *slot = width;
        }
    }
    widths
});

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> (&'static str, u32, u32) {
        let segments = Segments::of(text);
        (segments.encoding.as_str(), segments.units, segments.parts)
    }

    fn a(times: usize) -> String {
        "a".repeat(times)
    }

    /// Computed from the published algorithm, independently of this code.
    #[test]
    fn the_known_vectors() {
        for (text, units, parts) in [
            (a(160), 160, 1),
            (a(161), 161, 2),
            (a(306), 306, 2),
            (a(307), 307, 3),
            (a(158) + "€", 160, 1),
            (a(159) + "€", 161, 2),
            (a(152) + "€" + &a(153), 307, 3),
            (String::new(), 0, 0),
        ] {
            assert_eq!(told(&text), ("gsm7", units, parts), "{text}");
        }
        for (text, units, parts) in [
            ("\u{2019}".to_owned() + &a(69), 70, 1),
            ("\u{2019}".to_owned() + &a(70), 71, 2),
            (a(133) + "\u{2019}", 134, 2),
            (a(134) + "\u{2019}", 135, 3),
            ("😀".repeat(35), 70, 1),
            ("😀".repeat(36), 72, 2),
            (a(66) + "😀" + &a(67), 135, 3),
        ] {
            assert_eq!(told(&text), ("ucs2", units, parts), "{text}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        let of_width = |width| SEPTETS.iter().filter(|found| **found == width).count();
        assert_eq!((of_width(1), of_width(2)), (127, 9), "the euro sign stands apart");
        assert_eq!(told("^{}\\[~]|€\u{c}"), ("gsm7", 20, 1));
        assert_eq!(told("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./"), ("gsm7", 47, 1));
        assert_eq!(told("\u{1b}").0, "ucs2", "the escape is no character of a text");
        assert_eq!(told("`").0, "ucs2");
        assert_eq!(told("ç").0, "ucs2");
    }

    #[test]
    fn it_says_what_forces_the_larger_encoding_and_where() {
        let segments = Segments::of("Hi, it\u{2019}s 😀");
        assert_eq!(segments.forced_by, Some(Forcing { character: '\u{2019}', at: 6 }));
        assert_eq!(Segments::of("Hi").forced_by, None);
    }

    proptest! {
        #[test]
        fn parts_hold_what_they_say(text in "[a-zé€{\u{2019}😀]{0,400}") {
            let Segments { encoding, units, parts, forced_by } = Segments::of(&text);
            prop_assert_eq!(forced_by.is_some(), encoding == Encoding::Ucs2);
            match parts {
                0 => prop_assert!(text.is_empty()),
                1 => prop_assert!(units <= encoding.alone()),
                // A character of two units leaves at most one free at the end of a part.
                _ => prop_assert!(
                    units <= parts * encoding.together() && units > (parts - 1) * (encoding.together() - 1)
                ),
            }
        }

        #[test]
        fn more_text_is_never_fewer_parts(text in "\\PC{0,200}", more in "\\PC{1,5}") {
            let longer = text.clone() + &more;
            prop_assert!(Segments::of(&longer).parts >= Segments::of(&text).parts);
        }
    }
}
