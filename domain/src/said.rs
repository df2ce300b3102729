//! What is compared of a person or business, wherever it is known from: a row of a list, what a person typed, what the
//! team has stored.

use std::fmt;

use crate::normalize::NormalizedRow;

/// The most values of one kind that are compared: of phone numbers, and of e-mail addresses.
pub const VALUES: usize = 4;

/// What is said of a person at a business; empty where nothing is. Of a business no name of a person is said.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Said<'a> {
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// Jr, Sr, II …
    pub name_suffix: &'a str,
    /// Name of the business, without legal form.
    pub company: &'a str,
    /// Its trade name.
    pub dba: &'a str,
    /// Street line.
    pub street: &'a str,
    /// Suite or apartment.
    pub unit: &'a str,
    /// City.
    pub city: &'a str,
    /// State, two letters.
    pub state: &'a str,
    /// ZIP, five digits.
    pub zip5: &'a str,
    /// Domain of the website.
    pub website: &'a str,
    /// Phone numbers, E.164.
    pub phones: [&'a str; VALUES],
    /// E-mail addresses.
    pub emails: [&'a str; VALUES],
}

/// All of it is personal data.
impl fmt::Debug for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said(…)")
    }
}

impl<'a> From<&'a NormalizedRow> for Said<'a> {
    fn from(row: &'a NormalizedRow) -> Self {
        Self {
            given_name: row.given_name.as_deref().unwrap_or_default(),
            family_name: row.family_name.as_deref().unwrap_or_default(),
            name_suffix: row.name_suffix.unwrap_or_default(),
            company: row.company.as_deref().or(row.company_display.as_deref()).unwrap_or_default(),
            dba: row.dba.as_deref().unwrap_or_default(),
            street: row.street.as_deref().unwrap_or_default(),
            unit: row.unit.as_deref().unwrap_or_default(),
            city: row.city.as_deref().unwrap_or_default(),
            state: row.state.unwrap_or_default(),
            zip5: row.zip5.as_deref().unwrap_or_default(),
            website: row.website.as_deref().unwrap_or_default(),
            phones: [&row.phone, &row.phone_2, &None, &None]
                .map(|phone| phone.as_ref().map(|phone| phone.expose()).unwrap_or_default()),
            emails: [row.email.as_ref().map(|email| email.expose()).unwrap_or_default(), "", "", ""],
        }
    }
}
