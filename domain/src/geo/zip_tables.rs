//! ZIP → state and time zone: a value per three-digit prefix, and the five-digit ZIPs that differ from it.

use std::sync::LazyLock;

use super::state::{State, StateKind};
use super::time_zone::TimeZone;
use super::zip::Zip5;
use crate::table;

struct ZipTables {
    prefixes: Box<[Prefix]>,
    /// Sorted by ZIP.
    zones: Vec<(u32, TimeZone)>,
    /// Sorted by ZIP.
    states: Vec<(u32, State)>,
    /// The zones of each state, indexed by the state, in the order of the zones.
    zones_of_state: Vec<Vec<TimeZone>>,
}

#[derive(Clone, Copy, Default)]
struct Prefix {
    state: Option<State>,
    zone: Option<TimeZone>,
    has_exceptions: bool,
}

/// The time zone of a ZIP; `None` for a prefix the USPS has not assigned and for military mail, whose ZIP says
/// nothing about where the person is.
#[must_use]
pub fn zone_of_zip(zip: Zip5) -> Option<TimeZone> {
    let prefix = TABLES.prefix(zip.prefix());
    if prefix.has_exceptions
        && let Some(zone) = exception(&TABLES.zones, zip)
    {
        return Some(zone);
    }
    prefix.zone
}

/// The time zones of a state, west or east of its lines; empty for military "states".
#[must_use]
pub fn zones_of_state(state: State) -> &'static [TimeZone] {
    TABLES.zones_of_state.get(state.index()).map_or(&[], Vec::as_slice)
}

/// The time zone of a state that has only one. Sixteen states and Micronesia have several.
#[must_use]
pub fn zone_of_state(state: State) -> Option<TimeZone> {
    match zones_of_state(state) {
        [only] => Some(*only),
        _ => None,
    }
}

pub(super) fn state_of(zip: Zip5) -> Option<State> {
    let prefix = TABLES.prefix(zip.prefix());
    if prefix.has_exceptions
        && let Some(state) = exception(&TABLES.states, zip)
    {
        return Some(state);
    }
    prefix.state
}

pub(super) fn is_known_prefix(prefix: u16) -> bool {
    TABLES.prefix(prefix).state.is_some()
}

impl ZipTables {
    fn prefix(&self, prefix: u16) -> Prefix {
        self.prefixes.get(usize::from(prefix)).copied().unwrap_or_default()
    }
}

fn exception<T: Copy>(sorted: &[(u32, T)], zip: Zip5) -> Option<T> {
    let at = sorted.binary_search_by_key(&zip.number(), |(number, _)| *number).ok()?;
    sorted.get(at).map(|(_, value)| *value)
}

static TABLES: LazyLock<ZipTables> = LazyLock::new(|| {
    let mut prefixes = vec![Prefix::default(); 1_000].into_boxed_slice();
    for [prefix, state, zone] in table::rows(include_str!("../../data/zip3.csv")) {
        let Some(slot) = prefix.parse().ok().and_then(|number: usize| prefixes.get_mut(number)) else {
            continue;
        };
        slot.state = State::parse(state);
        slot.zone = TimeZone::of_reference(zone);
    }
    let mut zones = exceptions(include_str!("../../data/zip_zone_exceptions.csv"), TimeZone::of_reference);
    let mut states = exceptions(include_str!("../../data/zip_state_exceptions.csv"), State::parse);
    zones.sort_unstable_by_key(|(zip, _)| *zip);
    states.sort_unstable_by_key(|(zip, _)| *zip);
    for zip in zones.iter().map(|(zip, _)| *zip).chain(states.iter().map(|(zip, _)| *zip)) {
        let at = usize::try_from(zip / 100).ok();
        if let Some(slot) = at.and_then(|number| prefixes.get_mut(number)) {
            slot.has_exceptions = true;
        }
    }
    let mut tables = ZipTables { prefixes, zones, states, zones_of_state: Vec::new() };
    tables.zones_of_state = zones_by_state(&tables);
    tables
});

fn exceptions<T>(text: &'static str, read: impl Fn(&str) -> Option<T>) -> Vec<(u32, T)> {
    table::rows(text).filter_map(|[zip, value]| Some((zip.parse().ok()?, read(value)?))).collect()
}

