//! What a column of a list can be to the engine.

use crate::words::words;

words! {
    /// What a value is of a person or business. Several values may be of one field, such as two phone numbers.
    Field("field") {
        /// Given name of a person.
        Given = "given",
        /// Family name of a person.
        Family = "family",
        /// Full name of a person, `Given Middle Family` or `Family, Given`.
        Name = "name",
        /// Name of a business. A part behind "dba" counts as a second name.
        Company = "company",
        /// Street line with house number. Several values are read as one line after the other.
        Street = "street",
        /// Suite, apartment, floor, or second address line.
        Unit = "unit",
        /// City.
        City = "city",
        /// State, as two letters or name.
        State = "state",
        /// ZIP or other postal code.
        Zip = "zip",
        /// Phone number. A value of three digits is the area code of the others.
        Phone = "phone",
        /// E-mail address.
        Email = "email",
        /// Website.
        Website = "website",
        /// Date of birth, or for a business of its founding.
        Date = "date",
        /// Number that is given to one person or business only. `ssn:123` and `passport:123` are of two kinds,
        /// and only numbers of one kind contradict each other.
        Identifier = "identifier",
    }
}
