//! Telephone numbers of the North American plan.

use std::fmt;

use crate::named::named_enum;

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
