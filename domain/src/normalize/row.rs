//! One row in the forms that everything behind the normalizer relies on.

use std::fmt;

use crate::email::{Email, EmailClass};
use crate::normalize::RowFlags;
use crate::phone::{Phone, PhoneKind};
use crate::size::RevenueTier;
use crate::title::Seniority;

/// A normalized row: the columns of table `normalized_rows` from `vendor_record_id` to `year_founded`, and
/// the flags. `None` is NULL; no field is an empty text.
///
/// What the row's lead is scored by (`facts`) follows from this and is computed by `domain::lead`.
#[derive(Clone, Default, PartialEq)]
pub struct NormalizedRow {
    /// The vendor's own id of this record.
    pub vendor_record_id: Option<String>,
    /// Company name to compare by: upper-case, without legal suffix and leading THE, `&` as AND.
    pub company: Option<String>,
    /// Company name to show: as delivered, trimmed and squeezed.
    pub company_display: Option<String>,
    /// Legal form taken off the name: `LLC`, `INC`.
    pub legal_suffix: Option<&'static str>,
    /// The name the business trades under, as delivered.
    pub dba: Option<String>,
    /// Given name in proper case.
    pub given_name: Option<String>,
    /// Middle name or initial in proper case.
    pub middle_name: Option<String>,
    /// Family name in proper case.
    pub family_name: Option<String>,
    /// `Jr`, `III`.
    pub name_suffix: Option<&'static str>,
    /// Title in words, title codes decoded.
    pub title: Option<String>,
    /// How far up the title is.
    pub seniority: Option<Seniority>,
    /// E-mail address.
    pub email: Option<Email>,
    /// Class of `email`; there exactly when `email` is.
    pub email_class: Option<EmailClass>,
    /// First usable phone: main number, else mobile, else direct.
    pub phone: Option<Phone>,
    /// Extension of `phone`, digits.
    pub phone_extension: Option<String>,
    /// What `phone` is; there exactly when `phone` is.
    pub phone_class: Option<PhoneKind>,
    /// Another usable phone: mobile before direct before a second number in the main cell.
    pub phone_2: Option<Phone>,
    /// What `phone_2` is; there exactly when `phone_2` is.
    pub phone_2_class: Option<PhoneKind>,
    /// Street line in USPS form, without unit: `6649 N BLUE GUM ST`.
    pub street: Option<String>,
    /// Unit in USPS form: `STE 200`, `# 54`.
    pub unit: Option<String>,
    /// City, proper-cased.
    pub city: Option<String>,
    /// State, two letters.
    pub state: Option<&'static str>,
    /// ZIP code, five digits.
    pub zip5: Option<String>,
    /// The four behind it.
    pub zip4: Option<String>,
    /// County, proper-cased, without the word County.
    pub county: Option<String>,
    /// IANA time zone by ZIP, county, state or area code.
    pub time_zone: Option<&'static str>,
    /// Domain of the business's website: `example.com`.
    pub website: Option<String>,
    /// Employees, at least.
    pub employees_min: Option<i32>,
    /// Employees, at most; `None` beside a minimum is "and more".
    pub employees_max: Option<i32>,
    /// Yearly revenue in whole dollars, at least.
    pub revenue_min: Option<i64>,
    /// Yearly revenue in whole dollars, at most; `None` beside a minimum is "and more".
    pub revenue_max: Option<i64>,
    /// Size by revenue.
    pub revenue_tier: Option<RevenueTier>,
    /// SIC code as delivered.
    pub sic_delivered: Option<String>,
    /// SIC code, four digits: one of the 1987 manual, or of one of its major groups (1700).
    pub sic4: Option<&'static str>,
    /// SIC description as delivered, else the manual's title of `sic4`.
    pub sic_description: Option<String>,
    /// Subsector by SIC: `domain::sector`'s number of it.
    pub subsector: Option<i16>,
    /// Year in which the business was founded.
    pub year_founded: Option<i16>,
    /// What is remarkable about the row.
    pub flags: RowFlags,
}

impl NormalizedRow {
    /// Whether a person is named.
    pub fn has_person(&self) -> bool {
        self.given_name.is_some() || self.family_name.is_some()
    }
}

/// Flags only: the rest is personal data.
impl fmt::Debug for NormalizedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NormalizedRow").field("flags", &self.flags).finish_non_exhaustive()
    }
}
