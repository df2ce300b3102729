//! E-mail addresses.

use std::fmt;

use crate::named::named_enum;

/// A lower-case e-mail address whose syntax is that of an address people have.
///
/// Its text is personal data: `Debug` hides it, there is no `Display`, and every use is greppable as
/// [`Email::expose`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email {
    address: String,
    at: usize,
}

impl Email {
    /// The whole address, lower-case.
    pub fn expose(&self) -> &str {
        &self.address
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        &self.address[..self.at]
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

named_enum! {
    /// Whose address it is, as far as the address alone tells.
    EmailClass {
        /// A person's address at a domain of the business's own.
        Business = "business",
        /// A mailbox anybody can have (gmail.com and the like).
        Free = "free",
        /// A function instead of a person: info@, sales@.
        Role = "role",
        /// A throw-away mailbox.
        Disposable = "disposable",
    }
}
