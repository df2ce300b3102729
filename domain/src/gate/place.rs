//! Where somebody may be: every state whose law may hold and every zone whose clock may count.

use serde::{Deserialize, Serialize};

use crate::geo::{
    AreaCode, AreaCodeKind, State, StateKind, Zip5, ZoneSet, area_code, zone_of_county, zone_of_zip,
    zones_of_area_code, zones_of_state,
};
use crate::phone::Phone;

/// Where somebody may be. A mobile phone says where it was bought, an address where mail arrives: the law of both places
/// may hold, so both count. Nothing in it tells who it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The state of the address.
    pub address_state: Option<State>,
    /// The state that the ZIP lies in, which is another where one of both is wrong.
    pub zip_state: Option<State>,
    /// The state of the phone's area code.
    pub area_state: Option<State>,
    /// Every zone it may be: that of the ZIP or county, else all of the state, and all of the area code.
    pub zones: ZoneSet,
    /// Whether the person is in one of these zones. Not so where nothing is known, or the address is military mail.
    pub certain: bool,
    /// Whether the number is of another country.
    pub foreign: bool,
}

impl Place {
    /// What phone and address tell. `county` is its plain name, `""` where it is not known.
    pub fn of(phone: Option<&Phone>, state: Option<State>, zip: Option<Zip5>, county: &str) -> Self {
        let npa = phone.and_then(|phone| phone.area_code().parse().ok());
        let area = npa.and_then(area_code);
        let of_area: ZoneSet = npa.map_or(&[][..], zones_of_area_code).iter().copied().collect();
        let zip_state = zip.and_then(State::of_zip);
        let of_address = zones_of_address(state, zip, zip_state, county);
        let known_address = state.or(zip_state);
        let military =
            [state, zip_state].into_iter().flatten().any(|state| state.kind() == StateKind::Military);
        Self {
            address_state: state,
            zip_state,
            area_state: area.and_then(|area| area.state),
            zones: of_area.iter().chain(of_address.iter()).collect(),
            certain: !military
                && if known_address.is_some() { !of_address.is_empty() } else { !of_area.is_empty() },
            foreign: area.is_some_and(is_foreign),
        }
    }

    /// The states whose law may hold, each once.
    pub fn states(&self) -> impl Iterator<Item = State> + use<> {
        let residence = self.address_state;
        let zip = self.zip_state.filter(|state| Some(*state) != residence);
        let area =
            self.area_state.filter(|state| Some(*state) != residence && Some(*state) != self.zip_state);
        [residence, zip, area].into_iter().flatten()
    }

    /// Whether somebody is taken to live in a state: by the address or, where there is none, by the area code.
    pub fn may_reside_in(&self, state: State) -> bool {
        match (self.address_state, self.zip_state) {
            (None, None) => self.area_state == Some(state),
            (address, zip) => address == Some(state) || zip == Some(state),
        }
    }
}

fn zones_of_address(
    state: Option<State>,
    zip: Option<Zip5>,
    zip_state: Option<State>,
    county: &str,
) -> ZoneSet {
    let by_zip = zip.and_then(zone_of_zip);
    let rest = match (by_zip, state) {
        // The ZIP is in the state, or there is no other word.
        (Some(_), None) => None,
        (Some(_), Some(state)) if zip_state == Some(state) => None,
        (_, state) => state.or(zip_state),
    };
    let by_state: ZoneSet = match rest.map(|state| (zone_of_county(state, county), state)) {
        None => ZoneSet::EMPTY,
        Some((Some(zone), _)) => ZoneSet::EMPTY.with(zone),
        Some((None, state)) => zones_of_state(state).iter().copied().collect(),
    };
    by_zip.map_or(by_state, |zone| by_state.with(zone))
}

/// Whether an area code is another country's. The territories have codes of their own, and states.
fn is_foreign(area: &AreaCode) -> bool {
    let elsewhere = !area.country.is_empty() && area.country != "US" && area.state.is_none();
    elsewhere || area.kind == AreaCodeKind::CanadaNonGeographic
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(phone: &str, state: &str, zip: &str, county: &str) -> Place {
        let phone: Option<Phone> = phone.parse().ok();
        Place::of(phone.as_ref(), State::parse(state), Zip5::from_digits(zip), county)
    }

    fn zones(place: Place) -> Vec<&'static str> {
        place.zones.iter().map(|zone| zone.iana()).collect()
    }

    #[test]
    fn address_and_area_code_both_count() {
        let moved = place("+13105550123", "NY", "10001", "");
        assert_eq!(zones(moved), ["America/New_York", "America/Los_Angeles"]);
        let states: Vec<&str> = moved.states().map(State::abbreviation).collect();
        assert_eq!((states.as_slice(), moved.certain, moved.foreign), (&["NY", "CA"][..], true, false));
    }

    #[test]
    fn split_states_are_told_apart_by_zip_and_county_and_else_count_whole() {
        assert_eq!(zones(place("", "TX", "79901", "")), ["America/Denver"]);
        assert_eq!(zones(place("", "TX", "", "El Paso")), ["America/Denver"]);
        assert_eq!(zones(place("", "TX", "", "")), ["America/Chicago", "America/Denver"]);
        assert_eq!(zones(place("+18505550123", "FL", "32501", "")), ["America/New_York", "America/Chicago"]);
        let navajo = place("+19285550123", "AZ", "86515", "");
        assert!(navajo.zones.iter().any(|zone| zone.iana() == "America/Denver"), "{navajo:?}");
    }

    #[test]
    fn a_zip_of_another_state_adds_that_states_law_and_clock() {
        let contradictory = place("", "CA", "10001", "");
        assert_eq!(zones(contradictory), ["America/New_York", "America/Los_Angeles"]);
        assert_eq!(contradictory.states().count(), 2);
    }

    #[test]
    fn who_lives_where() {
        let texas = State::parse("TX").expect("a state");
        assert!(place("+12145550123", "", "", "").may_reside_in(texas), "nothing else is known");
        assert!(!place("+12145550123", "NY", "", "").may_reside_in(texas));
        assert!(place("+12125550123", "", "79901", "").may_reside_in(texas));
    }

    #[test]
    fn what_is_not_known_is_not_certain() {
        for (phone, state, zip) in [
            ("", "", ""),
            ("+14365550123", "", ""),
            ("+18005550123", "", ""),
            ("+12125550123", "AE", "09001"),
        ] {
            assert!(!place(phone, state, zip, "").certain, "{phone} {state} {zip}");
        }
        assert!(place("+14365550123", "OH", "", "").certain);
    }

    #[test]
    fn other_countries_are_foreign_and_territories_are_not() {
        for (phone, foreign) in [
            ("+14165550123", true),
            ("+16005550123", true),
            ("+18765550123", true),
            ("+17875550123", false),
            ("+16715550123", false),
            ("+12125550123", false),
            ("+18005550123", false),
        ] {
            assert_eq!(place(phone, "", "", "").foreign, foreign, "{phone}");
        }
    }
}
