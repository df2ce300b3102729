//! How alike two texts are. Texts are folded before, so bytes are letters.

use rapidfuzz::distance::{jaro_winkler, osa};

/// Jaro-Winkler similarity, 0 to 1.
pub(crate) fn jaro_winkler(a: &[u8], b: &[u8]) -> f64 {
    jaro_winkler::similarity(a.iter().copied(), b.iter().copied())
}

/// How many letters and digits only one of two texts has: a quick look before they are compared in earnest.
pub(crate) fn other_letters(a: &[u8], b: &[u8]) -> u32 {
    (signs(a) ^ signs(b)).count_ones()
}

/// A letter or digit as a bit.
pub(crate) const fn sign(byte: u8) -> u64 {
    1 << (byte & 63)
}

/// The letters and digits of a text.
fn signs(text: &[u8]) -> u64 {
    text.iter().fold(0, |signs, byte| signs | sign(*byte))
}

/// Whether one mistyped sign (another, one more, one less, or two neighbours exchanged: Damerau's errors) makes `a` of
/// `b`. Costs a walk over both, not a table.
pub(crate) fn is_one_slip(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    match (a, b) {
        ([], []) | ([_], [_] | []) | ([], [_]) => true,
        ([a1, a2], [b1, b2]) => a1 == b2 && a2 == b1,
        _ => false,
    }
}

/// Number of Damerau's errors between two texts, neighbours being exchanged once; up to `most`, else `None`.
pub(crate) fn slips(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let args = osa::Args::default().score_cutoff(most);
    osa::distance_with_args(a.iter().copied(), b.iter().copied(), &args)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_slip() {
        for (a, b) in
            [("SMITH", "SMIHT"), ("SMITH", "SMTH"), ("SMITH", "SMITTH"), ("SMITH", "SMYTH"), ("AB", "BA")]
        {
            assert!(is_one_slip(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
        for (a, b) in [("SMITH", "SIMHT"), ("SMITH", "MSITHH"), ("ABC", "CBA"), ("", "AB")] {
            assert!(!is_one_slip(a.as_bytes(), b.as_bytes()), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn one_slip_is_a_distance_of_at_most_one(a in "[AB]{0,6}", b in "[AB]{0,6}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let distance = osa::distance(a.iter(), b.iter());
            prop_assert_eq!(is_one_slip(a, b), distance <= 1);
        }

        #[test]
        fn a_slip_changes_two_letters_at_most(a in "[A-Z]{0,8}", b in "[A-Z]{0,8}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert!(other_letters(a, b) as usize <= 2 * osa::distance(a.iter(), b.iter()));
        }

        #[test]
        fn likeness_does_not_depend_on_the_order(a in "[A-E]{0,8}", b in "[A-E]{0,8}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert!((jaro_winkler(a, b) - jaro_winkler(b, a)).abs() < 1e-9);
        }
    }
}
