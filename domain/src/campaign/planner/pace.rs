//! So many in any window, spread evenly over it.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// At most so many units in any window of a length, wherever it begins, and no bursts: after each message the time that its
/// units take of the window. Units are messages, or segments where a carrier counts those.
#[derive(Debug, Clone)]
pub struct Pace {
    most: u32,
    window: TimeDelta,
    /// What one unit takes of the window.
    gap: TimeDelta,
    /// Before this nothing goes.
    next: DateTime<Utc>,
    /// What went within the last window, oldest first.
    spent: VecDeque<(DateTime<Utc>, u32)>,
}

impl Pace {
    /// So many units a minute; at least one.
    pub fn per_minute(most: u32) -> Self {
        Self::new(most, Duration::from_secs(60))
    }

    /// So many units a window; at least one, and a window of a microsecond to a year.
    pub fn new(most: u32, window: Duration) -> Self {
        let most = most.max(1);
        let year = Duration::from_secs(366 * 24 * 60 * 60);
        let micros = window.clamp(Duration::from_micros(1), year).as_micros();
        let whole = |micros: u128| TimeDelta::microseconds(i64::try_from(micros).unwrap_or(i64::MAX / 4));
        Self {
            most,
            window: whole(micros),
            gap: whole(micros.div_ceil(u128::from(most))),
            next: DateTime::<Utc>::MIN_UTC,
            spent: VecDeque::new(),
        }
    }

    /// One unit in each such time, and so many a minute as that makes.
    pub fn one_in(interval: Duration) -> Self {
        let minute = Duration::from_secs(60);
        let most = minute.as_micros() / interval.as_micros().max(1);
        // A whole number of them a minute: never more because an interval was rounded down.
        Self::new(u32::try_from(most).unwrap_or(u32::MAX), interval.max(minute))
    }

    /// The first moment, from `at` on, at which a message of so many units may go. One that alone is more than a window's goes
    /// when nothing else went in it.
    pub fn earliest(&self, at: DateTime<Utc>, units: u32) -> DateTime<Utc> {
        let mut moment = at.max(self.next);
        let room = self.most.saturating_sub(units);
        let mut left: u32 = self.within(moment).map(|(_, units)| *units).sum();
        for (sent, of_it) in self.within(moment) {
            if left <= room {
                break;
            }
            left -= of_it;
            moment = moment.max(*sent + self.window);
        }
        moment
    }

    /// Notes that a message went. Moments are to be noted in their order.
    pub fn take(&mut self, at: DateTime<Utc>, units: u32) {
        let over = self.spent.iter().take_while(|(sent, _)| *sent + self.window <= at).count();
        self.spent.drain(..over);
        self.spent.push_back((at, units));
        let taken = i32::try_from(units).unwrap_or(i32::MAX);
        self.next = at + self.gap * taken;
    }

    /// What went in the window that ends with a moment.
    fn within(&self, moment: DateTime<Utc>) -> impl Iterator<Item = &(DateTime<Utc>, u32)> {
        self.spent.iter().skip_while(move |(sent, _)| *sent + self.window <= moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    #[test]
    fn twenty_a_minute_go_every_three_seconds() {
        let mut pace = Pace::per_minute(20);
        let mut at = start();
        for _ in 0..100 {
            at = pace.earliest(at, 1);
            pace.take(at, 1);
        }
        assert_eq!(at - start(), TimeDelta::seconds(99 * 3));
    }

    #[test]
    fn a_message_of_two_segments_takes_the_time_of_two() {
        let mut pace = Pace::per_minute(60);
        pace.take(start(), 2);
        assert_eq!(pace.earliest(start(), 1) - start(), TimeDelta::seconds(2));
    }

    #[test]
    fn one_that_is_more_than_a_window_goes_alone() {
        let mut pace = Pace::per_minute(2);
        assert_eq!(pace.earliest(start(), 5), start());
        pace.take(start(), 5);
        assert_eq!(pace.earliest(start(), 1) - start(), TimeDelta::seconds(150), "and takes its time");
    }

    proptest! {
        #[test]
        fn no_window_is_overrun_and_no_time_is_lost(
            most in 3..200u32,
            messages in proptest::collection::vec((1..=3u32, 0..30_000i64), 1..400),
        ) {
            let mut pace = Pace::per_minute(most);
            let (mut clock, mut sent) = (start(), Vec::new());
            for (units, pause) in messages {
                clock += TimeDelta::milliseconds(pause / 10);
                let at = pace.earliest(clock, units);
                prop_assert!(at >= clock);
                pace.take(at, units);
                sent.push((at, units));
                clock = at;
            }
            for (from, _) in &sent {
                let in_window = |at: DateTime<Utc>| at >= *from && at < *from + TimeDelta::seconds(60);
                let total: u32 = sent.iter().filter(|(at, _)| in_window(*at)).map(|(_, units)| *units).sum();
                prop_assert!(total <= most, "{total} of {most}");
            }
        }

        #[test]
        fn single_units_use_all_there_is(most in 1..500u32) {
            let mut pace = Pace::per_minute(most);
            let (mut at, mut count) = (start(), 0);
            while at < start() + TimeDelta::seconds(600) {
                pace.take(at, 1);
                count += 1;
                at = pace.earliest(at, 1);
            }
            prop_assert!(count <= most * 10 && f64::from(count) >= f64::from(most) * 10.0 * 0.99, "{count}");
        }
    }
}
