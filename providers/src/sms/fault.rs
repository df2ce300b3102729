//! Why a vendor could not be asked something that is not a send.

use std::time::Duration;

/// Why a vendor could not be asked something that is not a send. Never holds anybody's data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsFault {
    /// It could not be reached, or did not answer: ask again later.
    #[error("{provider} could not be asked ({detail}); it is asked again later")]
    Unreachable {
        /// Which vendor.
        provider: &'static str,
        /// What happened.
        detail: String,
    },
    /// Too many calls.
    #[error("{provider} wants to be left alone for a while")]
    RateLimited {
        /// Which vendor.
        provider: &'static str,
        /// For how long, where it says.
        retry_after: Option<Duration>,
    },
    /// The account is out of money, suspended, or not allowed this.
    #[error("{provider} serves this account no more ({code}): look at its balance, key and status there")]
    AccountStop {
        /// Which vendor.
        provider: &'static str,
        /// The vendor's code, or `http_401` and the like.
        code: String,
    },
    /// It refuses this request and will again.
    #[error("{provider} refuses the request ({code})")]
    Refused {
        /// Which vendor.
        provider: &'static str,
        /// The vendor's code, or `http_400` and the like.
        code: String,
    },
    /// It answered something that cannot be read.
    #[error("{provider} answered something that is not of the documented shape")]
    Unreadable {
        /// Which vendor.
        provider: &'static str,
    },
    /// A setting is missing without which this cannot be asked.
    #[error("{provider} cannot be asked this without {setting}: set it")]
    NotConfigured {
        /// Which vendor.
        provider: &'static str,
        /// The variable.
        setting: &'static str,
    },
}

impl SmsFault {
    /// Whether the same question is right later.
    pub const fn may_repeat(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::RateLimited { .. })
    }
}
