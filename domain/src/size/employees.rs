//! How many people work at a business.

use super::SizeRange;
use super::amount::parse_range;

/// Ranges behind infoUSA's employee size codes A to K.
const CODES: [(i32, Option<i32>); 11] = [
    (1, Some(4)),
    (5, Some(9)),
    (10, Some(19)),
    (20, Some(49)),
    (50, Some(99)),
    (100, Some(249)),
    (250, Some(499)),
    (500, Some(999)),
    (1_000, Some(4_999)),
    (5_000, Some(9_999)),
    (10_000, None),
];

/// Number of employees out of a number, a range, a bound or an infoUSA code: `12`, `10-19`, `10 to 19`,
/// `1,000+`, `Under 5`, `C`; also what a spreadsheet makes of 10-19 by taking it for a date (`19-Oct`).
pub fn parse_employees(text: &str) -> Option<SizeRange<i32>> {
    let text = text.trim();
    if let [letter] = text.as_bytes() {
        let at = usize::from(letter.to_ascii_uppercase()).checked_sub(usize::from(b'A'));
        if let Some((min, max)) = at.and_then(|at| CODES.get(at)) {
            return Some(SizeRange { min: *min, max: *max });
        }
    }
    let range = from_date(text).or_else(|| parse_range(text))?;
    // "Under 5" is four people at most, and at least one.
    let below =
        text.starts_with('<') || starts_with_word(text, "under") || starts_with_word(text, "less than");
    let (min, max) = match range.max {
        Some(max) if range.min == 0 && below && max > 1 => (1, Some(max - 1)),
        max => (range.min, max),
    };
    let people = |count: i64| i32::try_from(count).ok().filter(|count| *count <= 10_000_000);
    Some(SizeRange { min: people(min)?, max: max.map_or(Some(None), |max| people(max).map(Some))? })
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// `19-Oct`, `Oct-19`, `4-Jan`: a day or year beside a month is a range whose lower end became the month.
fn from_date(text: &str) -> Option<SizeRange<i64>> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (left, right) = text.split_once('-')?;
    let month = |word: &str| MONTHS.iter().zip(1i64..).find(|(month, _)| month.eq_ignore_ascii_case(word));
    let (number, (_, low)) = match (month(left), month(right)) {
        (None, Some(month)) => (left, month),
        (Some(month), None) => (right, month),
        _ => return None,
    };
    let high: i64 = number.parse().ok().filter(|high| *high >= low)?;
    Some(SizeRange { min: low, max: Some(high) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shapes_of_lists() {
        let check = |text: &str, min: i32, max: Option<i32>| {
            assert_eq!(parse_employees(text), Some(SizeRange { min, max }), "{text:?}");
        };
        check("12", 12, Some(12));
        check("10-19", 10, Some(19));
        check("10 to 19", 10, Some(19));
        check("10 – 19 employees", 10, Some(19));
        check("1,000+", 1000, None);
        check("1,000-4,999", 1000, Some(4999));
        check("1K-5K", 1000, Some(5000));
        check("Under 5", 1, Some(4));
        check("<5", 1, Some(4));
        check("Less than 10", 1, Some(9));
        check("Up to 10", 0, Some(10));
        check("Over 100", 100, None);
        check("A", 1, Some(4));
        check("c", 10, Some(19));
        check("K", 10_000, None);
        check("19-Oct", 10, Some(19));
        check("Oct-19", 10, Some(19));
        check("4-Jan", 1, Some(4));
        check("9-May", 5, Some(9));
        check("12.0", 12, Some(12));
        check("0", 0, Some(0));
    }

    #[test]
    fn what_is_no_number_of_people() {
        for none in ["", "many", "L", "99999999999", "1-2-3", "-"] {
            assert_eq!(parse_employees(none), None, "{none:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_ranges_are_in_order(text in "[0-9A-Za-z$.,+<> -]{0,20}|.{0,20}") {
            if let Some(range) = parse_employees(&text) {
                prop_assert!(range.min >= 0 && range.max.is_none_or(|max| max >= range.min));
            }
        }
    }
}
