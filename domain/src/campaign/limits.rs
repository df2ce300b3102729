//! How much a campaign may send and spend.

use serde::{Deserialize, Serialize};

use crate::money::MicroDollars;

/// Messages a day where nobody says otherwise.
const PER_DAY: u32 = 500;
/// Messages a minute where nobody says otherwise.
const PER_MINUTE: u32 = 20;
/// More than any carrier grants one campaign: AT&T's best class is 4,500 segments a minute.
const MOST_PER_MINUTE: u32 = 6_000;
/// T-Mobile's best class, 200,000 a day for all a brand sends, with room.
const MOST_PER_DAY: u32 = 1_000_000;

/// How much a campaign may send and spend. Changeable while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Messages on one day of the team's calendar.
    #[serde(default = "per_day")]
    pub per_day: u32,
    /// Messages in any sixty seconds, spread evenly over them.
    #[serde(default = "per_minute")]
    pub per_minute: u32,
    /// What may be spent in all; `None` leaves it to the team's budgets.
    #[serde(default)]
    pub budget: Option<MicroDollars>,
}

/// A limit that lets nothing through, or more than anybody grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// Outside 1 to 1,000,000.
    #[error("a daily limit is 1 to {MOST_PER_DAY}, not {0}; to stop a campaign, pause it")]
    PerDay(u32),
    /// Outside 1 to 6,000.
    #[error("a limit per minute is 1 to {MOST_PER_MINUTE}, not {0}; to stop a campaign, pause it")]
    PerMinute(u32),
    /// Zero or below.
    #[error("a budget is more than nothing; leave it out for none of its own")]
    Budget,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_day: PER_DAY, per_minute: PER_MINUTE, budget: None }
    }
}

impl Limits {
    /// The same limits, when they make sense.
    ///
    /// # Errors
    /// [`LimitsError`] names the first that does not.
    pub const fn checked(self) -> Result<Self, LimitsError> {
        if self.per_day == 0 || self.per_day > MOST_PER_DAY {
            return Err(LimitsError::PerDay(self.per_day));
        }
        if self.per_minute == 0 || self.per_minute > MOST_PER_MINUTE {
            return Err(LimitsError::PerMinute(self.per_minute));
        }
        match self.budget {
            Some(budget) if budget.micros() <= 0 => Err(LimitsError::Budget),
            _ => Ok(self),
        }
    }
}

const fn per_day() -> u32 {
    PER_DAY
}

const fn per_minute() -> u32 {
    PER_MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_what_operators_know() {
        let read: Limits = serde_json::from_str("{}").expect("nothing is needed");
        assert_eq!(read, Limits { per_day: 500, per_minute: 20, budget: None });
        assert_eq!(read.checked(), Ok(read));
        assert!(serde_json::from_str::<Limits>("{\"perday\": 3}").is_err(), "a slip of the pen is told");
    }

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        let limits = Limits::default();
        assert_eq!(Limits { per_day: 0, ..limits }.checked(), Err(LimitsError::PerDay(0)));
        assert_eq!(Limits { per_minute: 6_001, ..limits }.checked(), Err(LimitsError::PerMinute(6_001)));
        let free = Limits { budget: Some(MicroDollars::ZERO), ..limits };
        assert_eq!(free.checked(), Err(LimitsError::Budget));
    }
}
