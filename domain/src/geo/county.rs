//! County → time zone, for the states that have more than one.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fold::Folded;
use super::state::State;
use super::time_zone::TimeZone;
use super::zip_tables::zone_of_state;
use crate::table;

/// The time zone of a county. In a state with one zone the county's name does not matter; in a split state an
/// unknown county, or one that the line runs through (Gulf, Florida), has none: the caller asks elsewhere.
///
/// `county` as lists write it: `El Paso`, `EL PASO COUNTY`, `La Porte` and `LaPorte`, `St.` and `Saint`.
#[must_use]
pub fn zone_of_county(state: State, county: &str) -> Option<TimeZone> {
    if let Some(zone) = zone_of_state(state) {
        return Some(zone);
    }
    let counties = COUNTIES.get(state.index())?;
    let folded = Folded::of(county.split('(').next().unwrap_or(county));
    let name = folded.as_str();
    if let Some(zone) = counties.get(name) {
        return *zone;
    }
    let bare = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name);
    match bare.strip_prefix("saint") {
        Some(rest) => counties.get(format!("st{rest}").as_str()),
        None => counties.get(bare),
    }
    .copied()
    .flatten()
}

/// What lists add to a county's name, folded; the longer before what it ends in.
const SUFFIXES: [&str; 8] =
    ["cityandborough", "censusarea", "municipality", "borough", "parish", "county", "cnty", "co"];

type Counties = HashMap<Box<str>, Option<TimeZone>>;

/// By state; empty for a state with one zone.
static COUNTIES: LazyLock<Vec<Counties>> = LazyLock::new(|| {
    let mut by_state: Vec<Counties> = State::all().map(|_| Counties::new()).collect();
    for [state, county, zone] in table::rows(include_str!("../../data/county_zones.csv")) {
        let Some(counties) = State::parse(state).and_then(|state| by_state.get_mut(state.index())) else {
            continue;
        };
        let folded = Folded::of(county.split('(').next().unwrap_or(county));
        let bare = SUFFIXES[..6].iter().find_map(|suffix| folded.as_str().strip_suffix(suffix));
        counties.insert(bare.unwrap_or(folded.as_str()).into(), TimeZone::of_reference(zone));
    }
    by_state
});

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(state: &str, county: &str) -> Option<&'static str> {
        zone_of_county(State::parse(state).expect("a state"), county).map(TimeZone::iana)
    }

    #[test]
    fn split_states_go_by_county() {
        for (state, county, expected) in [
            ("TX", "El Paso", Some("America/Denver")),
            ("TX", "EL PASO COUNTY", Some("America/Denver")),
            ("TX", "Harris", Some("America/Chicago")),
            ("FL", "Escambia", Some("America/Chicago")),
            ("FL", "Miami-Dade", Some("America/New_York")),
            ("FL", "Gulf", None),
            ("IN", "La Porte", Some("America/Chicago")),
            ("IN", "LaPorte County", Some("America/Chicago")),
            ("IN", "St. Joseph", Some("America/New_York")),
            ("IN", "Saint Joseph County", Some("America/New_York")),
            ("IN", "DE KALB", Some("America/New_York")),
            ("AZ", "Maricopa", Some("America/Phoenix")),
            ("AZ", "Navajo", None),
            ("AZ", "Apache", None),
            ("SD", "Oglala Lakota", Some("America/Denver")),
            ("NV", "Clark", Some("America/Los_Angeles")),
            ("NV", "Elko", None),
            ("ND", "Grand Forks Co", Some("America/Chicago")),
            ("TN", "Shelby", Some("America/Chicago")),
            ("TN", "Knox", Some("America/New_York")),
            ("TX", "Nowhere", None),
            ("TX", "", None),
            ("NY", "", Some("America/New_York")),
            ("NY", "whatever", Some("America/New_York")),
            ("AE", "", None),
        ] {
            assert_eq!(zone(state, county), expected, "{county}, {state}");
        }
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        let rows = table::rows::<3>(include_str!("../../data/county_zones.csv")).count();
        assert_eq!(rows, include_str!("../../data/county_zones.csv").lines().count() - 1);
        let kept: usize = COUNTIES.iter().map(HashMap::len).sum();
        assert_eq!(kept, rows, "two counties of one state fold to one name");
    }
}
