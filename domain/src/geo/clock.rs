//! What clocks show in each zone: local time from an instant and back, without allocation.
//!
//! A zone is an offset from UTC and whether it keeps the summer time of the Energy Policy Act of 2005 (since 2007: the
//! second Sunday of March to the first of November, at two in the morning). The zones of other countries are there
//! because their numbers look like ours; where their rules differed for a time, the present rule is used throughout.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};

use super::TimeZone;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Seconds that summer time is ahead.
const SUMMER: i64 = 3_600;
/// Clocks change at two in the morning, local time before the change.
const CHANGE: i64 = 2 * 3_600;

/// A moment as the clocks of a zone show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// The date.
    pub date: NaiveDate,
    /// Seconds since the day's clock began.
    pub second: u32,
}

impl LocalTime {
    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        self.date.weekday()
    }
}

impl TimeZone {
    /// What the clocks show at an instant.
    pub fn local(self, at: DateTime<Utc>) -> LocalTime {
        let local = at.timestamp() + self.offset_at(at.timestamp());
        LocalTime {
            date: date_of(local.div_euclid(DAY)),
            // Below a day, so always a u32.
            second: u32::try_from(local.rem_euclid(DAY)).unwrap_or(0),
        }
    }

    /// The first instant at which the clocks show this time or, where they jump over it, a later one.
    pub fn earliest(self, date: NaiveDate, second: u32) -> DateTime<Utc> {
        let wanted = day_of(date) * DAY + i64::from(second);
        let standard = wanted - self.standard();
        // In summer it is an hour earlier; in the hour that comes twice the earlier one is summer's.
        let summer = standard - SUMMER;
        let shows = |instant: i64| instant + self.offset_at(instant);
        let instant = if shows(summer) >= wanted { summer } else { standard };
        DateTime::from_timestamp(instant, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Seconds that the clocks are ahead of UTC at an instant, given in seconds since 1970.
    fn offset_at(self, instant: i64) -> i64 {
        let standard = self.standard();
        if !self.keeps_summer_time() {
            return standard;
        }
        let local = instant + standard;
        let (begins, ends) = summer_of(date_of(local.div_euclid(DAY)).year());
        if (begins..ends).contains(&local) { standard + SUMMER } else { standard }
    }

    /// Seconds that standard time is ahead of UTC.
    const fn standard(self) -> i64 {
        60 * match self {
            Self::Eastern | Self::Toronto | Self::GrandTurk | Self::Jamaica | Self::Panama => -5 * 60,
            Self::Central | Self::Winnipeg | Self::Regina => -6 * 60,
            Self::Mountain | Self::Arizona | Self::Edmonton | Self::FortNelson => -7 * 60,
            Self::Pacific | Self::Vancouver => -8 * 60,
            Self::Alaska => -9 * 60,
            Self::Aleutian | Self::Hawaii => -10 * 60,
            Self::Halifax | Self::Bermuda | Self::PuertoRico | Self::SantoDomingo | Self::Barbados => -4 * 60,
            Self::StJohns => -3 * 60 - 30,
            Self::Samoa => -11 * 60,
            Self::Palau => 9 * 60,
            Self::Guam | Self::Chuuk => 10 * 60,
            Self::Pohnpei | Self::Kosrae => 11 * 60,
            Self::Marshall | Self::Wake => 12 * 60,
        }
    }

    /// Whether its clocks go forward in March and back in November.
    const fn keeps_summer_time(self) -> bool {
        matches!(
            self,
            Self::Eastern
                | Self::Central
                | Self::Mountain
                | Self::Pacific
                | Self::Alaska
                | Self::Aleutian
                | Self::Toronto
                | Self::Winnipeg
                | Self::Edmonton
                | Self::Vancouver
                | Self::Halifax
                | Self::StJohns
                | Self::GrandTurk
                | Self::Bermuda
        )
    }
}

/// From when until when a year has summer time, in seconds since 1970 of local standard time.
const fn summer_of(year: i32) -> (i64, i64) {
    let begins = (first_sunday(year, 3) + 7) * DAY + CHANGE;
    // Two in the morning of summer is one of standard time.
    let ends = first_sunday(year, 11) * DAY + CHANGE - SUMMER;
    (begins, ends)
}

/// Days since 1970 of the first Sunday of March or November.
const fn first_sunday(year: i32, month: i64) -> i64 {
    // Years are counted from March, so that the leap day is a year's last. The first of March of the year 0 lies 719,468 days
    // before 1970, and is a Wednesday; November begins 245 days after March.
    let year = year as i64;
    let march = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) - 719_468;
    let first = if month == 3 { march } else { march + 245 };
    // The first of January 1970 was a Thursday.
    let weekday = (first + 4).rem_euclid(7);
    first + (7 - weekday) % 7
}

fn day_of(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

fn date_of(day: i64) -> NaiveDate {
    i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;
    use proptest::prelude::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    /// `data/zone_clocks.csv` was written from the IANA database, not from this code.
    #[test]
    fn clocks_show_what_the_iana_database_says() {
        let mut rows = 0;
        for [zone, instant, ahead] in table::rows(include_str!("../../data/zone_clocks.csv")) {
            let zone = TimeZone::from_iana(zone).expect("a zone");
            let instant: i64 = instant.parse().expect("seconds");
            assert_eq!(zone.offset_at(instant).to_string(), ahead, "{zone} at {instant}");
            rows += 1;
        }
        assert_eq!(TimeZone::all().count(), 31);
        assert!(rows > 400, "{rows}");
    }

    #[test]
    fn the_hour_that_is_jumped_over_is_the_next_and_the_one_that_comes_twice_the_first() {
        let (spring, autumn) = (NaiveDate::from_ymd_opt(2026, 3, 8), NaiveDate::from_ymd_opt(2026, 11, 1));
        let half_past = |date: Option<NaiveDate>, hour: u32| {
            TimeZone::Eastern.earliest(date.expect("a date"), hour * 3_600 + 1_800)
        };
        assert_eq!(half_past(spring, 1), utc("2026-03-08T06:30:00Z"));
        assert_eq!(half_past(spring, 2), utc("2026-03-08T07:30:00Z"), "half past three by the clock");
        assert_eq!(half_past(spring, 3), utc("2026-03-08T07:30:00Z"));
        assert_eq!(half_past(autumn, 1), utc("2026-11-01T05:30:00Z"), "the first of two");
        assert_eq!(half_past(autumn, 2), utc("2026-11-01T07:30:00Z"));
    }

    #[test]
    fn arizona_keeps_its_time_and_the_navajo_nation_does_not() {
        let summer = utc("2026-07-01T16:00:00Z");
        assert_eq!(TimeZone::Arizona.local(summer).second, 9 * 3_600);
        assert_eq!(TimeZone::Mountain.local(summer).second, 10 * 3_600);
        assert_eq!(TimeZone::Hawaii.local(summer).second, 6 * 3_600);
    }

    proptest! {
        #[test]
        fn the_earliest_instant_shows_the_time(zone in 0..31usize, day in 13_514..40_000i32, second in 0..86_400u32) {
            let zone = TimeZone::all().nth(zone).expect("31 zones");
            let date = NaiveDate::from_epoch_days(day).expect("a date");
            let instant = zone.earliest(date, second);
            let shown = zone.local(instant);
            prop_assert!(shown.date == date && shown.second >= second && shown.second <= second + 3_600, "{shown:?}");
            let before = zone.local(instant - chrono::TimeDelta::seconds(1));
            prop_assert!((before.date, before.second) < (date, second), "{before:?}");
        }
    }
}
