//! Time zones by their IANA names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time zone of the North American Numbering Plan: one per set of clock rules in force today. Places whose
/// clocks have agreed since 2007 share one: Boise is [`Mountain`](Self::Mountain), Detroit [`Eastern`](Self::Eastern).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum TimeZone {
    /// America/New_York.
    Eastern,
    /// America/Chicago.
    Central,
    /// America/Denver. Also the Navajo Nation in Arizona, which keeps summer time.
    Mountain,
    /// America/Phoenix: Arizona, without summer time.
    Arizona,
    /// America/Los_Angeles.
    Pacific,
    /// America/Anchorage.
    Alaska,
    /// America/Adak: the western Aleutians, with summer time.
    Aleutian,
    /// Pacific/Honolulu, without summer time.
    Hawaii,
    /// America/Puerto_Rico: Atlantic without summer time, with the Virgin Islands and most of the Caribbean.
    PuertoRico,
    /// Pacific/Guam: Chamorro time, with Saipan.
    Guam,
    /// Pacific/Pago_Pago: American Samoa.
    Samoa,
    /// Pacific/Palau.
    Palau,
    /// Pacific/Chuuk, with Yap.
    Chuuk,
    /// Pacific/Pohnpei.
    Pohnpei,
    /// Pacific/Kosrae.
    Kosrae,
    /// Pacific/Majuro: the Marshall Islands.
    Marshall,
    /// Pacific/Wake.
    Wake,
    /// America/Toronto, with the Bahamas.
    Toronto,
    /// America/Winnipeg.
    Winnipeg,
    /// America/Edmonton.
    Edmonton,
    /// America/Vancouver.
    Vancouver,
    /// America/Halifax.
    Halifax,
    /// America/St_Johns.
    StJohns,
    /// America/Regina, without summer time.
    Regina,
    /// America/Fort_Nelson, without summer time; with the Yukon.
    FortNelson,
    /// America/Santo_Domingo.
    SantoDomingo,
    /// America/Jamaica.
    Jamaica,
    /// America/Panama, with the Cayman Islands.
    Panama,
    /// America/Barbados.
    Barbados,
    /// America/Grand_Turk.
    GrandTurk,
    /// Atlantic/Bermuda.
    Bermuda,
}

/// The text names no time zone of this table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a time zone of the United States, Canada or the Caribbean; use an IANA name such as America/Chicago"
)]
pub struct UnknownTimeZone;

/// Zone, IANA name, and the name the reference tables use (empty where they use the IANA name).
const NAMES: [(TimeZone, &str, &str); 31] = [
    (TimeZone::Eastern, "America/New_York", "Eastern"),
    (TimeZone::Central, "America/Chicago", "Central"),
    (TimeZone::Mountain, "America/Denver", "Mountain"),
    (TimeZone::Arizona, "America/Phoenix", "Mountain-noDST"),
    (TimeZone::Pacific, "America/Los_Angeles", "Pacific"),
    (TimeZone::Alaska, "America/Anchorage", "Alaska"),
    (TimeZone::Aleutian, "America/Adak", "Hawaii-Aleutian-DST"),
    (TimeZone::Hawaii, "Pacific/Honolulu", "Hawaii"),
    (TimeZone::PuertoRico, "America/Puerto_Rico", "Atlantic-noDST"),
    (TimeZone::Guam, "Pacific/Guam", "Chamorro"),
    (TimeZone::Samoa, "Pacific/Pago_Pago", "Samoa"),
    (TimeZone::Palau, "Pacific/Palau", "Palau"),
    (TimeZone::Chuuk, "Pacific/Chuuk", "Chuuk"),
    (TimeZone::Pohnpei, "Pacific/Pohnpei", "Pohnpei"),
    (TimeZone::Kosrae, "Pacific/Kosrae", "Kosrae"),
    (TimeZone::Marshall, "Pacific/Majuro", "Marshall"),
    (TimeZone::Wake, "Pacific/Wake", "Wake"),
    (TimeZone::Toronto, "America/Toronto", ""),
    (TimeZone::Winnipeg, "America/Winnipeg", ""),
    (TimeZone::Edmonton, "America/Edmonton", ""),
    (TimeZone::Vancouver, "America/Vancouver", ""),
    (TimeZone::Halifax, "America/Halifax", ""),
    (TimeZone::StJohns, "America/St_Johns", ""),
    (TimeZone::Regina, "America/Regina", ""),
    (TimeZone::FortNelson, "America/Fort_Nelson", ""),
    (TimeZone::SantoDomingo, "America/Santo_Domingo", ""),
    (TimeZone::Jamaica, "America/Jamaica", ""),
    (TimeZone::Panama, "America/Panama", ""),
    (TimeZone::Barbados, "America/Barbados", ""),
    (TimeZone::GrandTurk, "America/Grand_Turk", ""),
    (TimeZone::Bermuda, "Atlantic/Bermuda", ""),
];

