//! How long things may take, and how much is done at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long things may take, and how much is done at once. Part of the input, so that tests can make every wait short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// An activity that has not been heard of for so long is given to another worker, in milliseconds.
    pub heartbeat_timeout_ms: u64,
    /// One attempt at one activity, in milliseconds.
    pub attempt_timeout_ms: u64,
    /// All attempts at one activity, in milliseconds; then the campaign is paused for a person.
    pub activity_timeout_ms: u64,
    /// How long one `campaign.send_batch` goes on while there is something to send, in milliseconds.
    pub batch_ms: u64,
    /// The most messages of one `campaign.send_batch`.
    pub batch_messages: u32,
    /// Leads of one page of the plan.
    pub plan_leads: u32,
    /// The longest time between two looks at what is due, in milliseconds: what a person changes elsewhere, such as a kill
    /// switch, is met no later.
    pub idle_ms: u64,
    /// How long after an attempt at reconciling the next one is made, in milliseconds.
    pub reconcile_ms: u64,
    /// How long after the last message delivery reports are waited for, in milliseconds.
    pub reports_ms: u64,
    /// How often is looked whether they are there, in milliseconds.
    pub reports_poll_ms: u64,
    /// After how many events of its history a run is continued as a new one, at the latest: Temporal suggests it at 4,096, unless its
    /// operator has set something else. What a single step adds to it is little, so that no run comes near 10,000.
    pub events_per_run: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat_timeout_ms: 10_000,
            attempt_timeout_ms: 10 * 60_000,
            activity_timeout_ms: 4 * 60 * 60_000,
            batch_ms: 60_000,
            batch_messages: 5_000,
            plan_leads: 2_000,
            idle_ms: 60_000,
            reconcile_ms: 15_000,
            // Carriers' reports are kept by vendors for about 48 hours.
            reports_ms: 48 * 60 * 60_000,
            reports_poll_ms: 15 * 60_000,
            events_per_run: 5_000,
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
    /// As it is asked for, and enough for a run to get on.
    pub(crate) fn events_per_run(&self) -> u32 {
        self.events_per_run.max(50)
    }
    pub(crate) fn reconcile(&self) -> Duration {
        Duration::from_millis(self.reconcile_ms)
    }
    pub(crate) fn reports(&self) -> Duration {
        Duration::from_millis(self.reports_ms)
    }
    pub(crate) fn reports_poll(&self) -> Duration {
        Duration::from_millis(self.reports_poll_ms)
    }
}
