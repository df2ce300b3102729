//! E-mail addresses. One of a function (info@) tells the business, never a person.

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler, other_letters};

/// The shortest mailbox name that says something without its domain.
const TELLING_LOCAL: usize = 6;

/// E-mail addresses.
pub(super) fn email(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> Reached {
    let mut best: Option<(Level, &[u8])> = None;
    for (one, other) in pairs(a, b, Part::Email) {
        let mut level = level(one, other);
        if matches!(level, Level::Wide | Level::Typo) && is_made_of_name(a, one) {
            level = Level::Similar;
        }
        if best.is_none_or(|(best, _)| level < best) {
            best = Some((level, one));
        }
    }
    if let Some((Level::Exact, address)) = best {
        return Reached::with(Level::Exact, frequencies.log_share(Part::Email, address));
    }
    if let Some((_, address)) = pairs(a, b, Part::RoleEmail).find(|(one, other)| one == other) {
        return Reached::with(Level::Shared, frequencies.log_share(Part::RoleEmail, address));
    }
    best.map_or(Reached::MISSING, |(level, _)| Reached::at(level))
}

/// Whether the mailbox is named after its owner, so that it says little beyond the name.
fn is_made_of_name(record: &View<'_>, address: &[u8]) -> bool {
    let (mailbox, _) = split(address);
    record.first(Part::Family).is_some_and(|family| {
        family.len() >= 3 && mailbox.windows(family.len()).any(|part| part.eq_ignore_ascii_case(family))
    })
}

fn level(one: &[u8], other: &[u8]) -> Level {
    if one == other {
        return Level::Exact;
    }
    let (one_local, one_domain) = split(one);
    let (other_local, other_domain) = split(other);
    if one_local == other_local {
        return if one_local.len() >= TELLING_LOCAL { Level::Wide } else { Level::Different };
    }
    let alike = one_local.len().min(other_local.len()) >= 4
        && other_letters(one_local, other_local) <= 4
        && (is_one_slip(one_local, other_local) || jaro_winkler(one_local, other_local) >= 0.94);
    let near_domain = || one_domain == other_domain || jaro_winkler(one_domain, other_domain) >= 0.9;
    if alike && near_domain() { Level::Typo } else { Level::Different }
}

fn split(address: &[u8]) -> (&[u8], &[u8]) {
    let at = address.iter().position(|byte| *byte == b'@').unwrap_or(address.len());
    (&address[..at], address.get(at + 1..).unwrap_or_default())
}
