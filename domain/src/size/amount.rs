//! Amounts and ranges of amounts as lists write them: `$1.2M`, `500K-1M`, `Under 5`, `1,000+`.

use super::SizeRange;

/// One amount: what its digits say, and by how much a unit behind them multiplies it.
#[derive(Clone, Copy)]
struct Amount {
    /// Thousandths, so that `1.25` is exact.
    thousandths: i128,
    unit: Option<i128>,
}

impl Amount {
    fn whole(self) -> i64 {
        let value = self.thousandths.saturating_mul(self.unit.unwrap_or(1)) / 1000;
        i64::try_from(value).unwrap_or(i64::MAX)
    }
}

/// A range out of a text; `None` when it holds no amount, or words that are neither unit nor bound.
pub(super) fn parse_range(text: &str) -> Option<SizeRange<i64>> {
    let mut amounts: [Option<Amount>; 2] = [None; 2];
    let mut count = 0;
    let (mut up_to, mut from) = (false, false);
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            let (thousandths, behind) = number(rest)?;
            let (unit, behind) = unit(behind);
            *amounts.get_mut(count)? = Some(Amount { thousandths, unit });
            count += 1;
            rest = behind;
        } else if c.is_alphabetic() {
            let end = rest.find(|c: char| !c.is_alphabetic() && c != '\'').unwrap_or(rest.len());
            match rest[..end].to_ascii_lowercase().as_str() {
                "under" | "below" | "less" | "fewer" | "to" | "upto" | "max" | "maximum" if count == 0 => {
                    up_to = true
                }
                "over" | "above" | "more" | "plus" | "greater" | "min" | "minimum" | "exceeds" => from = true,
                "than" | "to" | "and" | "up" | "or" | "between" | "from" | "about" | "approx"
                | "approximately" | "est" | "estimated" | "at" | "least" | "the" | "of" | "a" | "per"
                | "year" | "annual" | "annually" | "usd" | "us" | "dollar" | "dollars" | "employee"
                | "employees" | "emp" | "emps" | "people" | "persons" | "staff" | "in" | "sales"
                | "revenue" | "thru" | "through" | "ca" => {}
                _ => return None,
            }
            rest = &rest[end..];
        } else {
            match c {
                '<' => up_to = true,
                '>' | '+' => from = true,
                _ => {}
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    bounded(amounts, up_to, from)
}

fn bounded(amounts: [Option<Amount>; 2], up_to: bool, from: bool) -> Option<SizeRange<i64>> {
    match amounts {
        [Some(only), None] => {
            let value = only.whole();
            Some(match (up_to, from) {
                (true, _) => SizeRange { min: 0, max: Some(value) },
                (_, true) => SizeRange { min: value, max: None },
                _ => SizeRange { min: value, max: Some(value) },
            })
        }
        [Some(mut low), Some(high)] => {
            // "1-5M" means 1M to 5M, "$500,000 - $1 Million" means what it says.
            if low.unit.is_none() && low.thousandths < 1_000_000 {
                low.unit = high.unit;
            }
            let (low, high) = (low.whole(), high.whole());
            Some(SizeRange { min: low.min(high), max: Some(low.max(high)) })
        }
        _ => None,
    }
}

/// The number at the start of `text`, in thousandths, and what follows it. Commas group thousands.
fn number(text: &str) -> Option<(i128, &str)> {
    let bytes = text.as_bytes();
    let (mut value, mut decimals, mut at, mut digits) = (0i128, None, 0, 0);
    while let Some(byte) = bytes.get(at) {
        let next_is_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                if digits > 18 {
                    return None;
                }
                if decimals.is_none_or(|decimals| decimals < 3) {
                    value = value * 10 + i128::from(byte - b'0');
                    decimals = decimals.map(|decimals| decimals + 1);
                }
            }
            b',' if next_is_digit && decimals.is_none() => {}
            b'.' if decimals.is_none() && next_is_digit => decimals = Some(0),
            _ => break,
        }
        at += 1;
    }
    for _ in decimals.unwrap_or(0)..3 {
        value *= 10;
    }
    Some((value, &text[at..]))
}

/// The unit at the start of `text`, perhaps behind a space, and what follows it.
fn unit(text: &str) -> (Option<i128>, &str) {
    let start = text.trim_start_matches(' ');
    let end = start.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(start.len());
    let factor = match start[..end].to_ascii_lowercase().as_str() {
        "k" | "thousand" | "thousands" | "th" | "thou" => 1_000,
        "m" | "mm" | "mil" | "mill" | "mio" | "million" | "millions" => 1_000_000,
        "b" | "bn" | "bil" | "bill" | "billion" | "billions" => 1_000_000_000,
        _ => return (None, text),
    };
    (Some(factor), &start[end..])
}
