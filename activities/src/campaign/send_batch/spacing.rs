//! Keeps texts apart as they leave.
//!
//! Slots are drawn apart from each other, but what waits for the database leaves late; without this, everything that is
//! late would leave at once. So each text also waits until its paces are free again after the text before it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use entities::rate_limit::Bucket;

use super::claim::Ready;

/// Texts that may leave within so short a time leave together: one look at the database is enough for them.
const TOGETHER: Duration = Duration::from_millis(10);

/// When each pace is free again, as this batch uses it.
#[derive(Debug, Default)]
pub(super) struct Spacing {
    free: BTreeMap<Bucket, Instant>,
}

impl Spacing {
    /// When a text may leave.
    pub(super) fn opens(&self, text: &Ready) -> Instant {
        let free = text.takes.iter().filter_map(|(bucket, _)| self.free.get(bucket));
        free.copied().fold(text.slot, Instant::max)
    }

    /// Notes that a text leaves, if it may; answers whether it does.
    pub(super) fn leaves(&mut self, text: &Ready, now: Instant) -> bool {
        let opens = self.opens(text);
        if opens > now + TOGETHER {
            return false;
        }
        for (bucket, time) in &text.takes {
            self.free.insert(bucket.clone(), opens.max(now) + *time);
        }
        true
    }
}
