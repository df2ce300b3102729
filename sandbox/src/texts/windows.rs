//! Counting segments in windows, as carriers do: any stretch of a length, or a day in California.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};

use super::book::{Sender, Violation};
use super::settings::{Throttle, ThrottleBy};

/// What was sent lately, for each window.
#[derive(Default)]
pub(super) struct Windows {
    recent: HashMap<(usize, String), Recent>,
}

#[derive(Default)]
struct Recent {
    texts: VecDeque<(DateTime<Utc>, u64)>,
    segments: u64,
    day: Option<NaiveDate>,
}

impl Windows {
    /// Counts a text against every window it falls into, and tells which of them it exceeds, and whether one refuses it: what
    /// is refused is counted nowhere.
    pub(super) fn count(
        &mut self,
        throttles: &[Throttle],
        sender: &Sender,
        carrier: &str,
        segments: u64,
        now: DateTime<Utc>,
    ) -> (Vec<Violation>, Option<Throttle>) {
        let (mut violations, mut refused) = (Vec::new(), None);
        for (at, throttle) in throttles.iter().enumerate() {
            if throttle.carrier.as_ref().is_some_and(|own| own != carrier) {
                continue;
            }
            let of = match throttle.by {
                ThrottleBy::Number => sender.number.clone(),
                ThrottleBy::Campaign => sender.campaign.clone(),
                ThrottleBy::Brand => sender.brand.clone(),
                ThrottleBy::All => String::new(),
            };
            let recent = self.recent.entry((at, of.clone())).or_default();
            recent.forget_before(throttle, now);
            let total = recent.segments + segments;
            if total > throttle.segments {
                let Throttle { by, carrier, segments: limit, .. } = throttle.clone();
                violations.push(Violation { by, of, carrier, limit, segments: total, at: now });
                if throttle.refuses {
                    refused = Some(throttle.clone());
                }
            }
        }
        if refused.is_none() {
            for (at, throttle) in throttles.iter().enumerate() {
                let of = match throttle.by {
                    ThrottleBy::Number => &sender.number,
                    ThrottleBy::Campaign => &sender.campaign,
                    ThrottleBy::Brand => &sender.brand,
                    ThrottleBy::All => "",
                };
                let counts = throttle.carrier.as_ref().is_none_or(|own| own == carrier);
                if let Some(recent) = self.recent.get_mut(&(at, of.to_owned())).filter(|_| counts) {
                    recent.texts.push_back((now, segments));
                    recent.segments += segments;
                }
            }
        }
        (violations, refused)
    }
}

impl Recent {
    fn forget_before(&mut self, throttle: &Throttle, now: DateTime<Utc>) {
        let Some(per_ms) = throttle.per_ms else {
            let today = pacific_day(now);
            if self.day != Some(today) {
                *self = Self { day: Some(today), ..Self::default() };
            }
            return;
        };
        let measured = per_ms.saturating_sub(throttle.slack_ms);
        let since = now - TimeDelta::milliseconds(i64::try_from(measured).unwrap_or(i64::MAX / 2));
        while let Some((_, segments)) = self.texts.front().filter(|(at, _)| *at <= since).copied() {
            self.texts.pop_front();
            self.segments -= segments;
        }
    }
}

/// The date in California: eight hours behind UTC, seven from the second Sunday of March to the first of November, both at
/// two in the morning.
fn pacific_day(now: DateTime<Utc>) -> NaiveDate {
    let standard = now.naive_utc() - TimeDelta::hours(8);
    let year = standard.year();
    let change = |month, nth| {
        let day = NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, nth)?;
        day.and_hms_opt(if month == 3 { 2 } else { 1 }, 0, 0)
    };
    let summer = change(3, 2).zip(change(11, 1)).is_some_and(|(from, to)| standard >= from && standard < to);
    if summer { (standard + TimeDelta::hours(1)).date() } else { standard.date() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::vendor::Vendor;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn the_day_begins_at_midnight_in_california() {
        for (now, day) in [
            ("2026-11-22T07:59:59Z", "2026-11-21"),
            ("2026-11-22T08:00:00Z", "2026-11-22"),
            ("2026-07-01T06:59:59Z", "2026-06-30"),
            ("2026-07-01T07:00:00Z", "2026-07-01"),
            // The nights of the changes: 8 March and 1 November 2026.
            ("2026-03-08T07:59:59Z", "2026-03-07"),
            ("2026-03-09T07:00:00Z", "2026-03-09"),
            ("2026-11-01T07:00:00Z", "2026-11-01"),
            ("2026-11-02T07:59:59Z", "2026-11-01"),
        ] {
            assert_eq!(pacific_day(at(now)).to_string(), day, "{now}");
        }
    }

    #[test]
    fn any_stretch_counts_and_what_is_refused_does_not() {
        let mut windows = Windows::default();
        let sender = Sender::of(Vendor::Twilio, "5125550100");
        let second = Throttle::of(ThrottleBy::Number, 3, Duration::from_secs(1));
        let mut count = |throttle: &Throttle, ms: i64, segments| {
            let now = at("2026-11-22T12:00:00Z") + TimeDelta::milliseconds(ms);
            let (violations, refused) =
                windows.count(std::slice::from_ref(throttle), &sender, "x", segments, now);
            (violations.first().map(|violation| violation.segments), refused.is_some())
        };
        assert_eq!(count(&second, 0, 2), (None, false));
        let refusing = Throttle { refuses: true, ..second.clone() };
        assert_eq!(count(&refusing, 500, 2), (Some(4), true));
        assert_eq!(count(&second, 900, 1), (None, false));
        assert_eq!(count(&second, 999, 1), (Some(4), false));
        assert_eq!(count(&second, 1_000, 1), (None, false), "the first two are a second ago");
        let elsewhere = Throttle { carrier: Some("y".into()), segments: 0, ..second };
        assert_eq!(count(&elsewhere, 1_001, 9), (None, false));
    }
}
