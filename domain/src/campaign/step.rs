//! The steps of a campaign: a first message and up to three that follow.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::TemplateId;

/// Steps a campaign has at most: the first message and three that follow.
pub const MAX_STEPS: usize = 4;
/// A follow-up comes an hour after the step before it at the earliest, and a year at the latest.
const DELAY_MINUTES: std::ops::RangeInclusive<u32> = 60..=366 * 24 * 60;

/// One step: what is said, how long after the one before, and to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is said. The version is fixed when the campaign is staged.
    pub template: TemplateId,
    /// Minutes after the step before it was sent; 0 for the first.
    #[serde(default)]
    pub delay_minutes: u32,
    /// Only to those who have not answered. A follow-up is, unless said otherwise.
    #[serde(default = "yes")]
    pub only_silent: bool,
}

/// Steps that make no campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    /// None, or more than [`MAX_STEPS`].
    #[error("a campaign has 1 to {MAX_STEPS} steps, not {0}")]
    Count(usize),
    /// The first step waits for nothing.
    #[error("the first step has no delay; use the campaign's start")]
    FirstDelay,
    /// Too soon after the step before it, or too late.
    #[error("step {number} comes 60 minutes to 366 days after the one before, not {minutes} minutes")]
    Delay {
        /// Which, from 1.
        number: usize,
        /// What was asked for.
        minutes: u32,
    },
}

impl Step {
    /// The time after the step before it.
    pub const fn delay(self) -> Duration {
        Duration::from_secs(self.delay_minutes as u64 * 60)
    }
}

/// Whether these steps, in this order, make a campaign.
///
/// # Errors
/// [`StepsError`] names the first fault.
pub fn check_steps(steps: &[Step]) -> Result<(), StepsError> {
    if steps.is_empty() || steps.len() > MAX_STEPS {
        return Err(StepsError::Count(steps.len()));
    }
    for (at, step) in steps.iter().enumerate() {
        match at {
            0 if step.delay_minutes != 0 => return Err(StepsError::FirstDelay),
            0 => {}
            _ if !DELAY_MINUTES.contains(&step.delay_minutes) => {
                return Err(StepsError::Delay { number: at + 1, minutes: step.delay_minutes });
            }
            _ => {}
        }
    }
    Ok(())
}

const fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TypedId;

    fn step(delay_minutes: u32) -> Step {
        Step { template: TemplateId::from_uuid(uuid::Uuid::nil()), delay_minutes, only_silent: true }
    }

    #[test]
    fn one_to_four_steps_the_first_at_once() {
        assert_eq!(check_steps(&[step(0), step(60), step(1_440), step(10_080)]), Ok(()));
        assert_eq!(check_steps(&[]), Err(StepsError::Count(0)));
        assert_eq!(check_steps(&[step(0); 5]), Err(StepsError::Count(5)));
        assert_eq!(check_steps(&[step(1)]), Err(StepsError::FirstDelay));
        assert_eq!(check_steps(&[step(0), step(59)]), Err(StepsError::Delay { number: 2, minutes: 59 }));
    }

    #[test]
    fn a_step_goes_to_the_silent_unless_said_otherwise() {
        let template = TemplateId::from_uuid(uuid::Uuid::nil());
        let read: Step = serde_json::from_str(&format!("{{\"template\":\"{template}\"}}")).expect("a step");
        assert!(read.only_silent && read.delay_minutes == 0);
    }
}
