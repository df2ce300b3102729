//! Telephone lines: everything that is true of a number follows from the number, so that all vendors say the same.

use serde::{Deserialize, Serialize};

use super::area_codes::{CANADA, UNITED_STATES};
use super::chance::Chance;
use super::names::{CARRIERS, VOIP_CARRIERS, WIRED_CARRIERS};

/// What kind of line it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A mobile phone.
    Mobile,
    /// A wire to a building.
    Landline,
    /// Voice over the internet at one place.
    FixedVoip,
    /// Voice over the internet, anywhere.
    NonFixedVoip,
}

/// A telephone line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Ten digits. Area codes are real, the exchange is 555, and none of the numbers is in anybody's hands; those kept
    /// for films (555-0100 to 555-0199) are left out, since the system is right to take them for placeholders.
    pub number: String,
    /// What kind of line it is.
    pub kind: LineKind,
    /// Who operates it.
    pub carrier: String,
    /// Whether somebody answers.
    pub connected: bool,
    /// Whether it is on the national do-not-call list.
    pub dnc: bool,
    /// Whether it belongs to somebody who sues over calls.
    pub tcpa: bool,
}

impl Line {
    /// The line of a number, ten digits.
    pub(crate) fn of(seed: u64, number: &str) -> Self {
        let mut chance = Chance::of(seed, &["line", number]);
        let (kind, carriers): (_, &[&str]) = match chance.below(100) {
            0..62 => (LineKind::Mobile, &CARRIERS),
            62..84 => (LineKind::Landline, &WIRED_CARRIERS),
            84..90 => (LineKind::FixedVoip, &VOIP_CARRIERS),
            _ => (LineKind::NonFixedVoip, &VOIP_CARRIERS),
        };
        Self {
            number: number.to_owned(),
            kind,
            carrier: chance.pick(carriers).to_owned(),
            connected: chance.happens(0.9),
            dnc: chance.happens(0.15),
            tcpa: chance.happens(0.03),
        }
    }

    /// The number with its country: +15125550234.
    pub(crate) fn e164(&self) -> String {
        format!("+1{}", self.number)
    }
}

/// A number nobody has.
pub(crate) fn draw_number(chance: &mut Chance) -> String {
    let area = UNITED_STATES[chance.below(UNITED_STATES.len() as u64) as usize];
    let line = match chance.between(200, 9_999) {
        1_212 => 1_213,
        line => line,
    };
    format!("{area}555{line:04}")
}

/// Whether a number of ten digits is Canadian.
pub(crate) fn is_canadian(number: &str) -> bool {
    number.get(..3).and_then(|area| area.parse().ok()).is_some_and(|area: u16| CANADA.contains(&area))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_well_formed_and_nobodys() {
        for at in 0..5_000_u32 {
            let number = draw_number(&mut Chance::of(7, &[&at.to_string()]));
            assert_eq!(number.len(), 10, "{number}");
            assert_eq!(&number[3..6], "555", "{number}");
            assert!(!number[6..].starts_with("01") && &number[6..] != "1212", "{number}");
        }
    }

    #[test]
    fn a_number_is_of_one_kind() {
        assert_eq!(Line::of(1, "2125550234"), Line::of(1, "2125550234"));
    }
}
