//! What a row's business does and how big it is.

use super::{NormalizedRow, RowFlags};
use crate::cell::{clean, filled};
use crate::listing::Listing;
use crate::sector::subsector_of;
use crate::sic::{DeliveredSic, SicCode};
use crate::size::{RevenueTier, parse_employees, parse_revenue};

/// Years in which a business that is still there can have been founded.
const YEARS: std::ops::RangeInclusive<i16> = 1600..=2100;

/// Fills SIC, sector, size and founding year, and flags a missing SIC code.
pub(super) fn classify(listing: &Listing<'_>, row: &mut NormalizedRow) {
    classify_sic(listing, row);
    let employees = parse_employees(&clean(listing.employees))
        .or_else(|| parse_employees(&clean(listing.employees_code)));
    if let Some(range) = employees {
        (row.employees_min, row.employees_max) = (Some(range.min), range.max);
    }
    let revenue =
        parse_revenue(&clean(listing.revenue)).or_else(|| parse_revenue(&clean(listing.revenue_code)));
    if let Some(range) = revenue {
        (row.revenue_min, row.revenue_max) = (Some(range.min), range.max);
        row.revenue_tier = Some(RevenueTier::of(range.min));
    }
    row.year_founded = year(&clean(listing.year_founded));
}

fn classify_sic(listing: &Listing<'_>, row: &mut NormalizedRow) {
    let delivered = clean(listing.sic_code);
    let description = clean(listing.sic_description);
    let code = DeliveredSic::parse(&delivered).ok().map(DeliveredSic::code);
    // A group's code (1700) is on no page of the manual, and still says which group.
    row.sic4 = code.filter(|code| code.is_known() || code.major_group().is_some()).map(sic_text);
    if !code.is_some_and(SicCode::is_known) {
        row.flags.insert(RowFlags::MISSING_SIC);
    }
    row.subsector = subsector_of(&delivered, code, &description).map(|subsector| subsector.number());
    row.sic_description = filled(&description).or_else(|| code.and_then(SicCode::title).map(str::to_owned));
    row.sic_delivered = filled(&delivered);
}

/// `0000` to `9999`, one behind the other, so that a code's text need not be made for every row.
static CODES: [u8; 40_000] = codes();

const fn codes() -> [u8; 40_000] {
    let mut text = [b'0'; 40_000];
    let mut code = 0;
    while code < 10_000 {
        let (mut rest, mut digit) = (code, 4);
        while digit > 0 {
            digit -= 1;
            text[code * 4 + digit] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        code += 1;
    }
    text
}

fn sic_text(code: SicCode) -> &'static str {
    let at = usize::from(code.number()) * 4;
    CODES.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
}

/// The year of `1987`, `1987.0`, `6/1/1987`, `1987-06-01`.
fn year(text: &str) -> Option<i16> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|number| number.len() == 4)
        .find_map(|number| number.parse().ok().filter(|year| YEARS.contains(year)))
}
