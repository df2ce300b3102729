//! What a column of a list can mean.

use std::fmt;
use std::str::FromStr;

use domain::listing::ListingField;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A name that is not a [`Field`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a field; the fields are {}", Field::names())]
pub struct UnknownField {
    /// What was written instead of a field.
    pub name: String,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// The meaning of a column, in the words used everywhere else (JSON, mapping profiles, SQL).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field {
            $($(#[$doc])* $variant,)*
        }

        impl Field {
            /// Every field, in the order of a business card.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];
            /// How many fields there are.
            pub const COUNT: usize = Field::ALL.len();

            /// The name in snake case.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl FromStr for Field {
            type Err = UnknownField;
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name { $($name => Ok(Self::$variant),)* _ => Err(UnknownField { name: name.to_owned() }) }
            }
        }
    };
}

fields! {
    /// The business.
    CompanyName = "company_name";
    /// A person, whole name in one cell.
    ContactName = "contact_name";
    /// Given name.
    FirstName = "first_name";
    /// Middle name or initial.
    MiddleName = "middle_name";
    /// Family name.
    LastName = "last_name";
    /// Mr, Mrs, Dr.
    NamePrefix = "name_prefix";
    /// Jr, III, MD.
    NameSuffix = "name_suffix";
    /// What the person does there: Owner, Office Manager.
    Title = "title";
    /// E-mail address.
    Email = "email";
    /// First telephone number, with or without area code.
    Phone = "phone";
    /// Second telephone number.
    Phone2 = "phone_2";
    /// Extension behind the first number.
    PhoneExtension = "phone_extension";
    /// A number the list calls mobile.
    Mobile = "mobile";
    /// Fax number.
    Fax = "fax";
    /// Area code kept apart from the number.
    AreaCode = "area_code";
    /// Street address, first line.
    Address = "address";
    /// Street address, second line: suite, unit.
    Address2 = "address_2";
    /// City.
    City = "city";
    /// State by abbreviation or name.
    State = "state";
    /// ZIP code, five digits or ZIP+4.
    Zip = "zip";
    /// The four digits behind the ZIP code.
    Zip4 = "zip4";
    /// County by name.
    County = "county";
    /// Country.
    Country = "country";
    /// Website or domain.
    Website = "website";
    /// Employees as a number or range.
    Employees = "employees";
    /// Employees as the vendor's letter.
    EmployeesCode = "employees_code";
    /// Yearly revenue as a number or range.
    Revenue = "revenue";
    /// Yearly revenue as the vendor's letter.
    RevenueCode = "revenue_code";
    /// SIC code, four to eight digits, as delivered.
    SicCode = "sic_code";
    /// The SIC code in words.
    SicDescription = "sic_description";
    /// NAICS code, as delivered.
    NaicsCode = "naics_code";
    /// The NAICS code in words.
    NaicsDescription = "naics_description";
    /// The name the business trades under.
    Dba = "dba";
    /// Year in which the business began.
    YearFounded = "year_founded";
    /// The vendor's own number for the record (ABI, IDCODE, D-U-N-S).
    VendorRecordId = "vendor_record_id";
    /// The person's age.
    Age = "age";
    /// Household income.
    Income = "income";
    /// Value of the home.
    HomeValue = "home_value";
    /// Owner or renter.
    HomeOwner = "home_owner";
    /// Years at the address.
    LengthOfResidence = "length_of_residence";
    /// Assessor's parcel number.
    Apn = "apn";
    /// Address a consent was given from.
    IpAddress = "ip_address";
    /// When a consent was given.
    OptInDate = "opt_in_date";
    /// Where a consent was given.
    OptInSource = "opt_in_source";
}

impl Field {
    /// Fields of which a list must have at least one, or its rows could reach nobody.
    pub const REACHABLE: &'static [Field] = &[
        Field::CompanyName,
        Field::ContactName,
        Field::FirstName,
        Field::LastName,
        Field::Dba,
        Field::Email,
        Field::Phone,
        Field::Phone2,
        Field::Mobile,
    ];

    /// Position in [`Field::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    fn names() -> String {
        Self::ALL.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Field {
    /// Its place in a [`domain::listing::Listing`], the form in which rows are normalized; some fields have none.
    pub fn listed(self) -> Option<ListingField> {
        let name = match self {
            Self::CompanyName => "company",
            Self::ContactName => "contact",
            other => other.as_str(),
        };
        name.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_reads_back_from_json() {
        for field in Field::ALL {
            let json = serde_json::to_string(field).expect("a field is a string");
            assert_eq!(serde_json::from_str::<Field>(&json).expect("reads back"), *field);
            assert_eq!(Field::ALL[field.index()], *field);
        }
        assert!("phone2".parse::<Field>().is_err());
    }
}
