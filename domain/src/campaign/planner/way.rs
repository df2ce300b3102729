//! By what messages go: a sender, a carrier, each with limits of its own.

use chrono::{DateTime, Utc};

use super::plan::SegmentLimits;
use super::{DayQuota, Pace};

/// A sender or a carrier.
pub(super) struct Way {
    pace: Option<Pace>,
    quota: Option<DayQuota>,
}

impl Way {
    pub(super) fn of(limits: &SegmentLimits) -> Self {
        Self {
            pace: limits.per_segment.map(Pace::one_in),
            quota: limits.per_day.map(|(most, zone)| DayQuota::new(most, zone)),
        }
    }

    /// What one limit allows at a moment it allows at any later one, so they may be asked one after the other.
    pub(super) fn earliest(&self, at: DateTime<Utc>, segments: u32) -> DateTime<Utc> {
        let at = self.pace.as_ref().map_or(at, |pace| pace.earliest(at, segments));
        self.quota.as_ref().map_or(at, |quota| quota.earliest(at, segments))
    }

    pub(super) fn take(&mut self, at: DateTime<Utc>, segments: u32) {
        if let Some(pace) = &mut self.pace {
            pace.take(at, segments);
        }
        if let Some(quota) = &mut self.quota {
            quota.take(at, segments);
        }
    }
}
