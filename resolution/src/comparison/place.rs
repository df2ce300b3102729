//! City, state and postal code as one comparison, since each follows from the other. Distance is told by the first three
//! digits of the ZIP, which name one postal region.

use super::{Level, Reached, pairs};
use crate::frequency::Frequencies;
use crate::record::{Part, View};
use crate::similarity::{is_one_slip, jaro_winkler, other_letters};

/// Where two records are.
pub(super) fn place(a: &View<'_>, b: &View<'_>, frequencies: &Frequencies) -> Reached {
    let zip = zip(a, b);
    let city = city(a, b);
    let state = state(a, b);
    if [zip, city, state] == [Level::Missing; 3] {
        return Reached::MISSING;
    }
    let zip_share = || a.first(Part::Zip).map_or(-8.0, |zip| frequencies.log_share(Part::Zip, zip));
    let city_share = || a.first(Part::City).map_or(-6.0, |city| frequencies.log_share(Part::City, city));
    match (zip, city, state) {
        (Level::Exact, Level::Exact, _) => Reached::with(Level::Exact, zip_share().min(city_share())),
        (Level::Exact, Level::Different, _) => Reached::with(Level::Part, zip_share()),
        (Level::Exact, _, _) => Reached::with(Level::Exact, zip_share()),
        (Level::Typo, Level::Exact | Level::Typo, _) => Reached::at(Level::Typo),
        (_, Level::Exact, Level::Different) => Reached::at(Level::Near),
        (_, Level::Exact, _) => Reached::with(Level::Part, city_share()),
        (Level::Missing, Level::Typo, _) => Reached::at(Level::Similar),
        (_, Level::Typo, Level::Exact) => Reached::at(Level::Similar),
        (Level::Typo | Level::Near, _, _) => Reached::at(Level::Near),
        (_, _, Level::Exact) => Reached::at(Level::Wide),
        _ => Reached::at(Level::Different),
    }
}

fn zip(a: &View<'_>, b: &View<'_>) -> Level {
    let (Some(one), Some(other)) = (a.first(Part::Zip), b.first(Part::Zip)) else { return Level::Missing };
    if one == other {
        Level::Exact
    } else if is_one_slip(one, other) {
        Level::Typo
    } else if one.len() == other.len() && one.len() >= 4 && one[..one.len() - 2] == other[..one.len() - 2] {
        Level::Near
    } else {
        Level::Different
    }
}

fn city(a: &View<'_>, b: &View<'_>) -> Level {
    let mut best = Level::Missing;
    for (one, other) in pairs(a, b, Part::City) {
        best = if one == other {
            Level::Exact
        } else if one.len().min(other.len()) >= 4
            && other_letters(one, other) <= 4
            && (is_one_slip(one, other) || jaro_winkler(one, other) >= 0.92)
        {
            Level::Typo
        } else {
            Level::Different
        };
    }
    best
}

fn state(a: &View<'_>, b: &View<'_>) -> Level {
    match (a.first(Part::State), b.first(Part::State)) {
        (Some(one), Some(other)) if one == other => Level::Exact,
        (Some(_), Some(_)) => Level::Different,
        _ => Level::Missing,
    }
}
