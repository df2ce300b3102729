//! Names of people: nicknames, initials, typing errors, given and family name in each other's column.

use domain::person_name::has_known_given_name;

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler, other_letters, slips};

/// Jaro-Winkler similarity from which it is worth to count errors.
const ALIKE: f64 = 0.72;

/// Given and family name, together since lists exchange them.
pub(super) fn given_and_family(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> (Reached, Reached) {
    let given = best(a, b, Part::Given, frequencies, given_level);
    let family = best(a, b, Part::Family, frequencies, family_level);
    if run_together(a, b) || run_together(b, a) {
        return (given, Reached::at(Level::Typo));
    }
    let fits = |reached: &Reached| matches!(reached.level, Level::Exact | Level::Equivalent | Level::Typo);
    if fits(&given) || fits(&family) {
        return (given, family);
    }
    let share = |level, part, name| Reached::with(level, frequencies.log_share(part, name));
    match (crossed(a, b), crossed(b, a)) {
        (Some(given), Some(family)) => {
            (share(Level::Swapped, Part::Given, given), share(Level::Swapped, Part::Family, family))
        }
        // One name in the other column, and another beside it.
        (Some(name), None) | (None, Some(name)) if is_known(name) => {
            (share(Level::Wide, Part::Given, name), only_different(family))
        }
        (Some(name), None) | (None, Some(name)) => {
            (only_different(given), share(Level::Wide, Part::Family, name))
        }
        (None, None) => (given, family),
    }
}

/// Whether `a` has both names of `b` as one word: the space between them was forgotten.
fn run_together(a: &View<'_>, b: &View<'_>) -> bool {
    let (None, Some(word)) = (a.first(Part::Given), a.first(Part::Family)) else { return false };
    let (Some(given), Some(family)) = (b.first(Part::Given), b.first(Part::Family)) else { return false };
    word.strip_prefix(given) == Some(family) || word.strip_prefix(family) == Some(given)
}

/// What a name reaches that is not in the column where it belongs.
fn only_different(reached: Reached) -> Reached {
    if reached.level == Level::Missing { reached } else { Reached::at(Level::Different) }
}

/// The given name of one that is the family name of the other.
fn crossed<'r>(a: &View<'r>, b: &View<'_>) -> Option<&'r [u8]> {
    let (given, family) = (a.first(Part::Given)?, b.first(Part::Family)?);
    let fits = given.len() > 1 && (given == family || likeness(given, family) == Level::Typo);
    fits.then_some(given)
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
        Some((Level::Equivalent, name)) => {
            let formal = a.first(Part::Formal).unwrap_or(name);
            Reached::with(Level::Equivalent, frequencies.log_share(part, formal))
        }
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
    } else if likeness(one, other) == Level::Typo {
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
