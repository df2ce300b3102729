//! ZIP codes, with the zeros that spreadsheets eat put back.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::zip_tables;

/// The five digits of a ZIP code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Zip5([u8; 5]);

/// A ZIP code with its +4 where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Zip {
    five: Zip5,
    plus4: Option<u16>,
}

/// Why a text is not a ZIP code. Each says what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ZipError {
    /// Nothing there.
    #[error("the ZIP is empty")]
    Empty,
    /// Letters or signs in it: another country's postal code, or the wrong column.
    #[error("a US ZIP has only digits, such as 10001 or 10001-2345")]
    NotDigits,
    /// A number of digits that no ZIP has, also after leading zeros are put back.
    #[error("a ZIP has 5 digits, or 9 with its +4; this one has {digits}")]
    Length {
        /// How many digits there were.
        digits: usize,
    },
    /// 00000, which stands for "unknown".
    #[error("00000 is not a ZIP")]
    Zeros,
}

impl Zip5 {
    /// Exactly five ASCII digits, not all zero.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        let five: [u8; 5] = digits.as_bytes().try_into().ok()?;
        (five.iter().all(u8::is_ascii_digit) && five != *b"00000").then_some(Self(five))
    }

    /// The five digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits were put in, so the text is always valid.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The first three digits as a number, 0 to 999: the sectional centre the USPS sorts to.
    #[must_use]
    pub fn prefix(self) -> u16 {
        self.0[..3].iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
    }

    /// Whether the USPS has assigned the first three digits. Says nothing about the last two.
    #[must_use]
    pub fn has_known_prefix(self) -> bool {
        zip_tables::is_known_prefix(self.prefix())
    }

    pub(super) fn number(self) -> u32 {
        self.0.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }
}

impl Zip {
    /// Reads a ZIP as a list delivers it.
    ///
    /// Accepted: `12345`, `12345-6789`, `12345 6789`, `123456789`, each also with a spreadsheet's `.0`, quotes or
    /// leading `=`; and the same with one or two leading zeros eaten (`1234`, `501`, `1234-5678`, `12345678`), if
    /// the zero put back leads to an assigned prefix. A +4 that is not four digits, or is `0000`, is dropped.
    ///
    /// # Errors
    /// [`ZipError`] says what is wrong.
    pub fn parse(delivered: &str) -> Result<Self, ZipError> {
        let mut text = delivered.trim().trim_matches(['=', '\'', '"']).trim();
        if let Some((whole, fraction)) = text.split_once('.')
            && fraction.bytes().all(|digit| digit == b'0')
        {
            text = whole;
        }
        if text.is_empty() {
            return Err(ZipError::Empty);
        }
        let (head, tail) = match text.split_once(['-', ' ', '–']) {
            Some((head, tail)) => (head, Some(tail.trim_start_matches(['-', ' ', '–']))),
            None => (text, None),
        };
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if head.is_empty() || !all_digits(head) || !tail.is_none_or(all_digits) {
            return Err(ZipError::NotDigits);
        }
        if let Some(tail) = tail {
            return Ok(Self { five: five_digits(head)?, plus4: plus4(tail) });
        }
        if head.bytes().all(|digit| digit == b'0') {
            return Err(ZipError::Zeros);
        }
        match head.len() {
            3..=5 => Ok(Self { five: five_digits(head)?, plus4: None }),
            7..=9 => {
                let (five, last4) = head.split_at(head.len() - 4);
                let five = five_digits(five).map_err(|error| match error {
                    ZipError::Length { .. } => ZipError::Length { digits: head.len() },
                    other => other,
                })?;
                Ok(Self { five, plus4: plus4(last4) })
            }
            digits => Err(ZipError::Length { digits }),
        }
    }

    /// The five digits.
    #[must_use]
    pub const fn five(self) -> Zip5 {
        self.five
    }

    /// The +4 as a number, 1 to 9999; four digits when written.
    #[must_use]
    pub const fn plus4(self) -> Option<u16> {
        self.plus4
    }
}

fn five_digits(digits: &str) -> Result<Zip5, ZipError> {
    if digits.bytes().all(|digit| digit == b'0') && digits.len() <= 5 {
        return Err(ZipError::Zeros);
    }
    let wrong_length = ZipError::Length { digits: digits.len() };
    let missing = match digits.len() {
        3..=5 => 5 - digits.len(),
        _ => return Err(wrong_length),
    };
    let mut five = [b'0'; 5];
    five[missing..].copy_from_slice(digits.as_bytes());
    let zip = Zip5(five);
    if missing == 0 || zip.has_known_prefix() { Ok(zip) } else { Err(wrong_length) }
}

