//! E-mail addresses.

mod cell;
mod class;
mod pass;

use std::fmt;
use std::str::FromStr;

pub use cell::{ParsedEmail, parse_email};
pub use class::is_mailbox_provider;
pub use pass::UnsubscribePass;

use crate::host;
use crate::named::named_enum;
use crate::signs::{Signs, signs};

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

    /// Whose address it is, as far as the address alone tells.
    pub fn class(&self) -> EmailClass {
        class::class(self.local_part(), self.domain())
    }
}

/// Reads one bare address, in any case: for addresses that were normalized before. Cells of lists go through
/// [`parse_email`].
impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let at = text.bytes().rposition(|byte| byte == b'@').ok_or(EmailError::NoAt)?;
        let mut address = text.to_owned();
        address.make_ascii_lowercase();
        let (local, domain) = (&address[..at], &address[at + 1..]);
        if local.len() > 64 || address.len() > 254 {
            return Err(EmailError::TooLong);
        }
        if !is_local_part(local.as_bytes()) {
            return Err(EmailError::LocalPart);
        }
        if !host::is_public(domain) {
            return Err(EmailError::Domain);
        }
        if class::is_junk(local, domain) {
            return Err(EmailError::Junk);
        }
        Ok(Self { address, at })
    }
}

/// RFC 5321's dot-string: no dot first, last or behind another. Quoted local parts are legal and nobody has one.
fn is_local_part(local: &[u8]) -> bool {
    let mut before = b'.';
    for byte in local {
        if !IN_LOCAL_PART[usize::from(*byte)] || (*byte == b'.' && before == b'.') {
            return false;
        }
        before = *byte;
    }
    before != b'.'
}

/// The signs of a dot-string.
static IN_LOCAL_PART: Signs =
    signs(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+-/=?^_`{|}~");

/// Why a text is no e-mail address. Never repeats the text, which is personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing is there.
    #[error("no e-mail address is given")]
    Empty,
    /// No `@`.
    #[error("an e-mail address has an @")]
    NoAt,
    /// What stands before the `@` cannot.
    #[error("what stands before the @ is not allowed there")]
    LocalPart,
    /// What stands behind the `@` is no public host name.
    #[error("what stands behind the @ is no domain")]
    Domain,
    /// More than 64 characters before the `@`, or 254 in all.
    #[error("the address is longer than an address can be")]
    TooLong,
    /// An address that only fills a form, such as none@none.com.
    #[error("this address only fills a form")]
    Junk,
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
