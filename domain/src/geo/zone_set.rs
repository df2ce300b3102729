//! Several time zones at once: all those that somebody may be in.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::TimeZone;

/// A set of time zones, as wide as a number.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ZoneSet(u32);

impl ZoneSet {
    /// No zone.
    pub const EMPTY: Self = Self(0);

    /// The set with this zone besides.
    #[must_use]
    pub const fn with(self, zone: TimeZone) -> Self {
        Self(self.0 | 1 << zone as u8)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One bit per zone, in the order of their declaration.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The zones, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = TimeZone> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let zone = TimeZone::of_number(left.trailing_zeros())?;
            left &= left - 1;
            Some(zone)
        })
    }
}

impl FromIterator<TimeZone> for ZoneSet {
    fn from_iter<I: IntoIterator<Item = TimeZone>>(zones: I) -> Self {
        zones.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for ZoneSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for ZoneSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for ZoneSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<TimeZone>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_fits_and_is_found_again() {
        let all: ZoneSet = TimeZone::all().collect();
        assert!(all.iter().eq(TimeZone::all()));
        assert_eq!(ZoneSet::EMPTY.iter().count(), 0);
    }

    #[test]
    fn it_is_a_list_of_names_in_json() {
        let both: ZoneSet = [TimeZone::Pacific, TimeZone::Eastern, TimeZone::Pacific].into_iter().collect();
        let text = serde_json::to_string(&both).expect("plain data");
        assert_eq!(text, r#"["America/New_York","America/Los_Angeles"]"#);
        assert_eq!(serde_json::from_str::<ZoneSet>(&text).expect("zones"), both);
    }
}
