//! So many a day, by the calendar of a place.

use chrono::{DateTime, NaiveDate, Utc};

use crate::geo::TimeZone;

/// At most so many units on one day of a zone's calendar: the team's, or for T-Mobile's brands the Pacific's.
#[derive(Debug, Clone)]
pub struct DayQuota {
    most: u32,
    zone: TimeZone,
    day: NaiveDate,
    used: u32,
}

impl DayQuota {
    /// So many a day of that zone.
    pub const fn new(most: u32, zone: TimeZone) -> Self {
        Self { most, zone, day: NaiveDate::MIN, used: 0 }
    }

    /// The same with what went on one day already.
    #[must_use]
    pub fn with_used(mut self, at: DateTime<Utc>, used: u32) -> Self {
        (self.day, self.used) = (self.zone.local(at).date, used);
        self
    }

    /// The first moment, from `at` on, at which so many more may go: `at` itself, or the beginning of the next day. What is more
    /// than a day's goes at a day's beginning.
    pub fn earliest(&self, at: DateTime<Utc>, units: u32) -> DateTime<Utc> {
        let today = self.zone.local(at).date;
        if today != self.day || self.used == 0 || self.used.saturating_add(units) <= self.most {
            return at;
        }
        today.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |tomorrow| self.zone.earliest(tomorrow, 0))
    }

    /// Notes that a message went.
    pub fn take(&mut self, at: DateTime<Utc>, units: u32) {
        let today = self.zone.local(at).date;
        if today != self.day {
            (self.day, self.used) = (today, 0);
        }
        self.used = self.used.saturating_add(units);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_where_it_counts() {
        let utc = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let mut quota = DayQuota::new(2, TimeZone::Pacific).with_used(utc("2027-01-12T20:00:00Z"), 1);
        assert_eq!(quota.earliest(utc("2027-01-12T20:00:00Z"), 1), utc("2027-01-12T20:00:00Z"));
        assert_eq!(quota.earliest(utc("2027-01-12T20:00:00Z"), 2), utc("2027-01-13T08:00:00Z"));
        quota.take(utc("2027-01-12T20:00:00Z"), 1);
        assert_eq!(quota.earliest(utc("2027-01-13T07:59:59Z"), 1), utc("2027-01-13T08:00:00Z"));
        assert_eq!(quota.earliest(utc("2027-01-13T08:00:00Z"), 1), utc("2027-01-13T08:00:00Z"));
        assert_eq!(
            quota.earliest(utc("2027-01-13T08:00:00Z"), 9),
            utc("2027-01-13T08:00:00Z"),
            "alone on its day"
        );
    }
}