fn zones_by_state(tables: &ZipTables) -> Vec<Vec<TimeZone>> {
    let mut found: Vec<Vec<TimeZone>> = State::all().map(|_| Vec::new()).collect();
    let mut add = |state: Option<State>, zone: Option<TimeZone>| {
        if let (Some(state), Some(zone)) = (state, zone)
            && state.kind() != StateKind::Military
            && let Some(zones) = found.get_mut(state.index())
            && !zones.contains(&zone)
        {
            zones.push(zone);
        }
    };
    let own = |sorted: &[(u32, State)], zip: u32| {
        sorted
            .binary_search_by_key(&zip, |(number, _)| *number)
            .ok()
            .and_then(|at| sorted.get(at))
            .map(|found| found.1)
    };
    let prefix_of = |zip: u32| {
        usize::try_from(zip / 100).ok().and_then(|at| tables.prefixes.get(at)).copied().unwrap_or_default()
    };
    for prefix in &tables.prefixes {
        add(prefix.state, prefix.zone);
    }
    for (zip, zone) in &tables.zones {
        add(own(&tables.states, *zip).or(prefix_of(*zip).state), Some(*zone));
    }
    for (zip, state) in &tables.states {
        let differs = tables.zones.binary_search_by_key(zip, |(number, _)| *number).is_ok();
        if !differs {
            add(Some(*state), prefix_of(*zip).zone);
        }
    }
    for zones in &mut found {
        zones.sort_unstable();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        assert_eq!(TABLES.prefixes.iter().filter(|prefix| prefix.state.is_some()).count(), 958);
        assert_eq!(TABLES.zones.len(), 302);
        assert_eq!(TABLES.states.len(), 18);
        let without_zone =
            TABLES.prefixes.iter().filter(|prefix| prefix.state.is_some() && prefix.zone.is_none());
        assert!(
            without_zone.clone().all(|prefix| prefix.state.map(State::kind) == Some(StateKind::Military))
        );
        assert_eq!(without_zone.count(), 16);
    }

    #[test]
    fn the_states_with_several_zones_are_the_split_ones() {
        let split: Vec<&str> =
            State::all().filter(|state| zones_of_state(*state).len() > 1).map(State::abbreviation).collect();
        assert_eq!(
            split,
            [
                "AK", "AL", "AZ", "FL", "FM", "ID", "IN", "KS", "KY", "MI", "ND", "NE", "NV", "OR", "SD",
                "TN", "TX"
            ]
        );
        let without: Vec<&str> =
            State::all().filter(|state| zones_of_state(*state).is_empty()).map(State::abbreviation).collect();
        assert_eq!(without, ["AA", "AE", "AP"]);
    }

    #[test]
    fn zips_have_the_state_and_the_zone_of_the_sample() {
        let mut rows = 0;
        for [zip, city, state, zone] in table::rows(include_str!("../../data/zip_sample.csv")) {
            let code = Zip5::from_digits(zip).expect("five digits");
            assert_eq!(State::of_zip(code).map(State::abbreviation), Some(state), "{zip} {city}");
            assert_eq!(zone_of_zip(code).map(TimeZone::iana), Some(zone), "{zip} {city}");
            rows += 1;
        }
        assert_eq!(rows, 233);
    }

    #[test]
    fn the_hard_places_are_right() {
        for (zip, state, zone) in [
            ("79901", "TX", "America/Denver"),      // El Paso
            ("77001", "TX", "America/Chicago"),     // Houston
            ("32501", "FL", "America/Chicago"),     // Pensacola
            ("33101", "FL", "America/New_York"),    // Miami
            ("85001", "AZ", "America/Phoenix"),     // Phoenix
            ("86515", "AZ", "America/Denver"),      // Window Rock, Navajo Nation
            ("86045", "AZ", "America/Denver"),      // Tuba City, Navajo Nation
            ("46350", "IN", "America/Chicago"),     // La Porte
            ("46601", "IN", "America/New_York"),    // South Bend
            ("37201", "TN", "America/Chicago"),     // Nashville
            ("37901", "TN", "America/New_York"),    // Knoxville
            ("89883", "NV", "America/Denver"),      // West Wendover
            ("89501", "NV", "America/Los_Angeles"), // Reno
            ("06390", "NY", "America/New_York"),    // Fishers Island, among Connecticut's
            ("83414", "WY", "America/Denver"),      // Alta, among Idaho's
            ("00601", "PR", "America/Puerto_Rico"),
            ("99546", "AK", "America/Adak"),
            ("96799", "AS", "Pacific/Pago_Pago"),
            ("96910", "GU", "Pacific/Guam"),
            ("96898", "UM", "Pacific/Wake"),
        ] {
            let code = Zip5::from_digits(zip).expect("five digits");
            assert_eq!(State::of_zip(code).map(State::abbreviation), Some(state), "{zip}");
            assert_eq!(zone_of_zip(code).map(TimeZone::iana), Some(zone), "{zip}");
        }
    }

    #[test]
    fn military_mail_has_a_state_and_no_zone() {
        for (zip, state) in [("09001", "AE"), ("34001", "AA"), ("96201", "AP"), ("96601", "AP")] {
            let code = Zip5::from_digits(zip).expect("five digits");
            assert_eq!(State::of_zip(code).map(State::abbreviation), Some(state), "{zip}");
            assert_eq!(zone_of_zip(code), None, "{zip}");
        }
        let unassigned = Zip5::from_digits("00001").expect("five digits");
        assert_eq!((State::of_zip(unassigned), zone_of_zip(unassigned)), (None, None));
    }
}
