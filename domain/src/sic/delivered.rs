//! Reading a SIC code as a list delivers it.

use super::catalog::CATALOG;
use super::code::SicCode;

/// A SIC code as delivered: the four-digit code, and the vendor's extension of it where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeliveredSic {
    code: SicCode,
    vendor: Option<VendorCode>,
}

/// A six- or eight-digit code. The two lengths are different vendors' code books: 171102 of Data Axle and
/// 17110200 of Dun & Bradstreet do not mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum VendorCode {
    /// Six digits (Data Axle, infoUSA).
    Six(u32),
    /// Eight digits (Dun & Bradstreet).
    Eight(u32),
}

/// Why a text is not a SIC code. Each says what a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SicError {
    /// Nothing there, or nothing but zeros.
    #[error("the SIC code is empty; deliver the four digits, such as 1711")]
    Empty,
    /// The text does not begin with a digit.
    #[error("a SIC code begins with a digit; a description belongs in the description column")]
    NotACode,
    /// A number of digits that no code book uses.
    #[error("a SIC code has 4 digits, or 6 or 8 with a vendor's extension; this one has {digits}")]
    Length {
        /// How many digits there were.
        digits: usize,
    },
    /// Fewer digits than a code, and no code or group they can stand for.
    #[error("these {digits} digits are neither a SIC group nor a code that lost its leading zero")]
    Unknown {
        /// How many digits there were.
        digits: usize,
    },
    /// Three digits that are a group and also a code that lost its leading zero, such as 782.
    #[error(
        "these three digits can be SIC group {group:03} or code {code:04}; deliver the code as text, with its zero"
    )]
    Ambiguous {
        /// The industry group, read as it stands.
        group: u16,
        /// The code, read with the leading zero put back.
        code: u16,
    },
}

impl DeliveredSic {
    /// Reads a code as a list delivers it. Spaces, quotes and a spreadsheet's `.0` around the digits do not
    /// matter, and what follows the first code (`1711 - Plumbing`, `1711, 1731`) is left alone.
    ///
    /// | digits | read as |
    /// |---|---|
    /// | 8, 6 (also `1711-02`) | a vendor's extension; the code is its first four digits |
    /// | 7, 5 | the same with its leading zero eaten by a spreadsheet, no vendor using odd lengths: 78204 is 078204 |
    /// | 4 | the code |
    /// | 3 | a code that lost its zero (711 is 0711) if the manual has it and has no such group; a group (581 is 5810) the other way round; an error if both (782) or neither |
    /// | 2 | a major group: 17 is 1700 |
    ///
    /// # Errors
    /// [`SicError`] says what is wrong and what to deliver instead.
    pub fn parse(delivered: &str) -> Result<Self, SicError> {
        let (digits, value) = leading_digits(delivered)?;
        let plain = |code: u32| -> Result<Self, SicError> {
            let code = u16::try_from(code).ok().and_then(SicCode::from_number).ok_or(SicError::Empty)?;
            Ok(Self { code, vendor: None })
        };
        let extended =
            |code: u32, vendor: VendorCode| plain(code).map(|sic| Self { vendor: Some(vendor), ..sic });
        match digits {
            8 => extended(value / 10_000, VendorCode::Eight(value)),
            7 if is_known(value / 10_000) => extended(value / 10_000, VendorCode::Eight(value)),
            6 => extended(value / 100, VendorCode::Six(value)),
            5 if is_known(value / 100) => extended(value / 100, VendorCode::Six(value)),
            4 => plain(value),
            3 => three_digits(value).and_then(plain),
            2 => match u16::try_from(value) {
                Ok(0) => Err(SicError::Empty),
                Ok(group) if CATALOG.group(group).is_some() => plain(value * 100),
                _ => Err(SicError::Unknown { digits }),
            },
            5 | 7 => Err(SicError::Unknown { digits }),
            _ => Err(SicError::Length { digits }),
        }
    }

    /// The four-digit code.
    #[must_use]
    pub const fn code(self) -> SicCode {
        self.code
    }

    pub(crate) const fn vendor(self) -> Option<VendorCode> {
        self.vendor
    }
}

fn is_known(code: u32) -> bool {
    u16::try_from(code).is_ok_and(|code| CATALOG.title(code).is_some())
}

fn three_digits(value: u32) -> Result<u32, SicError> {
    let number = u16::try_from(value).map_err(|_| SicError::Length { digits: 3 })?;
    if number == 0 {
        return Err(SicError::Empty);
    }
    match (CATALOG.title(number).is_some(), CATALOG.has_industry_group(number)) {
        (true, false) => Ok(value),
        (false, true) => Ok(value * 10),
        (true, true) => Err(SicError::Ambiguous { group: number, code: number }),
        (false, false) => Err(SicError::Unknown { digits: 3 }),
    }
}

