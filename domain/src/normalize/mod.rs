//! From what a list says to what can be relied on: one row at a time, without looking at any other.

mod contact;
mod flags;
mod place;
mod reach;
mod requirements;
mod row;
mod trade;

pub use flags::RowFlags;
pub use requirements::{Rejection, Requirements};
pub use row::NormalizedRow;

use crate::FailureCode;
use crate::cell::filled;
use crate::listing::{Listing, ListingField};

/// Normalizes one row.
///
/// Nothing about a cell makes a row unusable: what cannot be read is left out and flagged. What a row must
/// have is a name (company or contact), an e-mail address or a phone, and what `requirements` ask for.
///
/// # Errors
/// A [`Rejection`] with `normalize.empty_row` for a row that lacks what it must have.
pub fn normalize(listing: &Listing<'_>, requirements: &Requirements) -> Result<NormalizedRow, Rejection> {
    let mut row =
        NormalizedRow { vendor_record_id: filled(listing.vendor_record_id), ..NormalizedRow::default() };
    contact::name_them(listing, &mut row);
    reach::find_contact_points(listing, &mut row);
    if row.company.is_none() && !row.has_person() && row.email.is_none() && row.phone.is_none() {
        return Err(nothing_usable(listing));
    }
    place::locate(listing, &mut row);
    trade::classify(listing, &mut row);
    match requirements.fields().iter().find(|field| !has(listing, &row, **field)) {
        Some(field) => Err(missing(listing, *field)),
        None => Ok(row),
    }
}

fn nothing_usable(listing: &Listing<'_>) -> Rejection {
    const IDENTIFYING: [ListingField; 9] = [
        ListingField::Company,
        ListingField::Dba,
        ListingField::Contact,
        ListingField::FirstName,
        ListingField::LastName,
        ListingField::Email,
        ListingField::Phone,
        ListingField::Mobile,
        ListingField::Phone2,
    ];
    let got: Vec<String> = IDENTIFYING
        .iter()
        .filter(|field| !listing.get(**field).trim().is_empty())
        .map(|field| format!("{field} {:?}", excerpt(listing.get(*field))))
        .collect();
    Rejection {
        code: FailureCode::NormalizeEmptyRow,
        column: "row",
        expected: "a company, a contact name, an e-mail address or a phone number",
        got: if got.is_empty() {
            "none of them".to_owned()
        } else {
            format!("nothing usable: {}", got.join(", "))
        },
    }
}

fn missing(listing: &Listing<'_>, field: ListingField) -> Rejection {
    let got = match listing.get(field) {
        "" => "nothing".to_owned(),
        cell => format!("{:?}", excerpt(cell)),
    };
    Rejection {
        code: FailureCode::NormalizeEmptyRow,
        column: field.as_str(),
        expected: "a usable value, which the mapping profile requires",
        got,
    }
}

/// Enough of a cell to find it by.
fn excerpt(cell: &str) -> String {
    cell.chars().take(80).collect()
}

/// Whether the row has a usable value for a required field. Where the value may have come from another column
/// (a state by its ZIP, a name out of the contact cell), that counts.
fn has(listing: &Listing<'_>, row: &NormalizedRow, field: ListingField) -> bool {
    use ListingField as F;
    match field {
        F::Company => row.company.is_some(),
        F::Contact => row.has_person(),
        F::FirstName => row.given_name.is_some(),
        F::MiddleName => row.middle_name.is_some(),
        F::LastName => row.family_name.is_some(),
        F::NameSuffix => row.name_suffix.is_some(),
        F::Title => row.title.is_some(),
        F::Email => row.email.is_some(),
        F::Phone | F::AreaCode => row.phone.is_some(),
        F::Phone2 => row.phone_2.is_some(),
        F::Mobile => reach::has_mobile(row),
        F::Address => row.street.is_some(),
        F::Address2 => row.unit.is_some(),
        F::City => row.city.is_some(),
        F::State => row.state.is_some(),
        F::Zip => row.zip5.is_some(),
        F::Zip4 => row.zip4.is_some(),
        F::County => row.county.is_some(),
        F::Website => row.website.is_some(),
        F::Employees | F::EmployeesCode => row.employees_min.is_some(),
        F::Revenue | F::RevenueCode => row.revenue_min.is_some(),
        F::SicCode => row.sic4.is_some(),
        F::SicDescription => row.sic_description.is_some(),
        F::Dba => row.dba.is_some(),
        F::YearFounded => row.year_founded.is_some(),
        F::VendorRecordId => row.vendor_record_id.is_some(),
        F::NamePrefix
        | F::Fax
        | F::Country
        | F::NaicsCode
        | F::Age
        | F::Income
        | F::HomeValue
        | F::HomeOwner
        | F::Apn => !crate::cell::clean(listing.get(field)).is_empty(),
    }
}

#[cfg(test)]
mod tests;
