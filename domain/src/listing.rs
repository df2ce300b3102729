//! One row as the list says it: cells by their meaning, borrowed, not yet believed.

use std::fmt;

use crate::named::named_enum;

macro_rules! listing_fields {
    ($($(#[$doc:meta])* $field:ident = $variant:ident $word:literal,)*) => {
        /// The cells of one row by what they mean. An absent column and an empty cell are both `""`.
        #[derive(Clone, Copy, Default, PartialEq, Eq)]
        pub struct Listing<'a> {
            $($(#[$doc])* pub $field: &'a str,)*
        }

        named_enum! {
            /// What a column of a list can mean.
            ListingField {
                $($(#[$doc])* $variant = $word,)*
            }
        }

        impl<'a> Listing<'a> {
            /// The cell of `field`.
            pub const fn get(&self, field: ListingField) -> &'a str {
                match field { $(ListingField::$variant => self.$field,)* }
            }

            /// Puts `cell` into `field`.
            pub const fn set(&mut self, field: ListingField, cell: &'a str) {
                match field { $(ListingField::$variant => self.$field = cell,)* }
            }
        }
    };
}

listing_fields! {
    /// Name of the business.
    company = Company "company",
    /// Full name of the contact in one cell.
    contact = Contact "contact",
    /// Given name of the contact.
    first_name = FirstName "first_name",
    /// Middle name or initial of the contact.
    middle_name = MiddleName "middle_name",
    /// Family name of the contact.
    last_name = LastName "last_name",
    /// "Dr.", "Mrs.": read so that it does not end up in a name, and not kept.
    name_prefix = NamePrefix "name_prefix",
    /// "Jr", "III".
    name_suffix = NameSuffix "name_suffix",
    /// What the contact does there, in words or as an infoUSA title code.
    title = Title "title",
    /// E-mail address.
    email = Email "email",
    /// The main telephone number, with or without its area code.
    phone = Phone "phone",
    /// Area code of `phone` where the list keeps it in a column of its own.
    area_code = AreaCode "area_code",
    /// A second, usually the contact's direct number.
    phone_2 = Phone2 "phone_2",
    /// Cell phone.
    mobile = Mobile "mobile",
    /// Fax number; never dialled and never texted.
    fax = Fax "fax",
    /// Street address, first line.
    address = Address "address",
    /// Street address, second line: usually suite or unit.
    address_2 = Address2 "address_2",
    /// City.
    city = City "city",
    /// State by name or abbreviation.
    state = State "state",
    /// ZIP code, with or without its four.
    zip = Zip "zip",
    /// The four digits after the ZIP code.
    zip4 = Zip4 "zip4",
    /// County by name.
    county = County "county",
    /// Country.
    country = Country "country",
    /// Website of the business.
    website = Website "website",
    /// Number of employees, as a number or range.
    employees = Employees "employees",
    /// Number of employees as an infoUSA size code.
    employees_code = EmployeesCode "employees_code",
    /// Yearly revenue, as an amount or range.
    revenue = Revenue "revenue",
    /// Yearly revenue as an infoUSA volume code.
    revenue_code = RevenueCode "revenue_code",
    /// SIC code, with 2 to 8 digits.
    sic_code = SicCode "sic_code",
    /// What the SIC code stands for, in the vendor's words.
    sic_description = SicDescription "sic_description",
    /// NAICS code.
    naics_code = NaicsCode "naics_code",
    /// The name the business trades under.
    dba = Dba "dba",
    /// Year in which the business was founded.
    year_founded = YearFounded "year_founded",
    /// The vendor's own id of this record.
    vendor_record_id = VendorRecordId "vendor_record_id",
    /// Age of the person.
    age = Age "age",
    /// Income of the person's household.
    income = Income "income",
    /// Value of the person's home.
    home_value = HomeValue "home_value",
    /// Whether the person owns the home.
    home_owner = HomeOwner "home_owner",
    /// Assessor's parcel number of the property.
    apn = Apn "apn",
}

/// Which cells are filled, never what they say: rows hold personal data.
impl fmt::Debug for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listing ")?;
        f.debug_set().entries(ListingField::ALL.iter().filter(|field| !self.get(**field).is_empty())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_names_filled_cells_and_hides_what_they_say() {
        let listing = Listing { company: "Acme", phone: "504-621-8927", ..Listing::default() };
        assert_eq!(format!("{listing:?}"), "Listing {Company, Phone}");
    }

    #[test]
    fn every_field_is_its_own_cell() {
        for field in ListingField::ALL {
            let mut listing = Listing::default();
            listing.set(*field, "x");
            let filled: Vec<_> = ListingField::ALL.iter().filter(|f| !listing.get(**f).is_empty()).collect();
            assert_eq!(filled, [field]);
            assert_eq!(field.as_str().parse(), Ok(*field));
        }
    }
}