/// How many digits the first code in the text has, and their value. `1711-02` is one code; a fraction is not
/// part of it.
fn leading_digits(delivered: &str) -> Result<(usize, u32), SicError> {
    let text = delivered.trim().trim_start_matches(['=', '\'', '"']).trim_start();
    if text.is_empty() {
        return Err(SicError::Empty);
    }
    let run = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let head = run(text);
    if head == 0 {
        return Err(SicError::NotACode);
    }
    let mut digits = head;
    let mut value = number(&text[..head]).ok_or(SicError::Length { digits: head })?;
    if let Some(tail) = text[head..].strip_prefix('-') {
        let more = run(tail);
        if (3..=4).contains(&head) && matches!(more, 2 | 4) {
            digits += more;
            value = number(&tail[..more])
                .and_then(|extension| {
                    value.checked_mul(10u32.pow(u32::try_from(more).ok()?))?.checked_add(extension)
                })
                .ok_or(SicError::Length { digits })?;
        }
    }
    Ok((digits, value))
}

fn number(digits: &str) -> Option<u32> {
    if digits.len() > 8 { None } else { digits.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delivered_codes_become_four_digits() {
        for (delivered, expected) in [
            ("1711", "1711"),
            ("0782", "0782"),
            (" 1711 ", "1711"),
            ("1711.0", "1711"),
            ("'0782", "0782"),
            ("=\"0782\"", "0782"),
            ("1711 - Plumbing", "1711"),
            ("1711, 1731", "1711"),
            ("171102", "1711"),
            ("1711-02", "1711"),
            ("1711-0200", "1711"),
            ("17110200", "1711"),
            ("078204", "0782"),
            ("78204", "0782"),
            ("78204.0", "0782"),
            ("782-04", "0782"),
            ("07820203", "0782"),
            ("7820203", "0782"),
            ("711", "0711"),
            ("742", "0742"),
            ("581", "5810"),
            ("17", "1700"),
            ("07", "0700"),
            ("9999", "9999"),
            ("1812", "1812"),
        ] {
            let code = DeliveredSic::parse(delivered).map(|sic| sic.code().to_string());
            assert_eq!(code, Ok(expected.to_owned()), "{delivered}");
        }
    }

    #[test]
    fn what_is_no_code_says_why() {
        for (delivered, expected) in [
            ("", SicError::Empty),
            ("  ", SicError::Empty),
            ("0000", SicError::Empty),
            ("000", SicError::Empty),
            ("00", SicError::Empty),
            ("n/a", SicError::NotACode),
            ("Plumbing", SicError::NotACode),
            ("-1711", SicError::NotACode),
            ("7", SicError::Length { digits: 1 }),
            ("171102001", SicError::Length { digits: 9 }),
            ("99999999999999999999", SicError::Length { digits: 20 }),
            ("782", SicError::Ambiguous { group: 782, code: 782 }),
            ("171", SicError::Ambiguous { group: 171, code: 171 }),
            ("180", SicError::Unknown { digits: 3 }),
            ("18", SicError::Unknown { digits: 2 }),
            ("52110", SicError::Unknown { digits: 5 }),
            ("5211020", SicError::Unknown { digits: 7 }),
        ] {
            assert_eq!(DeliveredSic::parse(delivered), Err(expected), "{delivered}");
        }
    }

    #[test]
    fn the_two_vendors_are_told_apart() {
        let vendor = |text| DeliveredSic::parse(text).map(DeliveredSic::vendor);
        assert_eq!(vendor("171102"), Ok(Some(VendorCode::Six(171_102))));
        assert_eq!(vendor("17110200"), Ok(Some(VendorCode::Eight(17_110_200))));
        assert_eq!(vendor("78204"), Ok(Some(VendorCode::Six(78_204))));
        assert_eq!(vendor("1711"), Ok(None));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,14}") {
            if let Ok(read) = DeliveredSic::parse(&text) {
                let again = DeliveredSic::parse(&read.code().to_string()).map(DeliveredSic::code);
                proptest::prop_assert_eq!(again, Ok(read.code()));
            }
        }

        #[test]
        fn a_code_survives_the_spreadsheet(extension in 0u32..100) {
            for code in SicCode::all_known() {
                let text = format!("{code}{extension:02}");
                let eaten = text.trim_start_matches('0');
                proptest::prop_assert_eq!(DeliveredSic::parse(eaten), DeliveredSic::parse(&text));
            }
        }
    }
}
