//! SIC code and description → subsector.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::catalog::SubsectorId;
use super::words;
use crate::sic::{DeliveredSic, SicCode, VendorCode};

/// A subsector and how closely the code names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The subsector.
    pub subsector: SubsectorId,
    /// How it was found.
    pub level: MatchLevel,
}

/// How a subsector was found, the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchLevel {
    /// A vendor's six- or eight-digit code names it.
    VendorCode,
    /// The description chooses among the subsectors of the four-digit code.
    Description,
    /// The four-digit code names it.
    SicCode,
    /// Only the two-digit major group leads to it.
    MajorGroup,
    /// There is no usable code, and the description names it.
    DescriptionAlone,
}

/// The subsector of a business; `None` is "Unclassified". As [`classify`], without how it was found.
#[must_use]
pub fn subsector_of(delivered: &str, sic4: Option<SicCode>, description: &str) -> Option<SubsectorId> {
    classify(delivered, sic4, description).map(|found| found.subsector)
}

/// The subsector of a business, by the closest of: the vendor's code as delivered (8 digits, the first 6 of 8, 6
/// digits; each vendor by its own book); the description, where one code holds several trades (1711 is plumbing
/// unless the description speaks of heating or air conditioning and not of plumbing); the four-digit code; its
/// major group. Only without any usable code does the description decide alone.
///
/// `sic4` is the four-digit code if it is known otherwise; it is read from `delivered` when `None`.
#[must_use]
pub fn classify(delivered: &str, sic4: Option<SicCode>, description: &str) -> Option<Match> {
    let found = |level| move |subsector| Match { subsector, level };
    let read = if delivered.is_empty() { None } else { DeliveredSic::parse(delivered).ok() };
    if let Some(subsector) = read.and_then(DeliveredSic::vendor).and_then(by_vendor_code) {
        return Some(found(MatchLevel::VendorCode)(subsector));
    }
    let usable = |code: &SicCode| code.number() != NONCLASSIFIABLE;
    let Some(code) = sic4.or_else(|| read.map(DeliveredSic::code)).filter(usable) else {
        return words::without_code(description).map(found(MatchLevel::DescriptionAlone));
    };
    if let Some(subsector) = words::within(code, description) {
        return Some(found(MatchLevel::Description)(subsector));
    }
    if let Some(subsector) = at(&CODES.by_code, code.number()) {
        return Some(found(MatchLevel::SicCode)(subsector));
    }
    at(&CODES.by_group, code.number() / 100).map(found(MatchLevel::MajorGroup))
}

/// 9999, "nonclassifiable establishments", is the manual's way to say that there is no code.
const NONCLASSIFIABLE: u16 = 9_999;

struct Codes {
    /// Indexed by the code's number.
    by_code: Box<[Option<SubsectorId>]>,
    /// Indexed by the two digits.
    by_group: Box<[Option<SubsectorId>]>,
    six: HashMap<u32, SubsectorId>,
    eight: HashMap<u32, SubsectorId>,
}

fn at(table: &[Option<SubsectorId>], index: u16) -> Option<SubsectorId> {
    table.get(usize::from(index)).copied().flatten()
}

fn by_vendor_code(code: VendorCode) -> Option<SubsectorId> {
    match code {
        VendorCode::Six(number) => CODES.six.get(&number),
        VendorCode::Eight(number) => {
            CODES.eight.get(&number).or_else(|| CODES.eight.get(&(number / 100 * 100)))
        }
    }
    .copied()
}

