//! How a row's business or person is reached: e-mail address and phones.

use super::{NormalizedRow, RowFlags};
use crate::cell::clean;
use crate::email::{EmailClass, parse_email};
use crate::listing::Listing;
use crate::phone::{ParsedPhone, Phone, PhoneKind, parse_phone};
use crate::website::parse_website;

/// Fills e-mail, phones and website, and flags cells that are none.
pub(super) fn find_contact_points(listing: &Listing<'_>, row: &mut NormalizedRow) {
    find_email(listing.email, row);
    find_phones(listing, row);
    if !listing.website.is_empty() {
        row.website = parse_website(&clean(listing.website));
    }
}

fn find_email(cell: &str, row: &mut NormalizedRow) {
    let text = clean(cell);
    if text.is_empty() {
        return;
    }
    match parse_email(&text) {
        Ok(parsed) => {
            match parsed.class {
                EmailClass::Role => row.flags.insert(RowFlags::ROLE_EMAIL),
                EmailClass::Disposable => row.flags.insert(RowFlags::DISPOSABLE_EMAIL),
                EmailClass::Business | EmailClass::Free => {}
            }
            row.email = Some(parsed.email);
            row.email_class = Some(parsed.class);
        }
        Err(_) => row.flags.insert(RowFlags::INVALID_EMAIL),
    }
}

/// The main number comes first, since it is the one by which rows of different lists meet; then the mobile,
/// the direct number, and a second number of the main cell. A premium number is nobody's choice and only
/// stands where there is no other.
fn find_phones(listing: &Listing<'_>, row: &mut NormalizedRow) {
    let main = read_phone(listing.phone, listing.area_code, row);
    let mobile = read_phone(listing.mobile, "", row);
    let direct = read_phone(listing.phone_2, listing.area_code, row);
    let second = main.as_ref().and_then(|parsed| parsed.second);
    let numbered = |parsed: Option<ParsedPhone>, kind: PhoneKind| {
        parsed.map(|parsed| (parsed.phone, parsed.extension, kind))
    };
    let mut found = [
        numbered(main, PhoneKind::Main),
        numbered(mobile, PhoneKind::Mobile),
        numbered(direct, PhoneKind::Direct),
        second.map(|phone| (phone, None, PhoneKind::Main)),
    ]
    .map(|found| found.map(|(phone, extension, kind)| (phone, extension, kind.or_class(phone.class()))));
    found.sort_by_key(|found| found.as_ref().map_or(2, |(.., kind)| u8::from(*kind == PhoneKind::Premium)));
    let mut found = found.into_iter().flatten();
    let Some((phone, extension, kind)) = found.next() else { return };
    remark(phone, kind, &mut row.flags);
    if let Some((other, _, other_kind)) = found.find(|(other, ..)| *other != phone) {
        remark(other, other_kind, &mut row.flags);
        (row.phone_2, row.phone_2_class) = (Some(other), Some(other_kind));
    }
    (row.phone, row.phone_extension, row.phone_class) = (Some(phone), extension, Some(kind));
}

fn read_phone(cell: &str, area_code: &str, row: &mut NormalizedRow) -> Option<ParsedPhone> {
    let text = clean(cell);
    if text.is_empty() {
        return None;
    }
    match parse_phone(&text, area_code) {
        Ok(parsed) => Some(parsed),
        Err(_) => {
            row.flags.insert(RowFlags::INVALID_PHONE);
            None
        }
    }
}

fn remark(phone: Phone, kind: PhoneKind, flags: &mut RowFlags) {
    match kind {
        PhoneKind::TollFree => flags.insert(RowFlags::TOLL_FREE_PHONE),
        PhoneKind::Premium => flags.insert(RowFlags::PREMIUM_PHONE),
        PhoneKind::Main | PhoneKind::Direct | PhoneKind::Mobile => {}
    }
    if phone.is_fictitious() {
        flags.insert(RowFlags::FICTITIOUS_PHONE);
    }
    if phone.has_unassigned_area_code() {
        flags.insert(RowFlags::UNASSIGNED_AREA_CODE);
    }
}

/// Whether one of the row's phones comes from a column of cell phones.
pub(super) fn has_mobile(row: &NormalizedRow) -> bool {
    row.phone_class == Some(PhoneKind::Mobile) || row.phone_2_class == Some(PhoneKind::Mobile)
}
