//! The hours a campaign keeps to by its own will, in the recipient's local time. The law's hours come on top.

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use crate::named::named_enum;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

named_enum! {
    /// What becomes of messages that a window's end, or the day's, leaves unsent.
    OnWindowClose {
        /// They wait for the next window.
        Hold = "hold",
        /// They are never sent: what was true this morning may not be tomorrow.
        Expire = "expire",
        /// The campaign pauses and a person decides.
        Ask = "ask",
    }
}

/// Days of the week, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<DayName>", into = "Vec<DayName>")]
pub struct Days(u8);

named_enum! {
    /// A day of the week.
    DayName {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

impl Days {
    /// All seven.
    pub const ALL: Self = Self(0b111_1111);
    /// Monday to Friday.
    pub const WORKDAYS: Self = Self(0b001_1111);

    /// Whether it has this day.
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 >> day.num_days_from_monday() & 1 == 1
    }

    /// One bit a day, Monday's the lowest.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether it has no day at all.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Default for Days {
    fn default() -> Self {
        Self::ALL
    }
}

impl From<Vec<DayName>> for Days {
    fn from(names: Vec<DayName>) -> Self {
        Self(names.into_iter().fold(0, |days, name| days | 1 << name as u8))
    }
}

impl From<Days> for Vec<DayName> {
    fn from(days: Days) -> Self {
        DayName::ALL.iter().copied().filter(|name| days.0 >> *name as u8 & 1 == 1).collect()
    }
}

/// Hours at which a campaign sends, in the recipient's local time: from the minute `from` on, and not from `until` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendWindow {
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight; 1,440 is the end of the day.
    pub until: u16,
    /// On which days; all where it is left out.
    #[serde(default)]
    pub days: Days,
}

/// A window that never opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendWindowError {
    /// Ends before it begins, or after the day.
    #[error(
        "a window begins before it ends, both in minutes after midnight up to 1440, not {from} to {until}"
    )]
    Hours {
        /// Its beginning.
        from: u16,
        /// Its end.
        until: u16,
    },
    /// On no day.
    #[error("a window is on one day of the week at least")]
    NoDay,
}

impl SendWindow {
    /// The same window, when it opens at all.
    ///
    /// # Errors
    /// [`SendWindowError`] when it does not.
    pub const fn checked(self) -> Result<Self, SendWindowError> {
        if self.from >= self.until || self.until > DAY {
            return Err(SendWindowError::Hours { from: self.from, until: self.until });
        }
        if self.days.is_empty() { Err(SendWindowError::NoDay) } else { Ok(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_back() {
        let window = SendWindow { from: 600, until: 1_080, days: Days::WORKDAYS };
        let text = serde_json::to_string(&window).expect("plain data");
        assert_eq!(text, r#"{"from":600,"until":1080,"days":["mon","tue","wed","thu","fri"]}"#);
        assert_eq!(serde_json::from_str::<SendWindow>(&text).expect("a window"), window);
        let every: SendWindow = serde_json::from_str(r#"{"from":0,"until":1440}"#).expect("a window");
        assert_eq!((every.days, every.checked()), (Days::ALL, Ok(every)));
    }

    #[test]
    fn a_window_that_never_opens_is_refused() {
        let hours = |from, until| SendWindow { from, until, days: Days::ALL }.checked();
        assert_eq!(hours(600, 600), Err(SendWindowError::Hours { from: 600, until: 600 }));
        assert_eq!(hours(600, 1_441), Err(SendWindowError::Hours { from: 600, until: 1_441 }));
        let nowhere = SendWindow { from: 0, until: 1, days: Days::from(Vec::new()) };
        assert_eq!(nowhere.checked(), Err(SendWindowError::NoDay));
    }

    #[test]
    fn days_are_told_apart() {
        assert!(Days::WORKDAYS.contains(Weekday::Fri) && !Days::WORKDAYS.contains(Weekday::Sat));
        assert!(Days::ALL.contains(Weekday::Sun));
    }
}