fn plus4(digits: &str) -> Option<u16> {
    (digits.len() == 4).then(|| digits.parse().ok()).flatten().filter(|number| *number > 0)
}

impl fmt::Debug for Zip5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Zip5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Zip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.plus4 {
            Some(plus4) => write!(f, "{}-{plus4:04}", self.five),
            None => fmt::Display::fmt(&self.five, f),
        }
    }
}

impl FromStr for Zip {
    type Err = ZipError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Zip5 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Zip5 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::from_digits(&text).ok_or_else(|| serde::de::Error::custom("a ZIP has five digits, as text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delivered_zips_become_five_digits_and_plus_four() {
        for (delivered, expected) in [
            ("12345", "12345"),
            (" 12345 ", "12345"),
            ("12345-6789", "12345-6789"),
            ("12345 6789", "12345-6789"),
            ("12345 - 6789", "12345-6789"),
            ("123456789", "12345-6789"),
            ("12345.0", "12345"),
            ("12345.00", "12345"),
            ("'02134", "02134"),
            ("=\"02134\"", "02134"),
            ("2134", "02134"),
            ("2134.0", "02134"),
            ("2134-1234", "02134-1234"),
            ("21341234", "02134-1234"),
            ("501", "00501"),
            ("601", "00601"),
            ("6011234", "00601-1234"),
            ("12345-", "12345"),
            ("12345-67", "12345"),
            ("12345-0000", "12345"),
            ("12345-0012", "12345-0012"),
        ] {
            assert_eq!(
                Zip::parse(delivered).map(|zip| zip.to_string()),
                Ok(expected.to_owned()),
                "{delivered}"
            );
        }
    }

    #[test]
    fn what_is_no_zip_says_why() {
        for (delivered, expected) in [
            ("", ZipError::Empty),
            ("  ", ZipError::Empty),
            ("''", ZipError::Empty),
            ("K1A 0B1", ZipError::NotDigits),
            ("1234S", ZipError::NotDigits),
            ("12345.6", ZipError::NotDigits),
            ("-12345", ZipError::NotDigits),
            ("12345-67a9", ZipError::NotDigits),
            ("１２３４５", ZipError::NotDigits),
            ("00000", ZipError::Zeros),
            ("0", ZipError::Zeros),
            ("00000-0000", ZipError::Zeros),
            ("000000000", ZipError::Zeros),
            ("12", ZipError::Length { digits: 2 }),
            ("123", ZipError::Length { digits: 3 }),
            ("0123", ZipError::Length { digits: 4 }),
            ("123456", ZipError::Length { digits: 6 }),
            ("1231234", ZipError::Length { digits: 7 }),
            ("1234567890", ZipError::Length { digits: 10 }),
        ] {
            assert_eq!(Zip::parse(delivered), Err(expected), "{delivered}");
        }
    }

    #[test]
    fn exact_digits_only_where_five_are_asked_for() {
        assert!(Zip5::from_digits("12345").is_some());
        for text in ["1234", "123456", "1234x", "00000", ""] {
            assert_eq!(Zip5::from_digits(text), None, "{text}");
        }
        let zip = Zip5::from_digits("00501").expect("five digits");
        assert_eq!((zip.prefix(), zip.number(), zip.as_str()), (5, 501, "00501"));
        assert_eq!(serde_json::to_string(&zip).expect("plain data"), "\"00501\"");
        assert!(serde_json::from_str::<Zip5>("\"501\"").is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,14}") {
            if let Ok(zip) = Zip::parse(&text) {
                proptest::prop_assert_eq!(Zip::parse(&zip.to_string()), Ok(zip));
            }
        }

        #[test]
        fn a_zip_survives_the_spreadsheet(number in 501u32..100_000, plus4 in 1u16..10_000) {
            let text = format!("{number:05}-{plus4:04}");
            let zip = Zip::parse(&text);
            proptest::prop_assert_eq!(zip.map(|zip| zip.to_string()), Ok(text.clone()));
            if zip.is_ok_and(|zip| zip.five().has_known_prefix()) {
                let eaten = format!("{number}{plus4:04}");
                proptest::prop_assert_eq!(Zip::parse(&eaten), zip);
            }
        }
    }
}
