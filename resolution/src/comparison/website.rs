//! Web domains that are a business's own.

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::is_one_slip;

/// Web domains.
pub(super) fn website(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> Reached {
    let mut best = Reached::MISSING;
    for (one, other) in pairs(a, b, Part::Domain) {
        if one == other {
            return Reached::with(Level::Exact, frequencies.log_share(Part::Domain, one));
        }
        let typo = one.len().min(other.len()) >= 8 && is_one_slip(one, other);
        if best.level != Level::Typo {
            best = Reached::at(if typo { Level::Typo } else { Level::Different });
        }
    }
    best
}
