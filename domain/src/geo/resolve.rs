//! One time zone from all a row says about where somebody is.

use super::area_code::zones_of_area_code;
use super::county::zone_of_county;
use super::state::{State, StateKind};
use super::time_zone::TimeZone;
use super::zip::Zip5;
use super::zip_tables::{zone_of_state, zone_of_zip, zones_of_state};

/// A time zone and what told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResolvedZone {
    /// The zone.
    pub zone: TimeZone,
    /// What told it.
    pub source: ZoneSource,
}

/// What a time zone was told by, the most reliable first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ZoneSource {
    /// The ZIP of the address.
    Zip,
    /// The county, in a state with several zones.
    County,
    /// The state, which has only one zone.
    State,
    /// The area code of the phone, alone or among the zones of the state.
    AreaCode,
}

/// The time zone of a lead: by ZIP; else by county and state, a state with one zone being enough; else by the area
/// code of its phone.
///
/// Where nothing is certain the answer is `None`, and messages keep to hours that are right everywhere: a split
/// state without ZIP and county, an area code over two zones (850), a county the line runs through. In a split
/// state the area code chooses among that state's zones, so a New York mobile in Texas does not make Texas
/// Eastern. Military mail has no zone: neither its ZIP nor a phone from home tells where the person is.
///
/// Arizona keeps standard time all year except the Navajo Nation; ZIPs tell them apart, the counties the nation
/// lies in (Apache, Navajo, Coconino) and area code 928 do not.
#[must_use]
pub fn resolve_zone(
    zip: Option<Zip5>,
    state: Option<State>,
    county: &str,
    area_code: Option<u16>,
) -> Option<ResolvedZone> {
    let by = |source| move |zone| ResolvedZone { zone, source };
    if let Some(zone) = zip.and_then(zone_of_zip) {
        return Some(by(ZoneSource::Zip)(zone));
    }
    let state = state.or_else(|| zip.and_then(State::of_zip));
    let Some(state) = state else {
        return only(zones_of_area_code(area_code?), |_| true).map(by(ZoneSource::AreaCode));
    };
    if state.kind() == StateKind::Military {
        return None;
    }
    if let Some(zone) = zone_of_state(state) {
        return Some(by(ZoneSource::State)(zone));
    }
    if let Some(zone) = zone_of_county(state, county) {
        return Some(by(ZoneSource::County)(zone));
    }
    let of_state = zones_of_state(state);
    only(zones_of_area_code(area_code?), |zone| of_state.contains(&zone)).map(by(ZoneSource::AreaCode))
}

/// The one zone that passes; `None` if none or several do.
fn only(zones: &[TimeZone], passes: impl Fn(TimeZone) -> bool) -> Option<TimeZone> {
    let mut passing = zones.iter().copied().filter(|zone| passes(*zone));
    match (passing.next(), passing.next()) {
        (Some(zone), None) => Some(zone),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(zip: &str, state: &str, county: &str, area_code: u16) -> Option<(&'static str, ZoneSource)> {
        let zip = Zip5::from_digits(zip);
        resolve_zone(zip, State::parse(state), county, Some(area_code))
            .map(|found| (found.zone.iana(), found.source))
    }

    #[test]
    fn zip_then_county_then_state_then_area_code() {
        use ZoneSource::{AreaCode, County, State, Zip};
        for (zip, state, county, area_code, expected) in [
            // The ZIP wins over everything else.
            ("79901", "TX", "Harris", 212, Some(("America/Denver", Zip))),
            ("10001", "CA", "", 310, Some(("America/New_York", Zip))),
            // No ZIP, or one the USPS has not assigned.
            ("", "TX", "El Paso", 212, Some(("America/Denver", County))),
            ("00001", "FL", "Escambia", 305, Some(("America/Chicago", County))),
            ("", "NY", "", 310, Some(("America/New_York", State))),
            ("", "AZ", "Maricopa", 0, Some(("America/Phoenix", County))),
            ("", "AZ", "Navajo", 602, Some(("America/Phoenix", AreaCode))),
            // A split state: the area code chooses among its zones, if it can.
            ("", "TX", "", 915, Some(("America/Denver", AreaCode))),
            ("", "TX", "", 214, Some(("America/Chicago", AreaCode))),
            ("", "TX", "", 212, None),
            ("", "FL", "", 850, None),
            ("", "AZ", "", 928, None),
            ("", "TX", "", 0, None),
            // Nothing but a phone.
            ("", "", "", 212, Some(("America/New_York", AreaCode))),
            ("", "", "", 602, Some(("America/Phoenix", AreaCode))),
            ("", "", "", 850, None),
            ("", "", "", 800, None),
            ("", "", "El Paso", 0, None),
            // Military mail.
            ("09001", "AE", "", 212, None),
            ("96201", "", "", 212, None),
            ("", "AP", "", 212, None),
        ] {
            let found = resolved(zip, state, county, area_code);
            assert_eq!(found, expected, "{zip} {state} {county} {area_code}");
        }
        assert_eq!(resolve_zone(None, None, "", None), None);
    }

    proptest::proptest! {
        #[test]
        fn any_place_is_answered(zip in "[0-9]{5}", state in "\\PC{0,8}", county in "\\PC{0,80}", npa in 0u16..=u16::MAX) {
            let zip = Zip5::from_digits(&zip);
            let found = resolve_zone(zip, State::parse(&state), &county, Some(npa));
            if let Some(told) = zip.and_then(zone_of_zip) {
                proptest::prop_assert_eq!(found, Some(ResolvedZone { zone: told, source: ZoneSource::Zip }));
            }
        }
    }
}
