//! Identifiers: only those of one kind say something of each other.

use super::{Level, Reached, pairs};
use crate::record::{Part, View};
use crate::similarity::is_one_slip;

/// Identifiers.
pub(super) fn identifier(a: &View<'_>, b: &View<'_>) -> Reached {
    let levels = pairs(a, b, Part::Identifier).filter_map(|(one, other)| level(one, other));
    levels.min().map_or(Reached::MISSING, Reached::at)
}

/// `None` for numbers of two kinds.
fn level(one: &[u8], other: &[u8]) -> Option<Level> {
    let (one_kind, one) = split(one);
    let (other_kind, other) = split(other);
    if one_kind != other_kind {
        return None;
    }
    Some(if one == other {
        Level::Exact
    } else if one.len().min(other.len()) >= 5 && is_one_slip(one, other) {
        Level::Typo
    } else {
        Level::Different
    })
}

fn split(identifier: &[u8]) -> (&[u8], &[u8]) {
    let at = identifier.iter().position(|byte| *byte == b':').unwrap_or(0);
    (&identifier[..at], identifier.get(at + 1..).unwrap_or_default())
}
