//! Hours of a day: `09:00-20:00`, and none.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Hours of a day, from a minute on and not from another on; empty where they end before they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Minutes after midnight.
    pub from: u16,
    /// Minutes after midnight, at most 1,440.
    pub until: u16,
}

/// A text that is no hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} are no hours; write 09:00-20:00, or none")]
pub struct SpanError(String);

impl Span {
    /// The whole day.
    pub const ALL: Self = Self { from: 0, until: DAY };
    /// No hours.
    pub const NONE: Self = Self { from: 0, until: 0 };

    /// What both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let from = if self.from > other.from { self.from } else { other.from };
        let until = if self.until < other.until { self.until } else { other.until };
        if from < until { Self { from, until } } else { Self::NONE }
    }

    /// Whether it has no minute.
    pub const fn is_empty(self) -> bool {
        self.from >= self.until
    }

    /// Whether a second of the day is in it.
    pub const fn has(self, second: u32) -> bool {
        second >= self.from as u32 * 60 && second < self.until as u32 * 60
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let (from, until) = (self.from, self.until);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        if text == "none" {
            return Ok(Self::NONE);
        }
        let read = text.split_once('-').and_then(|(from, until)| {
            let span = Self { from: minute(from)?, until: minute(until)? };
            (!span.is_empty()).then_some(span)
        });
        read.ok_or_else(|| SpanError(text.to_owned()))
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |digits: &str| {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let minutes = two(hour)? * 60 + two(minute).filter(|minute| *minute < 60)?;
    (minutes <= DAY).then_some(minutes)
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        assert_eq!("09:00-20:00".parse(), Ok(Span { from: 540, until: 1_200 }));
        assert_eq!("none".parse(), Ok(Span::NONE));
        assert_eq!("00:00-24:00".parse(), Ok(Span::ALL));
        for wrong in
            ["", "9-20", "09:00", "20:00-09:00", "09:00-09:00", "09:60-10:00", "00:00-24:01", "+9:00-10:00"]
        {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn both_is_in_each(a in 0..1_440u16, b in 0..=1_440u16, c in 0..1_440u16, d in 0..=1_440u16, second in 0..86_400u32) {
            let (one, other) = (Span { from: a, until: b }, Span { from: c, until: d });
            prop_assert_eq!(one.and(other).has(second), one.has(second) && other.has(second));
        }
    }
}
