//! Street, house number and unit. Numbers must agree: next door is not the same place.

use super::{Level, Reached};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler, other_letters};

/// The most letters that only one of two spellings has.
const OTHER_LETTERS: u32 = 5;

/// Street and house number.
pub(super) fn street(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> Reached {
    let number = number(a, b);
    let (Some(one), Some(other)) = (a.first(Part::Street), b.first(Part::Street)) else {
        return Reached::MISSING;
    };
    let same_core = a.values(Part::Street).last() == b.values(Part::Street).last();
    let name = if one == other {
        Level::Exact
    } else if number != Level::Different && (same_core || is_like(core(a, one), core(b, other))) {
        Level::Typo
    } else {
        Level::Different
    };
    match (number, name) {
        (_, Level::Different) => Reached::at(Level::Different),
        (Level::Exact, Level::Exact) => {
            // Streets have some hundred numbers; that both agree is rarer than the street.
            let share = frequencies.log_share(Part::Street, one).max(-9.0);
            Reached::with(Level::Exact, share - 6.0)
        }
        (Level::Exact, _) => Reached::at(Level::Typo),
        (Level::Missing, Level::Exact) => Reached::at(Level::Part),
        (Level::Missing, _) => Reached::at(Level::Wide),
        (Level::Typo, _) => Reached::at(Level::Similar),
        (_, Level::Exact) => Reached::at(Level::Wide),
        _ => Reached::at(Level::Different),
    }
}

fn core<'r>(record: &View<'r>, street: &'r [u8]) -> &'r [u8] {
    record.values(Part::Street).last().unwrap_or(street)
}

/// Alike as spellings of one street are. Numbers must agree: 53RD is not 63RD.
fn is_like(one: &[u8], other: &[u8]) -> bool {
    let digits = |street: &[u8]| street.iter().copied().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    if one.iter().chain(other).any(u8::is_ascii_digit) && digits(one) != digits(other) {
        return false;
    }
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if short.len() >= 4 && long.starts_with(short) && long.get(short.len()) == Some(&b' ') {
        return true;
    }
    let may_be = short.len() >= 4 && other_letters(one, other) <= OTHER_LETTERS;
    may_be && (is_one_slip(one, other) || jaro_winkler(one, other) >= 0.88)
}

fn number(a: &View<'_>, b: &View<'_>) -> Level {
    match (a.first(Part::HouseNumber), b.first(Part::HouseNumber)) {
        (None, None) => Level::Exact,
        (Some(one), Some(other))
            if one == other || is_range_with(one, other) || is_range_with(other, one) =>
        {
            Level::Exact
        }
        (Some(one), Some(other)) if one.len().max(other.len()) >= 2 && is_one_slip(one, other) => Level::Typo,
        (Some(_), Some(_)) => Level::Different,
        _ => Level::Missing,
    }
}

/// Whether `range` is one, as 7954-58, and `number` is in it.
fn is_range_with(range: &[u8], number: &[u8]) -> bool {
    let Some(dash) = range.iter().position(|byte| *byte == b'-') else { return false };
    let (low, end) = (&range[..dash], &range[dash + 1..]);
    if end.is_empty() || end.len() > low.len() || number.len() != low.len() {
        return false;
    }
    let (head, low_end) = low.split_at(low.len() - end.len());
    let Some(tail) = number.strip_prefix(head) else { return false };
    [low_end, end, tail].iter().all(|part| part.iter().all(u8::is_ascii_digit))
        && low_end <= tail
        && tail <= end
}

/// Suite or apartment.
pub(super) fn unit(a: &View<'_>, b: &View<'_>) -> Reached {
    let (Some(one), Some(other)) = (a.first(Part::Unit), b.first(Part::Unit)) else {
        return Reached::MISSING;
    };
    let has_digit = |unit: &[u8]| unit.iter().any(u8::is_ascii_digit);
    Reached::at(if one == other {
        Level::Exact
    } else if !has_digit(one) && !has_digit(other) && is_like(one, other) {
        Level::Typo
    } else {
        Level::Different
    })
}
