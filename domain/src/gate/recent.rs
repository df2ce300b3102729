//! When a lead was last written to, as far back as a limit can reach.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many are kept: a rule set cannot allow more in a day.
const KEPT: usize = 8;

/// When a lead was last written to: the newest eight times, newest first, whoever wrote and by whichever campaign of the team.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RecentSends {
    /// Seconds since 1970, descending.
    times: [i64; KEPT],
    count: u8,
}

impl RecentSends {
    /// How many a limit can count to.
    pub const KEPT: u8 = KEPT as u8;

    /// How many are known.
    pub const fn len(&self) -> u8 {
        self.count
    }

    /// Whether nobody has written yet, as far as is known.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// With one more; the oldest goes where there are too many.
    #[must_use]
    pub fn with(mut self, at: DateTime<Utc>) -> Self {
        let (mut time, count) = (at.timestamp(), usize::from(self.count));
        for kept in self.times.iter_mut().take(count) {
            if time > *kept {
                std::mem::swap(&mut time, kept);
            }
        }
        if let Some(free) = self.times.get_mut(count) {
            *free = time;
            self.count += 1;
        }
        self
    }

    /// When fewer than `most` lie in the day before: `None` where that is already so at `at`. Sends that are still to come count.
    pub(super) fn free_at(&self, at: DateTime<Utc>, most: u8) -> Option<DateTime<Utc>> {
        let newest = usize::from(most.checked_sub(1)?);
        let deciding = *self.seconds().get(newest)?;
        let free = DateTime::from_timestamp(deciding, 0)? + TimeDelta::days(1);
        (free > at).then_some(free)
    }

    pub(super) fn seconds(&self) -> &[i64] {
        self.times.get(..usize::from(self.count)).unwrap_or_default()
    }
}

impl FromIterator<DateTime<Utc>> for RecentSends {
    fn from_iter<I: IntoIterator<Item = DateTime<Utc>>>(times: I) -> Self {
        times.into_iter().fold(Self::default(), Self::with)
    }
}

impl Serialize for RecentSends {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.seconds().iter().filter_map(|time| DateTime::from_timestamp(*time, 0)))
    }
}

impl<'de> Deserialize<'de> for RecentSends {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<DateTime<Utc>>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).expect("a time")
    }

    const DAY: i64 = 86_400;

    #[test]
    fn the_third_newest_decides_when_a_fourth_may_go() {
        let sends: RecentSends = [100, 300, 200].map(at).into_iter().collect();
        assert_eq!(sends.free_at(at(400), 3), Some(at(100 + DAY)));
        assert_eq!(sends.free_at(at(100 + DAY), 3), None, "a day is over at its end");
        assert_eq!(sends.free_at(at(400), 4), None);
        assert_eq!(RecentSends::default().free_at(at(0), 1), None);
    }

    proptest! {
        #[test]
        fn the_newest_are_kept_in_order(times in proptest::collection::vec(0..100_000i64, 0..20)) {
            let sends: RecentSends = times.iter().copied().map(at).collect();
            let mut sorted = times.clone();
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            sorted.truncate(8);
            prop_assert_eq!(sends.seconds(), sorted.as_slice());
            let text = serde_json::to_string(&sends).expect("plain data");
            prop_assert_eq!(serde_json::from_str::<RecentSends>(&text).expect("times"), sends);
        }

        #[test]
        fn fewer_are_in_the_day_before_when_it_is_free(times in proptest::collection::vec(0..200_000i64, 0..8), now in 0..200_000i64, most in 1..8u8) {
            let sends: RecentSends = times.iter().copied().map(at).collect();
            let within = |now: i64| times.iter().filter(|time| **time > now - DAY).count();
            match sends.free_at(at(now), most) {
                None => prop_assert!(within(now) < usize::from(most)),
                Some(free) => {
                    prop_assert!(within(now) >= usize::from(most));
                    prop_assert!(within(free.timestamp()) < usize::from(most));
                    prop_assert!(within(free.timestamp() - 1) >= usize::from(most), "not a second early");
                }
            }
        }
    }
}
