//! The four-digit code.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::catalog::{CATALOG, Division, MajorGroup};
use super::delivered::{DeliveredSic, SicError};

/// A four-digit SIC code, known to the 1987 manual or not. Written as text, with its leading zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SicCode(u16);

impl SicCode {
    /// The code of a number from 1 to 9999 (711 is `0711`); `None` outside.
    #[must_use]
    pub const fn from_number(number: u16) -> Option<Self> {
        if number == 0 || number > 9_999 { None } else { Some(Self(number)) }
    }

    /// Reads a code as a list delivers it, in any of the shapes [`DeliveredSic::parse`] knows.
    ///
    /// # Errors
    /// As [`DeliveredSic::parse`].
    pub fn parse(delivered: &str) -> Result<Self, SicError> {
        DeliveredSic::parse(delivered).map(DeliveredSic::code)
    }

    /// Every code of the manual, in order.
    pub fn all_known() -> impl Iterator<Item = Self> {
        CATALOG.codes().map(Self)
    }

    /// The code as a number, 1 to 9999.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The manual's title; `None` for a code the manual does not have.
    #[must_use]
    pub fn title(self) -> Option<&'static str> {
        CATALOG.title(self.0)
    }

    /// Whether the 1987 manual has this code.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.title().is_some()
    }

    /// The two-digit group; known for many codes the manual lacks, such as `1700`.
    #[must_use]
    pub fn major_group(self) -> Option<MajorGroup> {
        CATALOG.group(self.0 / 100)
    }

    /// The division of the major group.
    #[must_use]
    pub fn division(self) -> Option<Division> {
        self.major_group().map(|group| group.division)
    }
}

impl fmt::Display for SicCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl FromStr for SicCode {
    type Err = SicError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for SicCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SicCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_code_has_title_group_and_division() {
        let plumbing = SicCode::parse("1711").expect("a plain code");
        assert_eq!(plumbing.title(), Some("Plumbing, heating, air-conditioning"));
        let group = plumbing.major_group().expect("group 17");
        assert_eq!((group.code, group.title), ("17", "Special Trade Contractors"));
        assert_eq!(plumbing.division(), Some(Division::Construction));
        assert_eq!(plumbing.to_string(), "1711");
    }

    #[test]
    fn an_unknown_code_keeps_its_group_where_there_is_one() {
        let odd = SicCode::parse("1700").expect("four digits");
        assert!(!odd.is_known());
        assert_eq!(odd.major_group().map(|group| group.code), Some("17"));
        let nowhere = SicCode::parse("1811").expect("four digits");
        assert_eq!((nowhere.title(), nowhere.major_group(), nowhere.division()), (None, None, None));
    }

    #[test]
    fn it_is_text_in_json_with_its_leading_zero() {
        let lawn = SicCode::parse("0782").expect("a plain code");
        let json = serde_json::to_string(&lawn).expect("plain data");
        assert_eq!(json, "\"0782\"");
        assert_eq!(serde_json::from_str::<SicCode>(&json).expect("just written"), lawn);
    }

    #[test]
    fn every_known_code_reads_back_from_its_text() {
        for code in SicCode::all_known() {
            assert_eq!(SicCode::parse(&code.to_string()), Ok(code));
        }
    }
}
