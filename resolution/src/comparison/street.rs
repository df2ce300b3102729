//! Street, house number and unit. Numbers must agree: next door is not the same place.

use super::{Level, Reached};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler};

/// Street and house number.
pub(super) fn street(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> Reached {
    let number = number(a, b);
    let (Some(one), Some(other)) = (a.first(Part::Street), b.first(Part::Street)) else {
        return Reached::MISSING;
    };
    let same_core = a.values(Part::Street).last() == b.values(Part::Street).last();
    let name = if one == other {
        Level::Exact
    } else if same_core || is_like(core(a, one), core(b, other)) {
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

fn is_like(one: &[u8], other: &[u8]) -> bool {
    let shorter = one.len().min(other.len());
    shorter >= 4 && (is_one_slip(one, other) || jaro_winkler(one, other) >= 0.88)
}

fn number(a: &View<'_>, b: &View<'_>) -> Level {
    match (a.first(Part::HouseNumber), b.first(Part::HouseNumber)) {
        (None, None) => Level::Exact,
        (Some(one), Some(other)) if one == other => Level::Exact,
        (Some(one), Some(other)) if one.len().max(other.len()) >= 2 && is_one_slip(one, other) => Level::Typo,
        (Some(_), Some(_)) => Level::Different,
        _ => Level::Missing,
    }
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
