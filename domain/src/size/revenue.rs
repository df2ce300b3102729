//! How much a business takes in a year, in whole dollars.

use super::SizeRange;
use super::amount::parse_range;

const MILLION: i64 = 1_000_000;

/// Ranges behind infoUSA's sales volume codes A to K.
const CODES: [(i64, Option<i64>); 11] = [
    (0, Some(500_000)),
    (500_000, Some(MILLION)),
    (MILLION, Some(2_500_000)),
    (2_500_000, Some(5 * MILLION)),
    (5 * MILLION, Some(10 * MILLION)),
    (10 * MILLION, Some(20 * MILLION)),
    (20 * MILLION, Some(50 * MILLION)),
    (50 * MILLION, Some(100 * MILLION)),
    (100 * MILLION, Some(500 * MILLION)),
    (500 * MILLION, Some(1_000 * MILLION)),
    (1_000 * MILLION, None),
];

/// Yearly revenue in whole dollars out of an amount, a range, a bound or an infoUSA code: `$1.2M`,
/// `$500,000 - $1 Million`, `Less than $500,000`, `1.5 mil`, `1-5M`, `B`. A bare number is dollars.
pub fn parse_revenue(text: &str) -> Option<SizeRange<i64>> {
    let text = text.trim();
    if let [letter] = text.as_bytes() {
        let at = usize::from(letter.to_ascii_uppercase()).checked_sub(usize::from(b'A'));
        if let Some((min, max)) = at.and_then(|at| CODES.get(at)) {
            return Some(SizeRange { min: *min, max: *max });
        }
    }
    // Losses are no revenue: a minus sign before the amount, not between two.
    if text.starts_with('-') || text.starts_with("$-") || text.starts_with("($") {
        return None;
    }
    parse_range(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shapes_of_lists() {
        let check = |text: &str, min: i64, max: Option<i64>| {
            assert_eq!(parse_revenue(text), Some(SizeRange { min, max }), "{text:?}");
        };
        check("$1.2M", 1_200_000, Some(1_200_000));
        check("$500,000 - $1 Million", 500_000, Some(1_000_000));
        check("$1 Million - $2.5 Million", 1_000_000, Some(2_500_000));
        check("Less than $500,000", 0, Some(500_000));
        check("Under $500K", 0, Some(500_000));
        check("Over $1 Billion", 1_000_000_000, None);
        check("$1M+", 1_000_000, None);
        check("1.5 mil", 1_500_000, Some(1_500_000));
        check("500K-1M", 500_000, Some(1_000_000));
        check("1-5M", 1_000_000, Some(5_000_000));
        check("$2.5 to 5 million", 2_500_000, Some(5_000_000));
        check("1250000", 1_250_000, Some(1_250_000));
        check("$1,250,000.00", 1_250_000, Some(1_250_000));
        check("1.234567M", 1_234_000, Some(1_234_000));
        check("A", 0, Some(500_000));
        check("B", 500_000, Some(1_000_000));
        check("k", 1_000_000_000, None);
    }

    #[test]
    fn what_is_no_revenue() {
        for none in ["", "unknown", "Z", "$", "-500", "1-2-3"] {
            assert_eq!(parse_revenue(none), None, "{none:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_ranges_are_in_order(text in "[0-9A-Za-z$.,+<> -]{0,20}|.{0,20}") {
            if let Some(range) = parse_revenue(&text) {
                prop_assert!(range.min >= 0 && range.max.is_none_or(|max| max >= range.min));
            }
        }
    }
}
