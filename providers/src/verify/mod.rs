//! Whether an e-mail address can take mail, without a vendor: its syntax, then the mail servers of its domain, then (only if
//! switched on) what the first of them says to an offer of mail.
//!
//! Asking mail servers is off unless configured: from most networks port 25 is closed, large providers answer the same
//! to every address, and asking often gets the asker onto blocklists.

mod dns;
mod mx;
mod remembering;
mod settings;
mod smtp;

use std::sync::Arc;

use domain::email::{Email, EmailClass, EmailError, parse_email};
use domain::named_enum;

pub use dns::{DnsResolver, NoNameServer};
pub use mx::{MailHosts, MxError, MxResolver};
pub use remembering::Remembering;
pub use settings::VerifySettings;
pub use smtp::{SmtpCheck, SmtpSaid};

named_enum! {
    /// What is known of an address.
    EmailVerdict {
        /// A mail server took the address, and refused one that cannot exist: somebody reads mail there.
        Verified = "verified",
        /// Mail servers take mail for the domain; whether for this address was not asked, or cannot be told from the
        /// answer.
        Accepting = "accepting",
        /// The domain takes mail for every address there could be.
        CatchAll = "catch_all",
        /// A mail server says that there is no such mailbox.
        Rejected = "rejected",
        /// The domain takes no mail: there is none, or it says so (RFC 7505), or nothing answers for it.
        NoMailServer = "no_mail_server",
        /// A throw-away mailbox. Not asked about any further.
        Disposable = "disposable",
        /// No address at all.
        Malformed = "malformed",
        /// Names or mail servers did not answer. Ask again later.
        Unanswered = "unanswered",
    }
}

impl EmailVerdict {
    /// Whether mail to it can be expected to arrive, as far as anybody can tell.
    pub const fn may_be_used(self) -> bool {
        matches!(self, Self::Verified | Self::Accepting | Self::CatchAll | Self::Unanswered)
    }
}

/// A verdict and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailVerification {
    /// The verdict.
    pub verdict: EmailVerdict,
    /// The address as it was read; `None` where it is none.
    pub email: Option<Email>,
    /// Whose it is, as far as the address alone tells.
    pub class: Option<EmailClass>,
    /// Why it is none.
    pub fault: Option<EmailError>,
}

/// Verifies addresses.
#[derive(Debug, Clone)]
pub struct EmailVerifier {
    resolver: Arc<dyn MxResolver>,
    smtp: Option<SmtpCheck>,
}

impl EmailVerifier {
    /// Asks for mail servers, and mail servers themselves only with an `smtp`.
    pub fn new(resolver: Arc<dyn MxResolver>, smtp: Option<SmtpCheck>) -> Self {
        Self { resolver, smtp }
    }

    /// Verifies one address, as a list or a vendor writes it.
    pub async fn verify(&self, text: &str) -> EmailVerification {
        let parsed = match parse_email(text) {
            Ok(parsed) => parsed,
            Err(fault) => {
                let verdict = EmailVerdict::Malformed;
                return EmailVerification { verdict, email: None, class: None, fault: Some(fault) };
            }
        };
        let verdict = if parsed.class == EmailClass::Disposable {
            EmailVerdict::Disposable
        } else {
            self.by_servers(&parsed.email).await
        };
        EmailVerification { verdict, email: Some(parsed.email), class: Some(parsed.class), fault: None }
    }

    async fn by_servers(&self, email: &Email) -> EmailVerdict {
        let hosts = match self.resolver.mail_hosts(email.domain()).await {
            Ok(MailHosts::Servers(hosts)) if !hosts.is_empty() => hosts,
            Ok(MailHosts::Servers(_) | MailHosts::None) => return EmailVerdict::NoMailServer,
            Err(MxError::Unanswered(_)) => return EmailVerdict::Unanswered,
        };
        let Some(smtp) = &self.smtp else { return EmailVerdict::Accepting };
        // The second server answers for the first where that does not: RFC 5321 §5.1.
        for host in hosts.iter().take(2) {
            match smtp.ask(host, email).await {
                SmtpSaid::Exists => return EmailVerdict::Verified,
                SmtpSaid::TakesAll => return EmailVerdict::CatchAll,
                SmtpSaid::NoSuchMailbox => return EmailVerdict::Rejected,
                SmtpSaid::CannotSay => return EmailVerdict::Accepting,
                SmtpSaid::Unanswered => {}
            }
        }
        EmailVerdict::Unanswered
    }
}

#[cfg(test)]
mod tests;
