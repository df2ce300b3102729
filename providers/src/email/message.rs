//! A message that is to go out.

use std::fmt;

use domain::email::Email;

use super::MessageText;

/// How somebody leaves the list, by one click and without logging in.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Where a mail program posts `List-Unsubscribe=One-Click` (RFC 8058): an HTTPS address of ours with a token nobody can
    /// guess. A `GET` of it must change nothing: scanners follow every link.
    pub url: String,
    /// An address a message to which does the same, for programs that know no better.
    pub mailbox: Option<Email>,
}

impl fmt::Debug for Unsubscribe {
    /// Whoever knows the address may use it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unsubscribe(…)")
    }
}

/// A message that is to go out, to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct OutgoingEmail {
    /// What makes two calls the same send: one intent has one key, for ever, whatever the attempt. The `Message-ID` is made
    /// of its hash.
    pub key: String,
    /// The address it is from. Its domain is the right side of the `Message-ID`.
    pub from: Email,
    /// The name it is from, as people see it; may be empty.
    pub from_name: String,
    /// Where answers go, where not to `from`.
    pub reply_to: Option<Email>,
    /// Whom it is for.
    pub to: Email,
    /// What it is about. Line breaks in it are spaces.
    pub subject: MessageText,
    /// What it says.
    pub text: MessageText,
    /// The same as HTML, where there is that.
    pub html: Option<MessageText>,
    /// How the person leaves.
    pub unsubscribe: Unsubscribe,
}

impl fmt::Debug for OutgoingEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingEmail")
            .field("key", &self.key)
            .field("to", &self.to)
            .field("subject", &self.subject)
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}
