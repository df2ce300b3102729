//! Keeps texts apart as they leave.
//!
//! Slots are drawn apart from each other, but what waits for the database leaves late; without this, everything that is
//! late would leave at once. So each text also waits until its paces are free again after the text before it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use entities::rate_limit::Bucket;

/// Texts that may leave within so short a time leave together: one look at the database is enough for them.
const TOGETHER: Duration = Duration::from_millis(10);

/// A text that is late by no more than this moves none of those behind it: each is late by a little, and if that added up, a
/// limit would never be reached.
const NEVER_MIND: Duration = Duration::from_millis(100);

/// When each pace is free again, as this batch uses it.
#[derive(Debug, Default)]
pub(super) struct Spacing {
    free: BTreeMap<Bucket, Instant>,
}

impl Spacing {
    /// When a text may leave that has a slot and takes time of paces.
    pub(super) fn opens(&self, slot: Instant, takes: &[(Bucket, Duration)]) -> Instant {
        let free = takes.iter().filter_map(|(bucket, _)| self.free.get(bucket));
        free.copied().fold(slot, Instant::max)
    }

    /// Notes that it leaves, if it may; answers whether it does.
    pub(super) fn leaves(&mut self, slot: Instant, takes: &[(Bucket, Duration)], now: Instant) -> bool {
        let opens = self.opens(slot, takes);
        if opens > now + TOGETHER {
            return false;
        }
        for (bucket, time) in takes {
            let began = now.checked_sub(NEVER_MIND).map_or(opens, |then| opens.max(then));
            // A little less than slots are apart, so that what is late catches up.
            self.free.insert(bucket.clone(), began + *time - *time / 200);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(slot: Instant) -> (Instant, Vec<(Bucket, Duration)>) {
        (slot, vec![(Bucket::Team("send:campaign".to_owned()), Duration::from_millis(20))])
    }

    #[test]
    fn those_that_are_late_together_leave_one_after_the_other() {
        let (start, mut spacing) = (Instant::now(), Spacing::default());
        // Five slots 20 ms apart, of which all have passed a second ago.
        let late = start + Duration::from_secs(1);
        let mut now = late;
        let mut left = Vec::new();
        for number in 0..5u32 {
            let (slot, takes) = text(start + Duration::from_millis(20) * number);
            while !spacing.leaves(slot, &takes, now) {
                now += Duration::from_millis(1);
            }
            left.push(now - late);
        }
        // What is within 100 ms of its turn goes at once, and the rest at the pace of the limit.
        assert!(left[4] < Duration::from_millis(1), "{left:?}");
        let (slot, takes) = text(start);
        for _ in 0..50 {
            while !spacing.leaves(slot, &takes, now) {
                now += Duration::from_millis(1);
            }
        }
        let took = now - late;
        assert!(took > Duration::from_millis(950) && took < Duration::from_millis(1_100), "{took:?}");
    }

    #[test]
    fn a_little_late_each_time_keeps_the_pace() {
        let (start, mut spacing) = (Instant::now(), Spacing::default());
        let mut now = start;
        for number in 0..1_000u32 {
            let (slot, takes) = text(start + Duration::from_millis(20) * number);
            while !spacing.leaves(slot, &takes, now) {
                now += Duration::from_millis(1);
            }
            // The look at the database.
            now += Duration::from_millis(8);
        }
        assert!(now - start < Duration::from_millis(20 * 1_000 + 20), "{:?}", now - start);
    }
}
