//! Telephone numbers of the North American plan.

mod cell;
mod plan;

use std::fmt;
use std::str::FromStr;

pub use cell::{ParsedPhone, parse_phone};

use crate::named::named_enum;
use plan::AreaCodeKind;

/// A telephone number of the North American plan that can exist: country code 1, area code, exchange, line.
///
/// Its text is personal data: `Debug` hides it, there is no `Display`, and every use is greppable as
/// [`Phone::expose`] or [`Phone::national`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    /// `+1` and ten digits, ASCII.
    e164: [u8; 12],
}

impl Phone {
    /// The number as E.164, e.g. `+15046218927`.
    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.e164).unwrap_or_default()
    }

    /// The ten digits of the number, e.g. `5046218927`.
    pub fn national(&self) -> &str {
        &self.expose()[2..]
    }

    /// The area code.
    pub fn area_code(&self) -> &str {
        &self.national()[..3]
    }

    /// What the digits alone tell of the number.
    pub fn class(&self) -> PhoneClass {
        match plan::area_code_kind(self.digits()) {
            AreaCodeKind::Premium => PhoneClass::Premium,
            AreaCodeKind::TollFree | AreaCodeKind::TollFreeReserved => PhoneClass::TollFree,
            _ if self.digits()[3..6] == *b"976" => PhoneClass::Premium,
            _ => PhoneClass::Standard,
        }
    }

    /// Whether the number is one of those kept for films and samples (555-0100 to 555-0199), or directory
    /// assistance (555-1212): nobody's own, but well formed.
    pub fn is_fictitious(&self) -> bool {
        let local = &self.digits()[3..];
        local.starts_with(b"55501") || local == b"5551212"
    }

    /// Whether no list we have says that the area code is in use. A remark, not a reason to drop the number:
    /// such lists age (436 and 457 are in service and on none of them).
    pub fn has_unassigned_area_code(&self) -> bool {
        matches!(
            plan::area_code_kind(self.digits()),
            AreaCodeKind::Unassigned | AreaCodeKind::TollFreeReserved
        )
    }

    /// The number with these ten digits.
    ///
    /// # Errors
    /// Area code or exchange that the plan does not have, or digits that only fill a form.
    pub(crate) fn from_digits(digits: &[u8; 10]) -> Result<Self, PhoneError> {
        plan::check(digits)?;
        let mut e164 = *b"+10000000000";
        e164[2..].copy_from_slice(digits);
        Ok(Self { e164 })
    }

    fn digits(&self) -> &[u8] {
        &self.e164[2..]
    }
}

/// Reads E.164 as [`Phone::expose`] writes it, and nothing else: for numbers that were normalized before.
impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(e164: &str) -> Result<Self, PhoneError> {
        let digits = e164.strip_prefix("+1").ok_or(PhoneError::NotANumber)?.as_bytes();
        let digits: &[u8; 10] = digits.try_into().map_err(|_| PhoneError::NotANumber)?;
        if digits.iter().all(u8::is_ascii_digit) {
            Self::from_digits(digits)
        } else {
            Err(PhoneError::NotANumber)
        }
    }
}

/// Why a text is no number of the North American plan. Never repeats the text, which is personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing is there.
    #[error("no phone number is given")]
    Empty,
    /// The text has no digits, or something between them that no number has.
    #[error("this is not a telephone number")]
    NotANumber,
    /// Fewer than ten digits, and not seven beside an area code.
    #[error("a number needs ten digits, this has {0}")]
    TooShort(usize),
    /// More than ten digits behind the country code.
    #[error("a number has ten digits, this has {0}")]
    TooLong(usize),
    /// Seven digits, and no area code in a column of its own.
    #[error("the area code is missing")]
    NoAreaCode,
    /// An area code that the plan does not have: starting with 0 or 1, x11, x9x.
    #[error("there can be no such area code")]
    ImpossibleAreaCode,
    /// An exchange that the plan does not have: starting with 0 or 1, or x11.
    #[error("there can be no such exchange behind the area code")]
    ImpossibleExchange,
    /// Digits that only fill a form: one digit ten times, 123-456-7890.
    #[error("these digits only fill a form")]
    Filler,
    /// A number of another country.
    #[error("the number is outside the United States and Canada (country code 1)")]
    Foreign,
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

named_enum! {
    /// What the digits alone tell of a number.
    PhoneClass {
        /// An ordinary number.
        Standard = "standard",
        /// The called side pays: 800, 888, 877, 866, 855, 844, 833. Cannot be a mobile phone.
        TollFree = "toll_free",
        /// The caller pays extra: area code 900, or exchange 976. Never called, never texted.
        Premium = "premium",
    }
}

named_enum! {
    /// What a list says a number is: its column, unless the digits know better.
    PhoneKind {
        /// The main number of the business or household.
        Main = "main",
        /// The contact's own line.
        Direct = "direct",
        /// From a column of cell phones.
        Mobile = "mobile",
        /// Toll-free by its area code, in whichever column it stood.
        TollFree = "toll_free",
        /// Premium by its digits, in whichever column it stood.
        Premium = "premium",
    }
}

impl PhoneKind {
    /// What a number from a column of this kind is, once its digits have had their say.
    pub const fn or_class(self, class: PhoneClass) -> Self {
        match class {
            PhoneClass::Standard => self,
            PhoneClass::TollFree => Self::TollFree,
            PhoneClass::Premium => Self::Premium,
        }
    }
}
