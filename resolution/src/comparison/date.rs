//! Dates: month and day exchanged, one digit wrong, or known in part.

use super::{Level, Reached, pairs};
use crate::record::{Part, PartialDate, View};
use crate::similarity::is_one_slip;

/// Dates.
pub(super) fn date(a: &View<'_>, b: &View<'_>) -> Reached {
    let read = |(one, other)| Some((PartialDate::from_bytes(one)?, PartialDate::from_bytes(other)?));
    let dates = pairs(a, b, Part::Date).filter_map(read);
    dates.map(|(one, other)| level(one, other)).min().map_or(Reached::MISSING, Reached::at)
}

fn level(one: PartialDate, other: PartialDate) -> Level {
    if !one.is_whole() || !other.is_whole() {
        return partial(one, other);
    }
    if one == other {
        return Level::Exact;
    }
    let exchanged = one.month == other.day && one.day == other.month;
    if one.year == other.year && exchanged {
        return Level::Equivalent;
    }
    let same = [one.year == other.year, one.month == other.month, one.day == other.day];
    if is_one_slip(&digits(one), &digits(other)) {
        Level::Typo
    } else if same.iter().filter(|same| **same).count() == 2 {
        Level::Similar
    } else {
        Level::Different
    }
}

fn partial(one: PartialDate, other: PartialDate) -> Level {
    let agrees = |one: u8, other: u8| one == 0 || other == 0 || one == other;
    let fits = one.year == other.year && agrees(one.month, other.month) && agrees(one.day, other.day);
    if fits { Level::Part } else { Level::Different }
}

fn digits(date: PartialDate) -> [u8; 8] {
    let number = u32::from(date.year) * 10_000 + u32::from(date.month) * 100 + u32::from(date.day);
    let mut digits = [0; 8];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits
}
