//! Phone numbers: of several the best match counts.

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::is_one_slip;

/// Phone numbers.
pub(super) fn phone(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> Reached {
    let mut best: Option<(Level, &[u8])> = None;
    for (one, other) in pairs(a, b, Part::Phone) {
        let level = level(one, other);
        if best.is_none_or(|(best, _)| level < best) {
            best = Some((level, one));
        }
    }
    match best {
        None => Reached::MISSING,
        Some((Level::Exact, number)) => {
            Reached::with(Level::Exact, frequencies.log_share(Part::Phone, number))
        }
        Some((level, _)) => Reached::at(level),
    }
}

fn level(one: &[u8], other: &[u8]) -> Level {
    if one == other {
        return Level::Exact;
    }
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if short.len() >= 7 && long.len() > short.len() && long.ends_with(short) {
        Level::Part
    } else if short.len() == long.len() && is_one_slip(one, other) {
        Level::Typo
    } else {
        Level::Different
    }
}
