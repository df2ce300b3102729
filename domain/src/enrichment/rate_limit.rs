//! How often something may be done, as a token bucket: so many at once, and one more each interval.

use std::time::Duration;

/// A limit that lets nothing through, or more than it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateLimitError {
    /// Nothing could ever be drawn.
    #[error("a bucket that holds nothing lets nothing through; let it hold 1 at least")]
    NoBurst,
    /// Between two draws there would be no time, or more than can be told.
    #[error("the time until one more is none, or more than a year")]
    NoInterval,
    /// A full bucket alone would use up the window.
    #[error("{burst} at once leave nothing of {calls} in the window; let the bucket hold fewer")]
    BurstFillsWindow {
        /// What was to be drawn at once.
        burst: u32,
        /// What the window allows.
        calls: u32,
    },
}

/// A token bucket: it holds [`burst`](Self::burst) and gains one every [`interval`](Self::interval). In any stretch of
/// time at most `burst + stretch / interval` come out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    burst: u32,
    interval: Duration,
}

impl RateLimit {
    /// So many at once, and one more every `interval`.
    ///
    /// # Errors
    /// [`RateLimitError`] for a bucket without room, or an interval under a microsecond or over a year.
    pub const fn new(burst: u32, interval: Duration) -> Result<Self, RateLimitError> {
        if burst == 0 {
            return Err(RateLimitError::NoBurst);
        }
        if interval.as_micros() == 0 || interval.as_secs() > 366 * 24 * 60 * 60 {
            return Err(RateLimitError::NoInterval);
        }
        Ok(Self { burst, interval })
    }

    /// So many a second, at most `burst` of them at once.
    ///
    /// # Errors
    /// As [`RateLimit::new`]: more than a million a second is refused.
    pub fn per_second(burst: u32, calls: u32) -> Result<Self, RateLimitError> {
        if calls == 0 {
            return Err(RateLimitError::NoInterval);
        }
        Self::new(burst, rounded_up(Duration::from_secs(1), calls))
    }

    /// At most `calls` in any window of `length`, wherever it begins: for vendors that count in windows and do not say
    /// when theirs begin. Of those, `burst` may come at once; the rest is spread over the window.
    ///
    /// # Errors
    /// [`RateLimitError::BurstFillsWindow`] unless `burst` is less than `calls`.
    pub fn within(calls: u32, length: Duration, burst: u32) -> Result<Self, RateLimitError> {
        if burst >= calls {
            return Err(RateLimitError::BurstFillsWindow { burst, calls });
        }
        Self::new(burst, rounded_up(length, calls - burst))
    }

    /// How many can be drawn at once from a full bucket.
    pub const fn burst(self) -> u32 {
        self.burst
    }

    /// The time in which it gains one.
    pub const fn interval(self) -> Duration {
        self.interval
    }

    /// The most that can come out in a stretch of time.
    pub fn most_in(self, stretch: Duration) -> u64 {
        let gained = stretch.as_micros() / self.interval.as_micros().max(1);
        u64::from(self.burst) + u64::try_from(gained).unwrap_or(u64::MAX - u64::from(u32::MAX))
    }
}

/// A share of a time, in whole microseconds as the database counts, never too short.
fn rounded_up(whole: Duration, parts: u32) -> Duration {
    let micros = whole.as_micros().div_ceil(u128::from(parts));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        let second = Duration::from_secs(1);
        assert_eq!(RateLimit::new(0, second), Err(RateLimitError::NoBurst));
        assert_eq!(RateLimit::new(1, Duration::from_nanos(1)), Err(RateLimitError::NoInterval));
        assert_eq!(RateLimit::new(1, Duration::MAX), Err(RateLimitError::NoInterval));
        assert_eq!(RateLimit::per_second(1, 0), Err(RateLimitError::NoInterval));
        let full = RateLimitError::BurstFillsWindow { burst: 5, calls: 5 };
        assert_eq!(RateLimit::within(5, second, 5), Err(full));
    }

    #[test]
    fn ten_a_second_gain_one_every_tenth() {
        let limit = RateLimit::per_second(10, 10).expect("a limit");
        assert_eq!(limit.interval(), Duration::from_millis(100));
        assert_eq!(limit.most_in(Duration::from_secs(1)), 20);
    }

    proptest! {
        #[test]
        fn no_window_is_overrun(calls in 2..5_000u32, seconds in 1..90_000u64, burst in 1..5_000u32) {
            let burst = burst.min(calls - 1);
            let length = Duration::from_secs(seconds);
            let limit = RateLimit::within(calls, length, burst).expect("a limit");
            prop_assert!(limit.most_in(length) <= u64::from(calls), "{limit:?}");
        }
    }
}
