//! When so much goes wrong that a campaign pauses itself.
//!
//! What counts is what is wrong with us: a carrier that filters, a provider that fails. A recipient whose number does not
//! exist is the list's fault, counts nowhere here, and stops nothing.

use serde::{Deserialize, Serialize};

use crate::FailureCode;

/// When a campaign pauses itself, by what became of its last messages.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ErrorRate {
    /// How many of the last messages are looked at.
    pub last: u32,
    /// With fewer than this, chance has too large a part.
    pub least: u32,
    /// The share of messages that may fail through the provider or the carrier.
    pub failed: f64,
    /// The share that may be filtered for what they say: far less, because each costs reputation.
    pub filtered: f64,
}

/// What became of the last messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// All of which the outcome is known.
    pub known: u32,
    /// Failed through the provider or the carrier, filtered ones among them.
    pub failed: u32,
    /// Filtered for what they say or who says it.
    pub filtered: u32,
}

/// Too much goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooMuchFails {
    /// Carriers filter.
    #[error(
        "carriers filtered {count} of the last {of} messages; have the text and the sender's registration looked at, then resume"
    )]
    Filtered {
        /// How many.
        count: u32,
        /// Of how many.
        of: u32,
    },
    /// Messages fail.
    #[error("{count} of the last {of} messages failed; see by which codes, then resume")]
    Failed {
        /// How many.
        count: u32,
        /// Of how many.
        of: u32,
    },
}

impl Default for ErrorRate {
    fn default() -> Self {
        Self { last: 100, least: 20, failed: 0.2, filtered: 0.05 }
    }
}

impl Outcomes {
    /// With one more message, by how it failed; `None`: it did not.
    #[must_use]
    pub const fn with(self, failure: Option<FailureCode>) -> Self {
        let Self { known, failed, filtered } = self;
        match failure {
            None => Self { known: known + 1, ..self },
            Some(FailureCode::SendContentBlocked) => {
                Self { known: known + 1, failed: failed + 1, filtered: filtered + 1 }
            }
            Some(code) if is_ours(code) => Self { known: known + 1, failed: failed + 1, ..self },
            Some(_) => self,
        }
    }
}

/// Whether a failure speaks against the sender, and not against the list.
pub const fn is_ours(code: FailureCode) -> bool {
    matches!(
        code,
        FailureCode::SendProviderError
            | FailureCode::SendRateLimited
            | FailureCode::SendContentBlocked
            | FailureCode::SendAccountStopped
            | FailureCode::SendOutcomeUnknown
    )
}

impl ErrorRate {
    /// Whether a campaign goes on.
    ///
    /// # Errors
    /// [`TooMuchFails`]: it pauses, and a person looks.
    pub fn check(self, outcomes: Outcomes) -> Result<(), TooMuchFails> {
        let Outcomes { known, failed, filtered } = outcomes;
        if known < self.least {
            return Ok(());
        }
        if share(filtered, known) > self.filtered {
            return Err(TooMuchFails::Filtered { count: filtered, of: known });
        }
        if share(failed, known) > self.failed {
            return Err(TooMuchFails::Failed { count: failed, of: known });
        }
        Ok(())
    }
}

fn share(part: u32, whole: u32) -> f64 {
    f64::from(part) / f64::from(whole.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(known: u32, failed: u32, filtered: u32) -> Result<(), TooMuchFails> {
        ErrorRate::default().check(Outcomes { known, failed, filtered })
    }

    #[test]
    fn a_fifth_may_fail_and_a_twentieth_be_filtered() {
        assert_eq!(check(100, 20, 5), Ok(()));
        assert_eq!(check(100, 21, 0), Err(TooMuchFails::Failed { count: 21, of: 100 }));
        assert_eq!(check(100, 6, 6), Err(TooMuchFails::Filtered { count: 6, of: 100 }));
        assert_eq!(check(19, 19, 19), Ok(()), "too few to tell");
    }

    #[test]
    fn a_bad_list_stops_nothing() {
        let mut outcomes = Outcomes::default();
        for code in [
            FailureCode::SendInvalidNumber,
            FailureCode::SendLandlineBlocked,
            FailureCode::SendRecipientOptedOut,
        ] {
            for _ in 0..100 {
                outcomes = outcomes.with(Some(code));
            }
        }
        assert_eq!(outcomes, Outcomes::default());
        let blocked = outcomes.with(Some(FailureCode::SendContentBlocked)).with(None);
        assert_eq!(blocked, Outcomes { known: 2, failed: 1, filtered: 1 });
    }
}
