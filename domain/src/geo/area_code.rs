//! Area codes of the North American Numbering Plan: what kind of number, which state, which time zones.

use std::sync::LazyLock;

use super::state::State;
use super::time_zone::TimeZone;
use crate::table;

/// What is known of an area code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaCode {
    /// The three digits, 200 to 999.
    pub npa: u16,
    /// What kind of number it makes.
    pub kind: AreaCodeKind,
    /// ISO 3166 country, `"US"`, `"CA"`, or a territory's own (`"PR"`); empty where it has none.
    pub country: &'static str,
    /// The state, in the United States and its territories.
    pub state: Option<State>,
    /// The time zones of the area, the most populous first. A mobile phone may have moved out of it.
    pub zones: Vec<TimeZone>,
}

/// What kind of number an area code makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AreaCodeKind {
    /// A place: the only kind a person's line has.
    Geographic,
    /// 800, 833, 844, 855, 866, 877, 888.
    TollFree,
    /// Set aside for toll-free (822, 880–889 …), not in use.
    TollFreeReserved,
    /// 900: the caller pays.
    Premium,
    /// 5XX: follow-me and machine-to-machine numbers.
    Personal,
    /// Canada's 600, 622 …: no place.
    CanadaNonGeographic,
    /// 700: depends on the long-distance carrier.
    Interexchange,
    /// 710: the federal government.
    Government,
    /// N11: 211 to 911.
    Service,
    /// Blocks the plan keeps back (37X, 96X, N9X).
    Reserved,
}

/// What is known of an area code; `None` for one that was not in service when the table was made. New ones appear
/// every year (436 and 457 are live), so `None` is a reason to warn, not to reject.
#[must_use]
pub fn area_code(npa: u16) -> Option<&'static AreaCode> {
    let at = npa.checked_sub(200)?;
    AREA_CODES.get(usize::from(at))?.as_ref()
}

/// The area code of a place in the United States that these three digits are; `None` for any other text.
#[must_use]
pub fn local_area_code(digits: &str) -> Option<&'static AreaCode> {
    let code = digits.parse().ok().filter(|_| digits.len() == 3).and_then(area_code)?;
    (code.kind == AreaCodeKind::Geographic && code.state.is_some()).then_some(code)
}

/// The area codes that make numbers of a place in this state, ascending; none for what is no state with a place.
pub fn area_codes_of(state: State) -> impl Iterator<Item = u16> {
    let of_it = AREA_CODES.iter().flatten();
    of_it
        .filter(move |code| code.kind == AreaCodeKind::Geographic && code.state == Some(state))
        .map(|code| code.npa)
}

/// The time zones of an area code, the most populous first; empty when it is unknown or no place.
#[must_use]
pub fn zones_of_area_code(npa: u16) -> &'static [TimeZone] {
    area_code(npa).map_or(&[], |found| found.zones.as_slice())
}

static AREA_CODES: LazyLock<Box<[Option<AreaCode>]>> = LazyLock::new(|| {
    let mut codes = vec![None; 800].into_boxed_slice();
    for [npa, kind, country, state, zones] in table::rows(include_str!("../../data/area_codes.csv")) {
        let (Ok(npa), Some(kind)) = (npa.parse::<u16>(), kind_of(kind)) else { continue };
        let zones = table::list(zones).filter_map(TimeZone::of_reference).collect();
        if let Some(slot) = npa.checked_sub(200).and_then(|at| codes.get_mut(usize::from(at))) {
            *slot = Some(AreaCode { npa, kind, country, state: State::parse(state), zones });
        }
    }
    codes
});

fn kind_of(name: &str) -> Option<AreaCodeKind> {
    Some(match name {
        "geographic" => AreaCodeKind::Geographic,
        "toll-free" => AreaCodeKind::TollFree,
        "toll-free-reserved" => AreaCodeKind::TollFreeReserved,
        "premium" => AreaCodeKind::Premium,
        "personal" => AreaCodeKind::Personal,
        "canada-non-geographic" => AreaCodeKind::CanadaNonGeographic,
        "interexchange" => AreaCodeKind::Interexchange,
        "government" => AreaCodeKind::Government,
        "service" => AreaCodeKind::Service,
        "reserved" => AreaCodeKind::Reserved,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(npa: u16) -> Vec<&'static str> {
        zones_of_area_code(npa).iter().map(|zone| zone.iana()).collect()
    }

    #[test]
    fn every_row_of_the_table_is_read() {
        assert_eq!(AREA_CODES.iter().flatten().count(), 595);
        let geographic = AREA_CODES.iter().flatten().filter(|code| code.kind == AreaCodeKind::Geographic);
        assert!(geographic.clone().all(|code| !code.zones.is_empty()));
        assert_eq!(geographic.count(), 442);
    }

    #[test]
    fn no_zone_name_of_the_table_is_lost() {
        for [npa, _, _, _, listed] in table::rows::<5>(include_str!("../../data/area_codes.csv")) {
            let read = zones_of_area_code(npa.parse().expect("three digits")).len();
            assert_eq!(read, table::list(listed).count(), "{npa}");
        }
    }

    #[test]
    fn three_digits_are_a_place_or_not() {
        assert_eq!(local_area_code("512").map(|code| code.npa), Some(512));
        for text in ["800", "416", "51", "", "5x2", "+512"] {
            assert!(local_area_code(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_state_has_its_area_codes_and_no_other() {
        let of = |letters: &str| area_codes_of(State::parse(letters).expect("a state")).collect::<Vec<_>>();
        assert_eq!(of("WY"), [307]);
        assert_eq!(of("NM"), [505, 575]);
        assert!(of("TX").is_sorted() && of("TX").contains(&512) && !of("TX").contains(&505));
        let all: usize = State::all().map(|state| area_codes_of(state).count()).sum();
        let placed = AREA_CODES.iter().flatten();
        let placed = placed.filter(|code| code.kind == AreaCodeKind::Geographic && code.state.is_some());
        assert_eq!(all, placed.count(), "each belongs to one state");
    }

    #[test]
    fn area_codes_have_kind_state_and_zones() {
        assert_eq!(zones(212), ["America/New_York"]);
        assert_eq!(zones(915), ["America/Denver"]);
        assert_eq!(zones(602), ["America/Phoenix"]);
        assert_eq!(zones(850), ["America/Chicago", "America/New_York"]);
        assert_eq!(zones(219).first(), Some(&"America/Chicago"));
        assert_eq!(zones(208), ["America/Denver", "America/Los_Angeles"]);
        assert_eq!(zones(787), ["America/Puerto_Rico"]);
        assert_eq!(zones(800), [""; 0]);
        let kind = |npa| area_code(npa).map(|found| found.kind);
        assert_eq!(kind(888), Some(AreaCodeKind::TollFree));
        assert_eq!(kind(900), Some(AreaCodeKind::Premium));
        assert_eq!(kind(911), Some(AreaCodeKind::Service));
        assert_eq!(area_code(915).and_then(|found| found.state).map(State::abbreviation), Some("TX"));
        assert_eq!(area_code(416).map(|found| (found.country, found.state)), Some(("CA", None)));
        for unknown in [0, 199, 200, 436, 1000, u16::MAX] {
            assert_eq!(area_code(unknown), None, "{unknown}");
        }
    }
}
