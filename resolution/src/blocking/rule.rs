//! The blocking rules.

use crate::rules::RuleSet;
use crate::words::words;

words! {
    /// What two records must share to be compared.
    BlockingRule("blocking rule") {
        /// The last seven digits of a phone number.
        Phone = "phone",
        /// A person's e-mail address.
        Email = "email",
        /// The mailbox name of an e-mail address, wherever it is.
        Mailbox = "mailbox",
        /// An e-mail address of a function, and the sound of the family name.
        SharedEmail = "shared_email",
        /// An identifier.
        Identifier = "identifier",
        /// Both names, whichever is the given one.
        FullName = "full_name",
        /// Sound of the family name, initial of the given name, and ZIP.
        NameAndZip = "name_and_zip",
        /// Sound of the family name, initial of the given name, and city.
        NameAndCity = "name_and_city",
        /// Formal given name and ZIP.
        GivenAndZip = "given_and_zip",
        /// House number and the beginning of the street.
        Address = "address",
        /// Street and city, or second address line and ZIP.
        StreetAndCity = "street_and_city",
        /// House number and the sound of either name.
        NameAndNumber = "name_and_number",
        /// The beginning of the street and the sound of either name.
        NameAndStreet = "name_and_street",
        /// City and the sound of either name.
        EitherNameAndCity = "either_name_and_city",
        /// The second address line and the sound of either name.
        NameAndLine = "name_and_line",
        /// A date and an initial.
        Date = "date",
        /// Name of the company and the sound of the family name.
        CompanyAndName = "company_and_name",
        /// A web domain and the formal given name.
        DomainAndName = "domain_and_name",
        /// A web domain.
        Domain = "domain",
        /// Name of a company.
        Company = "company",
        /// Two words of a company's name.
        CompanyWords = "company_words",
        /// The first word of a company's name, and ZIP or city.
        CompanyAndPlace = "company_and_place",
        /// Name of a company, and ZIP or city.
        CompanyAtPlace = "company_at_place",
        /// Name of a company, and the house number.
        CompanyAndNumber = "company_and_number",
        /// House number, the beginning of the street, and ZIP or city.
        AddressAtPlace = "address_at_place",
        /// Sound of the family name, formal given name, and ZIP.
        BothNamesAndZip = "both_names_and_zip",
    }
}

/// Records from which on a list is a long one.
const LONG_LIST: usize = 200_000;

impl BlockingRule {
    /// The rules of a rule set, the most telling first.
    pub const fn of(rules: RuleSet) -> &'static [Self] {
        match rules {
            RuleSet::Persons => &[
                Self::Phone,
                Self::Email,
                Self::Identifier,
                Self::Address,
                Self::NameAndZip,
                Self::FullName,
                Self::CompanyAndName,
                Self::DomainAndName,
                Self::Date,
                Self::Mailbox,
                Self::SharedEmail,
                Self::NameAndCity,
                Self::GivenAndZip,
                Self::NameAndNumber,
                Self::NameAndStreet,
                Self::EitherNameAndCity,
                Self::NameAndLine,
                Self::StreetAndCity,
                Self::CompanyAndPlace,
            ],
            RuleSet::Businesses => &[
                Self::Phone,
                Self::Email,
                Self::Identifier,
                Self::Address,
                Self::Domain,
                Self::SharedEmail,
                Self::Company,
                Self::CompanyAndPlace,
                Self::CompanyWords,
            ],
        }
    }

    /// The rules for a list of so many records. In a long one records are found as among those that are stored: by the other
    /// rules nearly every record of it would meet some, and none that is one with it.
    pub(crate) const fn for_list(rules: RuleSet, records: usize) -> &'static [Self] {
        if records > LONG_LIST { Self::for_lookup(rules) } else { Self::of(rules) }
    }

    /// The rules whose keys serve to look up one record among all that are stored: who shares one is among few, however
    /// many are stored. Among a million, every house number with the beginning of a street is there several times, and so is every
    /// initial with a family name in one ZIP; with the place, and with the whole given name, they are rare again.
    pub const fn for_lookup(rules: RuleSet) -> &'static [Self] {
        match rules {
            RuleSet::Persons => &[
                Self::Phone,
                Self::Email,
                Self::Identifier,
                Self::AddressAtPlace,
                Self::BothNamesAndZip,
                Self::CompanyAndName,
                Self::DomainAndName,
                Self::Date,
                Self::SharedEmail,
            ],
            RuleSet::Businesses => &[
                Self::Phone,
                Self::Email,
                Self::Identifier,
                Self::AddressAtPlace,
                Self::Domain,
                Self::SharedEmail,
                Self::CompanyAtPlace,
                Self::CompanyAndNumber,
            ],
        }
    }

    /// Whether records that share a key are few in a list of any length. The other rules add pairs where a list is small
    /// enough for them.
    pub const fn is_telling(self) -> bool {
        !matches!(
            self,
            Self::FullName
                | Self::NameAndCity
                | Self::GivenAndZip
                | Self::NameAndNumber
                | Self::NameAndStreet
                | Self::EitherNameAndCity
                | Self::NameAndLine
                | Self::StreetAndCity
                | Self::CompanyWords
                | Self::Mailbox
        )
    }
}
