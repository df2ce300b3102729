//! How many segments a text is billed as (3GPP TS 23.038): 160 septets or 153 in parts, or 70 and 67 UTF-16 units.

/// The basic alphabet, as one text.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Those behind an escape: two septets each.
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

/// The number of segments; an empty text has none.
pub(crate) fn segments(text: &str) -> u64 {
    let septets: Option<Vec<usize>> = text
        .chars()
        .map(|c| {
            if BASIC.contains(c) {
                Some(1)
            } else if EXTENDED.contains(c) {
                Some(2)
            } else {
                None
            }
        })
        .collect();
    match septets {
        Some(septets) => parts(&septets, 160, 153),
        None => parts(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

/// A character is never cut in two.
fn parts(sizes: &[usize], alone: usize, together: usize) -> u64 {
    let total: usize = sizes.iter().sum();
    if total <= alone {
        return u64::from(total > 0);
    }
    let (mut parts, mut room) = (1, together);
    for &size in sizes {
        if size > room {
            parts += 1;
            room = together;
        }
        room -= size;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_counts() {
        let a = |count: usize| "a".repeat(count);
        for (text, expected) in [
            (String::new(), 0),
            (a(160), 1),
            (a(161), 2),
            (a(306), 2),
            (a(307), 3),
            (a(158) + "€", 1),
            (a(159) + "€", 2),
            (a(152) + "€" + &a(153), 3),
            ("\u{2019}".to_owned() + &a(69), 1),
            ("\u{2019}".to_owned() + &a(70), 2),
            (a(133) + "\u{2019}", 2),
            (a(134) + "\u{2019}", 3),
            ("\u{1F600}".repeat(35), 1),
            ("\u{1F600}".repeat(36), 2),
            (a(66) + "\u{1F600}" + &a(67), 3),
        ] {
            assert_eq!(segments(&text), expected, "{text}");
        }
    }
}
