//! What a team is after: lines of business, revenue and size. Part of the team's settings.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::facts::MAIN_STREET;
use crate::normalize::NormalizedRow;

/// A text that is not the beginning of a SIC code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the beginning of a SIC code; give 2 to 4 digits, like 17 or 1711")]
pub struct SicPrefixError(String);

/// The first two to four digits of a SIC code: `17` is all special trade contractors, `1711` plumbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SicPrefix(String);

impl SicPrefix {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SicPrefix {
    type Err = SicPrefixError;
    fn from_str(text: &str) -> Result<Self, SicPrefixError> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for SicPrefix {
    type Error = SicPrefixError;
    fn try_from(text: String) -> Result<Self, SicPrefixError> {
        let fits = (2..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if fits { Ok(Self(text)) } else { Err(SicPrefixError(text)) }
    }
}

impl From<SicPrefix> for String {
    fn from(prefix: SicPrefix) -> Self {
        prefix.0
    }
}

/// A closed range of whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The smallest that is in.
    pub from: i64,
    /// The largest that is in.
    pub to: i64,
}

impl Span {
    /// Whether what is known to lie between `min` and `max` lies in the span for certain.
    fn holds(self, min: Option<i64>, max: Option<i64>) -> bool {
        min.is_some_and(|min| min >= self.from) && max.is_some_and(|max| max <= self.to)
    }
}

/// What a team is after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Targets {
    /// Lines of business. Empty: none is preferred.
    pub sic: Vec<SicPrefix>,
    /// Yearly revenue in whole dollars. `None`: revenue does not matter.
    pub revenue: Option<Span>,
    /// Number of employees. `None`: size does not matter.
    pub employees: Option<Span>,
}

/// Main-street businesses of any line, which the firm's deal sourcing is about.
impl Default for Targets {
    fn default() -> Self {
        let (from, to) = MAIN_STREET;
        Self { sic: Vec::new(), revenue: Some(Span { from, to }), employees: None }
    }
}

impl Targets {
    /// Whether this four-digit SIC code is on the list.
    pub fn want_sic(&self, sic4: &str) -> bool {
        self.sic.iter().any(|prefix| sic4.starts_with(prefix.as_str()))
    }

    /// Whether revenue or size of this row's business is for certain what the team is after.
    pub fn want_size(&self, row: &NormalizedRow) -> bool {
        let staff = |count: Option<i32>| count.map(i64::from);
        self.revenue.is_some_and(|span| span.holds(row.revenue_min, row.revenue_max))
            || self
                .employees
                .is_some_and(|span| span.holds(staff(row.employees_min), staff(row.employees_max)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_the_codes_below_it() {
        let targets = Targets { sic: vec!["17".parse().expect("a prefix")], ..Targets::default() };
        assert!(targets.want_sic("1711") && !targets.want_sic("7111"));
        assert!(!Targets::default().want_sic("1711"));
    }

    #[test]
    fn what_is_no_prefix_is_refused_and_says_why() {
        for wrong in ["", "1", "17110", "17a", "١٧"] {
            let refused = wrong.parse::<SicPrefix>().expect_err("no prefix");
            assert!(refused.to_string().contains("2 to 4 digits"), "{refused}");
        }
        assert!(serde_json::from_str::<Targets>(r#"{"sic": ["x"]}"#).is_err());
    }

    #[test]
    fn settings_name_only_what_they_change() {
        let targets: Targets = serde_json::from_str(r#"{"sic": ["1711"]}"#).expect("settings");
        assert_eq!(targets.revenue, Targets::default().revenue);
        assert!(serde_json::from_str::<Targets>(r#"{"sicc": []}"#).is_err(), "a typo is told");
    }

    #[test]
    fn size_is_wanted_only_when_it_is_certain() {
        let row = |min, max| NormalizedRow { revenue_min: min, revenue_max: max, ..NormalizedRow::default() };
        let targets = Targets::default();
        assert!(targets.want_size(&row(Some(500_000), Some(1_000_000))));
        assert!(!targets.want_size(&row(Some(500_000), None)));
        assert!(!targets.want_size(&row(Some(500_000), Some(20_000_000))));
        let staff = Targets { revenue: None, employees: Some(Span { from: 1, to: 9 }), ..targets };
        let five =
            NormalizedRow { employees_min: Some(5), employees_max: Some(5), ..NormalizedRow::default() };
        assert!(staff.want_size(&five));
    }
}
