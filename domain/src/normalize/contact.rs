//! Who a row is about: the company, the person, and which of the two a cell names.

use super::{NormalizedRow, RowFlags};
use crate::cell::{clean, filled};
use crate::company::{is_like_company, is_like_person, parse_company};
use crate::listing::Listing;
use crate::person_name::{PersonName, parse_full_name, parse_name_parts};
use crate::title::parse_title;

/// Fills company, person and title.
pub(super) fn name_them(listing: &Listing<'_>, row: &mut NormalizedRow) {
    let mut person =
        parse_name_parts(listing.first_name, listing.middle_name, listing.last_name, listing.name_suffix);
    let mut company_cell = listing.company;
    if person.is_empty() && !listing.contact.is_empty() {
        if is_like_company(&clean(listing.contact)) {
            row.flags.insert(RowFlags::CONTACT_IS_COMPANY);
            if clean(company_cell).is_empty() {
                company_cell = listing.contact;
            }
        } else {
            person = parse_full_name(listing.contact).unwrap_or_default();
        }
    }
    name_company(company_cell, listing.dba, row);
    // Whether a company bears a person's name is asked only where nobody else is named: who owns "John Deere"
    // is then known better.
    if person.is_empty()
        && let Some(display) = row.company_display.as_deref()
        && is_like_person(display)
    {
        row.flags.insert(RowFlags::COMPANY_IS_PERSON);
        person = parse_full_name(display).unwrap_or_default();
    }
    let PersonName { given, middle, family, suffix } = person;
    (row.given_name, row.middle_name, row.family_name, row.name_suffix) = (given, middle, family, suffix);
    if let Some(title) = parse_title(listing.title) {
        row.title = Some(title.text);
        row.seniority = Some(title.seniority);
    }
}

fn name_company(company_cell: &str, dba_cell: &str, row: &mut NormalizedRow) {
    row.dba = filled(dba_cell);
    let company = match parse_company(company_cell) {
        Some(company) => company,
        // A business known by its trade name only.
        None => match row.dba.as_deref().and_then(parse_company) {
            Some(company) => company,
            None => {
                row.dba = None;
                return;
            }
        },
    };
    row.dba = row.dba.take().or(company.dba);
    row.company = Some(company.key);
    row.company_display = Some(company.display);
    row.legal_suffix = company.legal_suffix;
}
