//! Where a row's business or person is: address, state, ZIP and time zone.

use super::{NormalizedRow, RowFlags};
use crate::address::{parse_city, parse_county, parse_street};
use crate::cell::clean;
use crate::geo::{State, Zip, resolve_zone};
use crate::listing::Listing;

/// Fills the address and the time zone, and flags an unknown state.
pub(super) fn locate(listing: &Listing<'_>, row: &mut NormalizedRow) {
    let address = parse_street(listing.address, listing.address_2, listing.city);
    (row.street, row.unit) = (address.street, address.unit);
    row.city = parse_city(listing.city);
    row.county = parse_county(listing.county);

    let zip = Zip::parse(&clean(listing.zip)).ok();
    let named = State::parse(&clean(listing.state));
    let by_zip = zip.and_then(|zip| State::of_zip(zip.five()));
    if let (Some(named), Some(by_zip)) = (named, by_zip)
        && named != by_zip
    {
        row.flags.insert(RowFlags::STATE_ZIP_DISAGREE);
    }
    let state = named.or(by_zip);
    row.state = state.map(State::abbreviation);
    if state.is_none() {
        row.flags.insert(RowFlags::UNKNOWN_STATE);
    }
    if is_foreign(&clean(listing.country)) {
        row.flags.insert(RowFlags::FOREIGN);
    }
    if let Some(zip) = zip {
        row.zip5 = Some(zip.five().as_str().to_owned());
        row.zip4 = zip.plus4().map(|plus4| format!("{plus4:04}")).or_else(|| plus4_of(listing.zip4));
    }
    let area_code = row.phone.as_ref().and_then(|phone| phone.area_code().parse().ok());
    let zone = resolve_zone(zip.map(Zip::five), state, row.county.as_deref().unwrap_or_default(), area_code);
    row.time_zone = zone.map(|found| found.zone.iana());
}

/// The four digits of a column of their own; a spreadsheet may have eaten zeros.
fn plus4_of(cell: &str) -> Option<String> {
    let text = clean(cell);
    let whole = text.split('.').next().unwrap_or_default();
    let number: u16 = whole.parse().ok()?;
    (whole.len() <= 4 && number > 0).then(|| format!("{number:04}"))
}

/// A country column that names another country. Territories are states here.
fn is_foreign(country: &str) -> bool {
    let home = [
        "US",
        "USA",
        "UNITED STATES",
        "UNITED STATES OF AMERICA",
        "AMERICA",
        "PR",
        "PUERTO RICO",
        "GUAM",
        "1",
    ];
    let plain = country.replace('.', "");
    !plain.is_empty() && !home.iter().any(|name| name.eq_ignore_ascii_case(&plain))
}
