//! E-mail to people, over SMTP.
//!
//! [`EmailProvider`] hands one message to a mail server; how that ended is a [`SendOutcome`], as with texts: a 4xx is tried
//! later, a 5xx says what to do, and a connection that is lost behind the message is unknown. Every message can be left by
//! one click (RFC 8058) and has a `Message-ID` that follows from the key of its send, so that the same send, repeated, is the
//! same message to whoever gets it.
//!
//! Verifying an address without writing to it is [`verify`](crate::verify)'s.

mod compose;
mod message;
mod provider;
mod refusal;
mod settings;
mod smtp;

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

pub use message::{OutgoingEmail, Unsubscribe};
pub use provider::EmailProvider;
pub use settings::{SmtpSettings, SmtpTls};
pub use smtp::Smtp;

pub use crate::sms::{MessageText, RefusalAction, SendOutcome};
