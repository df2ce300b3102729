//! Holidays by the rule that gives their date.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

/// A holiday.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Holiday {
    /// What it is called.
    pub(crate) name: String,
    /// When it is.
    #[serde(flatten)]
    pub(super) when: When,
}

/// When a holiday is.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    /// Month and day; on a weekend also the working day next to it.
    Fixed(u32, u32),
    /// Month, which one, weekday from Monday as 0: the third Monday of January is `[1, 3, 0]`, the last of May `[5, -1, 0]`.
    Weekday(u32, i8, u8),
    /// Days after Easter Sunday.
    Easter(i16),
}

impl Holiday {
    /// Whether a date is this holiday, or the day on which it is kept.
    pub(crate) fn is_on(&self, date: NaiveDate) -> bool {
        match self.when {
            When::Fixed(month, day) => {
                let is_the_day = |date: NaiveDate| date.month() == month && date.day() == day;
                // Kept on Friday for a Saturday and on Monday for a Sunday; New Year's Day also the year before.
                is_the_day(date)
                    || match date.weekday() {
                        Weekday::Fri => date.succ_opt().is_some_and(is_the_day),
                        Weekday::Mon => date.pred_opt().is_some_and(is_the_day),
                        _ => false,
                    }
            }
            When::Weekday(month, which, weekday) => {
                date.month() == month
                    && date.weekday().num_days_from_monday() == u32::from(weekday)
                    && match which {
                        // The last: another week is another month.
                        ..=0 => (date + TimeDelta::days(7)).month() != month,
                        _ => date.day0() / 7 + 1 == u32::from(which.unsigned_abs()),
                    }
            }
            When::Easter(days) => {
                // Nothing that goes by Easter is outside these months.
                (1..=7).contains(&date.month())
                    && easter(date.year())
                        .is_some_and(|easter| easter + TimeDelta::days(i64::from(days)) == date)
            }
        }
    }
}

/// Easter Sunday by the anonymous Gregorian computation.
fn easter(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let l = (32 + 2 * e + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let days = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(days / 31).ok()?, u32::try_from(days % 31 + 1).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days_of(year: i32, when: When) -> Vec<String> {
        let holiday = Holiday { name: String::new(), when };
        let first = NaiveDate::from_ymd_opt(year, 1, 1).expect("a date");
        let dates = first.iter_days().take_while(|date| date.year() == year);
        dates.filter(|date| holiday.is_on(*date)).map(|date| date.to_string()).collect()
    }

    #[test]
    fn holidays_are_found_on_their_days_and_where_they_are_kept() {
        assert_eq!(days_of(2026, When::Fixed(7, 4)), ["2026-07-03", "2026-07-04"], "a Saturday");
        assert_eq!(days_of(2027, When::Fixed(7, 4)), ["2027-07-04", "2027-07-05"], "a Sunday");
        assert_eq!(days_of(2026, When::Fixed(12, 25)), ["2026-12-25"]);
        assert_eq!(days_of(2027, When::Fixed(1, 1)), ["2027-01-01", "2027-12-31"], "kept the year before");
        assert_eq!(days_of(2026, When::Weekday(11, 4, 3)), ["2026-11-26"], "Thanksgiving");
        assert_eq!(days_of(2026, When::Weekday(5, -1, 0)), ["2026-05-25"], "Memorial Day");
        assert_eq!(days_of(2026, When::Weekday(1, 3, 0)), ["2026-01-19"]);
        assert_eq!(days_of(2026, When::Easter(-47)), ["2026-02-17"], "Mardi Gras");
        assert_eq!(days_of(2027, When::Easter(-2)), ["2027-03-26"], "Good Friday");
    }

    #[test]
    fn easter_is_where_the_church_has_it() {
        for (year, date) in
            [(2024, "2024-03-31"), (2025, "2025-04-20"), (2038, "2038-04-25"), (2285, "2285-03-22")]
        {
            assert_eq!(easter(year).map(|date| date.to_string()).as_deref(), Some(date));
        }
    }
}
