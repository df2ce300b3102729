//! Who takes mail for a domain.

use std::fmt;

use async_trait::async_trait;

/// Who takes mail for a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailHosts {
    /// These hosts, the preferred ones first. Without an MX record that is the domain itself, if it has an address
    /// (RFC 5321 §5.1).
    Servers(Vec<String>),
    /// Nobody: there is no such domain, it has neither MX nor address, or it says that it takes none (RFC 7505).
    None,
}

/// Why nobody can say.
#[derive(Debug, thiserror::Error)]
pub enum MxError {
    /// The name server did not answer, or answered that it cannot. Asking later may help.
    #[error("the name server did not answer: {0}")]
    Unanswered(String),
}

/// Finds out who takes mail for a domain.
#[async_trait]
pub trait MxResolver: fmt::Debug + Send + Sync {
    /// The mail servers of `domain`, lower-case ASCII without a trailing dot.
    ///
    /// # Errors
    /// [`MxError`] where names are not answered. A domain without mail servers is no error.
    async fn mail_hosts(&self, domain: &str) -> Result<MailHosts, MxError>;
}
