//! What is known of a person's life.

use chrono::{Datelike, NaiveDate};
use domain::named_enum;
use serde::{Deserialize, Serialize};

use crate::enrichment::redaction::hides_itself;

named_enum! {
    /// A person's gender, as a vendor says.
    Gender {
        /// Female.
        Female = "female",
        /// Male.
        Male = "male",
    }
}

/// A date of birth, as much of it as a vendor tells.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthDate {
    /// The year.
    pub year: i32,
    /// The month, 1 to 12.
    pub month: Option<u32>,
    /// The day, 1 to 31.
    pub day: Option<u32>,
}

impl BirthDate {
    /// Reads `1962-05-17`, `19620517`, `1962-05`, `196205`, `19620500`, `1962` and `05/17/1962`; a month or day of
    /// zero is one that is not known. `None` for whatever is no date since 1880.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split(['T', ' ']).next()?.trim();
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        if text.chars().any(|sign| !sign.is_ascii_digit() && !matches!(sign, '-' | '/' | '.')) {
            return None;
        }
        let month_first = text.find('/') == Some(2) && digits.len() == 8;
        let digits = if month_first { format!("{}{}", &digits[4..], &digits[..4]) } else { digits };
        let number = |from: usize, to: usize| digits.get(from..to)?.parse::<u32>().ok();
        let (year, month, day) = match digits.len() {
            4 => (number(0, 4)?, None, None),
            6 => (number(0, 4)?, number(4, 6), None),
            8 => (number(0, 4)?, number(4, 6), number(6, 8)),
            _ => return None,
        };
        let year = i32::try_from(year).ok().filter(|year| (1880..=2100).contains(year))?;
        let month = month.filter(|month| (1..=12).contains(month));
        let day =
            day.filter(|day| month.is_some_and(|month| NaiveDate::from_ymd_opt(year, month, *day).is_some()));
        Some(Self { year, month, day })
    }

    /// The age on a day, in full years; `None` before birth. Where month or day is not known, the year's (month's)
    /// last day counts, so that nobody is made older.
    pub fn age_on(&self, today: NaiveDate) -> Option<u8> {
        let birthday = (self.month.unwrap_or(12), self.day.unwrap_or(31));
        let had_it = (today.month(), today.day()) >= birthday;
        let years = today.year() - self.year - i32::from(!had_it);
        u8::try_from(years).ok()
    }
}

/// What is known of a person's life.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demographics {
    /// Age in full years, where the vendor gives one instead of a date.
    pub age: Option<u8>,
    /// Date of birth.
    pub born: Option<BirthDate>,
    /// Gender.
    pub gender: Option<Gender>,
    /// Whether the person died. Suppresses.
    pub deceased: Option<bool>,
    /// Whether the person is known to sue callers. Suppresses.
    pub litigator: Option<bool>,
}

hides_itself!(BirthDate, Demographics);

impl Demographics {
    /// The age on a day: by the date of birth, else as the vendor gave it.
    pub fn age_on(&self, today: NaiveDate) -> Option<u8> {
        self.born.and_then(|born| born.age_on(today)).or(self.age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_vendors_write_them() {
        let full = Some(BirthDate { year: 1962, month: Some(5), day: Some(17) });
        for text in ["1962-05-17", "19620517", "05/17/1962", "1962-05-17T00:00:00"] {
            assert_eq!(BirthDate::parse(text), full, "{text}");
        }
        let month = Some(BirthDate { year: 1962, month: Some(5), day: None });
        for text in ["1962-05", "196205", "19620500", "19620532"] {
            assert_eq!(BirthDate::parse(text), month, "{text}");
        }
        for text in ["1962", "19620000", "1962-13"] {
            assert_eq!(
                BirthDate::parse(text),
                Some(BirthDate { year: 1962, month: None, day: None }),
                "{text}"
            );
        }
        for text in ["", "62", "00000000", "May 1962", "1700-01-01", "٤٤٤٤"] {
            assert_eq!(BirthDate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn nobody_is_made_older_than_sure() {
        let today = NaiveDate::from_ymd_opt(2024, 5, 17).expect("a day");
        let age = |text: &str| BirthDate::parse(text).and_then(|born| born.age_on(today));
        assert_eq!(
            (age("1962-05-17"), age("1962-05-18"), age("1962"), age("196205")),
            (Some(62), Some(61), Some(61), Some(61))
        );
        assert_eq!(age("2030"), None);
    }
}
