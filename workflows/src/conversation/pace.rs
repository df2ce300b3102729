//! How long things may take in a conversation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long things may take. Part of the input, so that tests can make every wait short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// An activity that has not been heard of for so long is given to another worker, in milliseconds.
    pub heartbeat_timeout_ms: u64,
    /// One attempt at one activity, in milliseconds.
    pub attempt_timeout_ms: u64,
    /// All attempts at one activity, in milliseconds.
    pub activity_timeout_ms: u64,
    /// How long after a step that failed for good it is tried again, unless something is heard before, in milliseconds.
    pub retry_ms: u64,
    /// How long nobody says anything before the conversation is over, in milliseconds.
    pub quiet_ms: u64,
    /// The longest time between two looks at the rows, in milliseconds: what was changed past the workflow is met no later.
    pub idle_ms: u64,
    /// The most rounds of one run of the workflow; then it continues as new. A round is an activity: about ten events.
    pub rounds: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat_timeout_ms: 10_000,
            attempt_timeout_ms: 2 * 60_000,
            activity_timeout_ms: 4 * 60 * 60_000,
            retry_ms: 60_000,
            quiet_ms: 30 * 24 * 60 * 60_000,
            idle_ms: 24 * 60 * 60_000,
            rounds: 200,
        }
    }
}

impl Pace {
    pub(crate) fn heartbeat_timeout(&self) -> Duration {
        Duration::from_millis(self.heartbeat_timeout_ms)
    }
    pub(crate) fn attempt_timeout(&self) -> Duration {
        Duration::from_millis(self.attempt_timeout_ms)
    }
    pub(crate) fn activity_timeout(&self) -> Duration {
        Duration::from_millis(self.activity_timeout_ms)
    }
}