static CODES: LazyLock<Codes> = LazyLock::new(|| {
    let mut codes = Codes {
        by_code: vec![None; 10_000].into_boxed_slice(),
        by_group: vec![None; 100].into_boxed_slice(),
        six: HashMap::new(),
        eight: HashMap::new(),
    };
    let put = |table: &mut [Option<SubsectorId>], code: &str, subsector| {
        if let Some(slot) = code.parse().ok().and_then(|number: usize| table.get_mut(number)) {
            *slot = Some(subsector);
        }
    };
    for subsector in SubsectorId::all() {
        for code in subsector.sic_codes() {
            put(&mut codes.by_code, code, subsector);
        }
        for group in subsector.major_groups() {
            put(&mut codes.by_group, group, subsector);
        }
        for code in subsector.vendor_codes() {
            let Ok(number) = code.parse() else { continue };
            let book = if code.len() == 6 { &mut codes.six } else { &mut codes.eight };
            book.insert(number, subsector);
        }
    }
    codes
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn slug(delivered: &str, description: &str) -> Option<&'static str> {
        subsector_of(delivered, None, description).map(SubsectorId::slug)
    }

    #[test]
    fn codes_and_descriptions_lead_to_subsectors() {
        for (delivered, description, expected) in [
            ("1711", "", Some("plumbers")),
            ("1711", "Plumbing, Heating & Air-Conditioning", Some("plumbers")),
            ("1711", "HEATING & AIR CONDITIONING CONTRACTORS", Some("hvac")),
            ("1711", "Hvac", Some("hvac")),
            ("171102", "", Some("hvac")),
            ("171117", "", Some("hvac")),
            ("171105", "PLUMBING CONTRACTORS", Some("plumbers")),
            ("171199", "", Some("plumbers")),
            ("17110200", "", Some("plumbers")),
            ("17110405", "", Some("hvac")),
            ("17119999", "", Some("plumbers")),
            ("551103", "AUTOMOBILE DEALERS-USED CARS", Some("dealers-used")),
            ("5511", "", Some("dealers-new")),
            ("78204", "", Some("landscaping")),
            ("782", "LANDSCAPE CONTRACTORS", Some("landscaping")),
            ("782", "", None),
            ("5812", "", Some("restaurants")),
            ("5812", "PIZZA", Some("pizzerias")),
            ("581208", "RESTAURANTS", Some("restaurants")),
            ("5812", "BAR & GRILL", Some("bars-taverns")),
            ("5812", "BARBECUE RESTAURANT", Some("restaurants")),
            ("6531", "REAL ESTATE", Some("agents-brokers")),
            ("6531", "REAL ESTATE AGENTS AND MANAGERS", Some("agents-brokers")),
            ("6531", "Property Management", Some("property-mgmt")),
            ("6531", "REAL ESTATE APPRAISERS", Some("appraisers")),
            ("7011", "HOTELS & MOTELS", Some("hotels")),
            ("7011", "MOTELS", Some("motels")),
            ("4225", "STORAGE-HOUSEHOLD & COMMERCIAL", Some("self-storage")),
            ("6799", "VENTURE CAPITAL COMPANIES", Some("venture-capital")),
            ("6799", "", Some("private-equity")),
            ("7389", "BUSINESS BROKERS", Some("business-brokers")),
            // The major group: a code the tables do not name, one the manual does not have, a group alone.
            ("5047", "", Some("warehousing")),
            ("1700", "", Some("general-contractors")),
            ("17", "", Some("general-contractors")),
            ("5899", "", Some("restaurants")),
            // No sector.
            ("0111", "WHEAT", None),
            ("9111", "", None),
            ("9999", "", None),
            ("0111", "RESTAURANT", None),
            // No code at all.
            ("9999", "RESTAURANT", Some("restaurants")),
            ("", "Roofing Contractors", Some("roofers")),
            ("n/a", "law firm", Some("legal-services")),
            ("", "Landscape architects", Some("landscaping")),
            ("", "Barber shop", Some("barbershops")),
            ("", "Wizardry", None),
            ("", "", None),
        ] {
            assert_eq!(slug(delivered, description), expected, "{delivered} {description}");
        }
    }

    #[test]
    fn the_level_says_how() {
        let level = |delivered, description| classify(delivered, None, description).map(|found| found.level);
        assert_eq!(level("171102", ""), Some(MatchLevel::VendorCode));
        assert_eq!(level("1711", "hvac"), Some(MatchLevel::Description));
        assert_eq!(level("1711", ""), Some(MatchLevel::SicCode));
        assert_eq!(level("5047", ""), Some(MatchLevel::MajorGroup));
        assert_eq!(level("", "plumber"), Some(MatchLevel::DescriptionAlone));
        let known = SicCode::from_number(1731);
        assert_eq!(subsector_of("", known, "").map(SubsectorId::slug), Some("electricians"));
    }

    #[test]
    fn a_code_means_at_most_one_subsector() {
        let mut seen = HashSet::new();
        for subsector in SubsectorId::all() {
            for code in subsector.sic_codes() {
                assert!(seen.insert(*code), "{code}");
                assert!(SicCode::parse(code).is_ok_and(|read| read.is_known() && code.len() == 4), "{code}");
            }
            for group in subsector.major_groups() {
                assert!(seen.insert(*group) && group.len() == 2, "{group}");
            }
            for code in subsector.vendor_codes() {
                assert!(seen.insert(*code) && matches!(code.len(), 6 | 8), "{code}");
            }
        }
    }

    #[test]
    fn how_much_of_the_manual_is_covered() {
        let (mut exact, mut group, mut none) = (0, 0, 0);
        for code in SicCode::all_known() {
            match classify("", Some(code), "").map(|found| found.level) {
                Some(MatchLevel::SicCode) => exact += 1,
                Some(_) => group += 1,
                None => none += 1,
            }
        }
        // The rest: farming, forestry, fishing, mining, utilities, membership organizations, government.
        assert_eq!((exact, group, none), (803, 65, 137));
    }

    #[test]
    fn every_subsector_can_be_reached() {
        let words = include_str!("../../data/sector_words.csv");
        for subsector in SubsectorId::all() {
            let by_words = words.lines().any(|line| line.split(',').next() == Some(subsector.slug()));
            assert!(!subsector.sic_codes().is_empty() || by_words, "{subsector}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(delivered in "[0-9. -]{0,10}|\\PC{0,10}", description in "\\PC{0,30}") {
            let found = classify(&delivered, None, &description);
            proptest::prop_assert_eq!(found.map(|found| found.subsector), subsector_of(&delivered, None, &description));
        }
    }
}
