//! Names of people: nicknames, initials, typing errors, given and family name in each other's column.

use domain::person_name::has_known_given_name;

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler, other_letters, slips};

/// Jaro-Winkler similarity from which two names are one name mistyped.
const TYPO: f64 = 0.92;
/// Jaro-Winkler similarity from which it is worth to count errors.
const ALIKE: f64 = 0.72;

/// Given and family name, together since lists exchange them.
pub(super) fn given_and_family(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> (Reached, Reached) {
    let given = best(a, b, Part::Given, frequencies, given_level);
    let family = best(a, b, Part::Family, frequencies, family_level);
    let fits = |reached: &Reached| matches!(reached.level, Level::Exact | Level::Equivalent | Level::Typo);
    let may_be_swapped = !fits(&given) && !fits(&family);
    if may_be_swapped
        && crossed(a, b)
        && crossed(b, a)
        && let (Some(given), Some(family)) = (a.first(Part::Given), a.first(Part::Family))
    {
        let share = |part, name| Reached::with(Level::Swapped, frequencies.log_share(part, name));
        return (share(Part::Given, given), share(Part::Family, family));
    }
    (given, family)
}

/// Whether what is the given name of one is the family name of the other, as far as both say.
fn crossed(a: &View<'_>, b: &View<'_>) -> bool {
    let (Some(given), Some(family)) = (a.first(Part::Given), b.first(Part::Family)) else { return false };
    given == family || (given.len() > 3 && family.len() > 3 && jaro_winkler(given, family) >= TYPO)
}

fn best(
    a: &View<'_>,
    b: &View<'_>,
    part: Part,
    frequencies: &Frequencies,
    level: fn(&View<'_>, &View<'_>, &[u8], &[u8]) -> Level,
) -> Reached {
    let mut best: Option<(Level, &[u8])> = None;
    for (one, other) in pairs(a, b, part) {
        let level = level(a, b, one, other);
        if best.is_none_or(|(best, _)| level < best) {
            best = Some((level, one));
        }
    }
    match best {
        None => Reached::MISSING,
        Some((Level::Exact, name)) => Reached::with(Level::Exact, frequencies.log_share(part, name)),
        Some((level, _)) => Reached::at(level),
    }
}

fn given_level(a: &View<'_>, b: &View<'_>, one: &[u8], other: &[u8]) -> Level {
    if one.len() == 1 || other.len() == 1 {
        return if one.first() == other.first() { Level::Initials } else { Level::Different };
    }
    if one == other {
        return Level::Exact;
    }
    let formal = |record: &View<'_>, name| record.first(Part::Formal).unwrap_or(name).to_owned();
    if (a.has(Part::Formal) || b.has(Part::Formal)) && formal(a, one) == formal(b, other) {
        return Level::Equivalent;
    }
    match likeness(one, other) {
        Level::Different => Level::Different,
        // Two names that both exist are rarely one name mistyped: Darla and Darlene, Mark and Marsha.
        _ if is_known(one) && is_known(other) => {
            if is_one_slip(one, other) {
                Level::Similar
            } else {
                Level::Different
            }
        }
        likeness => likeness,
    }
}

fn is_known(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(has_known_given_name)
}

fn family_level(_: &View<'_>, _: &View<'_>, one: &[u8], other: &[u8]) -> Level {
    if one == other {
        return Level::Exact;
    }
    if one.len() == 1 || other.len() == 1 {
        return if one.first() == other.first() { Level::Initials } else { Level::Different };
    }
    // Double names: GARCIA and GARCIALOPEZ.
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if short.len() >= 4 && long.len() >= short.len() + 3 && (long.starts_with(short) || long.ends_with(short))
    {
        return Level::Part;
    }
    likeness(one, other)
}

/// How alike two names are that differ. Jaro-Winkler, which is quick, says whether to count errors: it alone would take
/// DARLA and DARLETTA, which begin alike, for one name.
fn likeness(one: &[u8], other: &[u8]) -> Level {
    let shorter = one.len().min(other.len());
    // Two slips change length by two at most, and four letters.
    let too_far = one.len().abs_diff(other.len()) > 2 || other_letters(one, other) > 4;
    if shorter < 3 || too_far || jaro_winkler(one, other) < ALIKE {
        return Level::Different;
    }
    match slips(one, other, 2) {
        Some(1) if shorter >= 4 => Level::Typo,
        Some(2) if shorter >= 6 => Level::Typo,
        Some(_) => Level::Similar,
        None => Level::Different,
    }
}

/// Middle names.
pub(super) fn middle(a: &View<'_>, b: &View<'_>) -> Reached {
    let (Some(one), Some(other)) = (a.first(Part::Middle), b.first(Part::Middle)) else {
        return Reached::MISSING;
    };
    Reached::at(if one == other && one.len() > 1 {
        Level::Exact
    } else if one.first() == other.first() && (one.len() == 1 || other.len() == 1) {
        Level::Initials
    } else if jaro_winkler(one, other) >= TYPO {
        Level::Typo
    } else {
        Level::Different
    })
}

/// Generations. That one has none says nothing.
pub(super) fn generation(a: &View<'_>, b: &View<'_>) -> Reached {
    let (Some(one), Some(other)) = (a.first(Part::Generation), b.first(Part::Generation)) else {
        return Reached::MISSING;
    };
    Reached::at(if one == other { Level::Exact } else { Level::Different })
}