/// Other IANA names of the same clock rules.
const ALIASES: [(&str, TimeZone); 19] = [
    ("America/Detroit", TimeZone::Eastern),
    ("America/Indiana/Indianapolis", TimeZone::Eastern),
    ("America/Indianapolis", TimeZone::Eastern),
    ("America/Kentucky/Louisville", TimeZone::Eastern),
    ("America/Indiana/Knox", TimeZone::Central),
    ("America/Indiana/Tell_City", TimeZone::Central),
    ("America/Menominee", TimeZone::Central),
    ("America/North_Dakota/Center", TimeZone::Central),
    ("America/Boise", TimeZone::Mountain),
    ("America/Juneau", TimeZone::Alaska),
    ("America/Nome", TimeZone::Alaska),
    ("America/Sitka", TimeZone::Alaska),
    ("America/St_Thomas", TimeZone::PuertoRico),
    ("America/Port_of_Spain", TimeZone::PuertoRico),
    ("America/Nassau", TimeZone::Toronto),
    ("America/Cayman", TimeZone::Panama),
    ("Pacific/Saipan", TimeZone::Guam),
    ("Pacific/Samoa", TimeZone::Samoa),
    ("Pacific/Kwajalein", TimeZone::Marshall),
];

impl TimeZone {
    /// The IANA name, as stored and as a database understands it.
    #[must_use]
    pub const fn iana(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// The zone of an IANA name, also of other names for the same clock rules (`America/Boise`).
    #[must_use]
    pub fn from_iana(name: &str) -> Option<Self> {
        let main = NAMES.iter().find(|(_, iana, _)| *iana == name).map(|(zone, ..)| *zone);
        main.or_else(|| ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, zone)| *zone))
    }

    /// Every zone.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(zone, ..)| *zone)
    }

    /// The zone with this number in the order of the table.
    pub(super) fn of_number(number: u32) -> Option<Self> {
        NAMES.get(usize::try_from(number).ok()?).map(|(zone, ..)| *zone)
    }

    /// The zone of a name in the reference tables: `Atlantic-noDST`, or an IANA name.
    pub(super) fn of_reference(name: &str) -> Option<Self> {
        let found = NAMES.iter().find(|(_, _, reference)| *reference == name && !name.is_empty());
        found.map(|(zone, ..)| *zone).or_else(|| Self::from_iana(name))
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.iana())
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::from_iana(name).ok_or(UnknownTimeZone)
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.iana())
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_zones() {
        for (index, (zone, iana, _)) in NAMES.iter().enumerate() {
            assert_eq!(*zone as usize, index, "{iana}");
            assert_eq!(TimeZone::from_iana(iana), Some(*zone));
            assert_eq!(zone.iana(), *iana);
        }
    }

    #[test]
    fn names_of_the_same_clock_lead_to_one_zone() {
        assert_eq!(TimeZone::from_iana("America/Boise"), Some(TimeZone::Mountain));
        assert_eq!(TimeZone::from_iana("America/Detroit"), Some(TimeZone::Eastern));
        assert_eq!(TimeZone::of_reference("Mountain-noDST"), Some(TimeZone::Arizona));
        assert_eq!(TimeZone::of_reference(""), None);
        assert_eq!("Europe/Paris".parse::<TimeZone>(), Err(UnknownTimeZone));
    }

    #[test]
    fn it_is_its_iana_name_in_json() {
        assert_eq!(serde_json::to_string(&TimeZone::Arizona).expect("plain data"), "\"America/Phoenix\"");
        let read: TimeZone = serde_json::from_str("\"America/Denver\"").expect("a zone");
        assert_eq!(read, TimeZone::Mountain);
    }
}
