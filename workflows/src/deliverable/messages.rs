//! What the workflow of a deliverable is told, and hears back.

use domain::id::{DeliverableId, TeamId};
use serde::{Deserialize, Serialize};

/// Which deliverable, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverableRef {
    /// The team that owes it.
    pub team: TeamId,
    /// The deliverable.
    pub deliverable: DeliverableId,
}

/// How long things may take, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// An activity that has not been heard of for so long is given to another worker.
    pub heartbeat_timeout_ms: u64,
    /// One attempt.
    pub attempt_timeout_ms: u64,
    /// All attempts; then a person is asked to see to it.
    pub activity_timeout_ms: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat_timeout_ms: 10_000,
            attempt_timeout_ms: 2 * 60_000,
            activity_timeout_ms: 24 * 60 * 60_000,
        }
    }
}

/// What starts the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliverableInput {
    /// Which deliverable.
    pub deliverable: DeliverableRef,
    /// How long things may take.
    #[serde(default)]
    pub pace: Pace,
}

/// What came of it: answer of `deliverable.send` and of `deliverable.hand_over`, and the result of the workflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// `sent`, `handed_over`, `cancelled` or `failed`, as the row says; `made` or `sending` where it is to be looked at again.
    pub state: String,
    /// When, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_at_ms: Option<i64>,
}
