//! Why a model said nothing that is of use.

use std::time::Duration;

use super::Usage;

/// Why there is no answer. None of it repeats what was asked or said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// It was asked more often than it allows; the next question waits.
    #[error("the model is asked too often; it is left alone for a while")]
    RateLimited {
        /// For how long, where it says so.
        retry_after: Option<Duration>,
    },
    /// The account is refused, or has no money left.
    #[error("the model's server refuses the account ({code}): check the key and what it may spend")]
    AccountStop {
        /// The server's code, or the status.
        code: String,
    },
    /// It was not reached, or is down: nothing was done.
    #[error("the model's server is not reached ({detail})")]
    Unreachable {
        /// Why, without secrets.
        detail: String,
    },
    /// It was asked, and nobody knows what it did.
    #[error("the model did not answer ({why})")]
    Lost {
        /// The word of why.
        why: &'static str,
    },
    /// It does not take such a question.
    #[error("the model's server does not take the question ({code}): check the address and the model's name")]
    Refused {
        /// The server's code, or the status.
        code: String,
    },
    /// What it answers is not what chat completions look like.
    #[error("the model's server answers something else than a chat completion")]
    Unreadable,
    /// It would rather not say.
    #[error("the model declines to answer")]
    Declined {
        /// What the call was.
        usage: Option<Usage>,
    },
    /// It was not done when it had said as much as it might.
    #[error("the model's answer is cut off at the most tokens it may have")]
    TooLong {
        /// What the call was.
        usage: Option<Usage>,
    },
    /// It said something that is not JSON.
    #[error("the model answers in words where JSON was asked for: it may not know structured answers")]
    NotJson {
        /// What the call was.
        usage: Option<Usage>,
    },
}

impl ModelFault {
    /// The word for the database, logs and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::AccountStop { .. } => "account_stop",
            Self::Unreachable { .. } => "unreachable",
            Self::Lost { .. } => "lost",
            Self::Refused { .. } => "refused",
            Self::Unreadable => "unreadable",
            Self::Declined { .. } => "declined",
            Self::TooLong { .. } => "too_long",
            Self::NotJson { .. } => "not_json",
        }
    }

    /// Whether it certainly cost nothing.
    pub const fn is_free(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::AccountStop { .. }
                | Self::Unreachable { .. }
                | Self::Refused { .. }
        )
    }

    /// What the call was, where that was said.
    pub const fn usage(&self) -> Option<Usage> {
        match self {
            Self::Declined { usage } | Self::TooLong { usage } | Self::NotJson { usage } => *usage,
            _ => None,
        }
    }

    /// Whether the server is to be left alone for a while: nothing that the next question would change.
    pub const fn is_of_the_server(&self) -> bool {
        !matches!(self, Self::Declined { .. } | Self::TooLong { .. } | Self::NotJson { .. })
    }
}
