//! The states, the District, the territories, the freely associated states and the military "states" of the USPS.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fold::Folded;
use super::zip::Zip5;
use super::zip_tables;
use crate::table;

/// A state by its USPS abbreviation; the order is alphabetical by abbreviation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct State(u8);

/// What kind of place a [`State`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateKind {
    /// One of the fifty.
    State,
    /// The District of Columbia.
    District,
    /// A territory, such as Puerto Rico.
    Territory,
    /// A freely associated state with USPS delivery: Micronesia, the Marshall Islands, Palau.
    Associated,
    /// A military address (AA, AE, AP): the mail's route, not where the person is.
    Military,
}

/// The text names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a US state; deliver the two letters or the full name")]
pub struct UnknownState;

struct Row {
    usps: &'static str,
    name: &'static str,
    kind: StateKind,
}

struct States {
    rows: Vec<Row>,
    by_name: HashMap<Box<str>, State>,
    /// By two letters, `(first - 'a') * 26 + (second - 'a')`.
    by_letters: Box<[Option<State>]>,
}

impl State {
    /// Reads an abbreviation, a full name, or a common alternate (`Calif.`, `N. Car.`, `Wash DC`). Case, spaces
    /// and punctuation do not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(state) = abbreviated(text.as_bytes()) {
            return Some(state);
        }
        let folded = Folded::of(text);
        let key = folded.as_str();
        abbreviated(key.as_bytes()).or_else(|| named(key))
    }

    /// The state a ZIP belongs to; `None` for a prefix the USPS has not assigned.
    #[must_use]
    pub fn of_zip(zip: Zip5) -> Option<Self> {
        zip_tables::state_of(zip)
    }

    /// Every state, in order of abbreviation.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).take(STATES.rows.len()).map(Self)
    }

    /// The two letters of the USPS: `"NY"`.
    #[must_use]
    pub fn abbreviation(self) -> &'static str {
        self.row().map_or("", |row| row.usps)
    }

    /// The full name: `"New York"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// What kind of place it is.
    #[must_use]
    pub fn kind(self) -> StateKind {
        self.row().map_or(StateKind::State, |row| row.kind)
    }

    /// A number from 0, dense, for arrays; not for storage.
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    // A `State` is only made from the table, so its row is always there.
    fn row(self) -> Option<&'static Row> {
        STATES.rows.get(self.index())
    }
}

/// The state of two letters.
fn abbreviated(letters: &[u8]) -> Option<State> {
    let [first, second] = *letters else { return None };
    if !first.is_ascii_alphabetic() || !second.is_ascii_alphabetic() {
        return None;
    }
    let index = letters_index(first.to_ascii_lowercase(), second.to_ascii_lowercase());
    STATES.by_letters.get(index).copied().flatten()
}

fn named(key: &str) -> Option<State> {
    STATES.by_name.get(key).copied()
}

const fn letters_index(first: u8, second: u8) -> usize {
    (first.wrapping_sub(b'a') as usize) * 26 + second.wrapping_sub(b'a') as usize
}

static STATES: LazyLock<States> = LazyLock::new(|| {
    let mut states = States {
        rows: Vec::new(),
        by_name: HashMap::new(),
        by_letters: vec![None; 26 * 26].into_boxed_slice(),
    };
    for [usps, name, kind, alternates] in table::rows(include_str!("../../data/states.csv")) {
        let kind = match kind {
            "state" => StateKind::State,
            "district" => StateKind::District,
            "territory" => StateKind::Territory,
            "associated" => StateKind::Associated,
            "military" => StateKind::Military,
            _ => continue,
        };
        let Ok(index) = u8::try_from(states.rows.len()) else { continue };
        states.rows.push(Row { usps, name, kind });
        for alternate in table::list(alternates).chain([name, usps]) {
            let folded = Folded::of(alternate);
            if folded.as_str().len() >= 2 {
                states.by_name.insert(folded.as_str().into(), State(index));
            }
        }
        if let [first, second] = Folded::of(usps).as_str().as_bytes()
            && let Some(slot) = states.by_letters.get_mut(letters_index(*first, *second))
        {
            *slot = Some(State(index));
        }
    }
    states
});

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.abbreviation())
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.abbreviation())
    }
}

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(UnknownState)
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.abbreviation())
    }
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_states_and_the_rest() {
        let count = |kind| State::all().filter(|state| state.kind() == kind).count();
        assert_eq!(count(StateKind::State), 50);
        assert_eq!(count(StateKind::District), 1);
        assert_eq!(count(StateKind::Territory), 6);
        assert_eq!(count(StateKind::Associated), 3);
        assert_eq!(count(StateKind::Military), 3);
    }

    #[test]
    fn every_state_reads_back_from_its_abbreviation_and_its_name() {
        for state in State::all() {
            assert_eq!(State::parse(state.abbreviation()), Some(state), "{state}");
            assert_eq!(State::parse(&state.abbreviation().to_lowercase()), Some(state), "{state}");
            assert_eq!(State::parse(&state.name().to_uppercase()), Some(state), "{state}");
        }
    }

    #[test]
    fn lists_write_states_in_many_ways() {
        for (text, expected) in [
            ("Calif.", "CA"),
            ("n.y.", "NY"),
            (" New  York ", "NY"),
            ("newyork", "NY"),
            ("N. Car.", "NC"),
            ("Wash DC", "DC"),
            ("Washington, D.C.", "DC"),
            ("Wash.", "WA"),
            ("Puerto Rico", "PR"),
            ("U.S. Virgin Islands", "VI"),
            ("APO AE", "AE"),
            ("Penna.", "PA"),
            ("TX 75001", "TX"),
        ] {
            assert_eq!(State::parse(text).map(State::abbreviation), Some(expected), "{text}");
        }
        for text in ["", "  ", "ZZ", "Ontario", "12345", "T", "Texarkana", "é", "N/A", "A-", "1A"] {
            assert_eq!(State::parse(text), None, "{text}");
        }
    }

    #[test]
    fn it_is_its_abbreviation_in_json() {
        let state = State::parse("New Mexico").expect("a state");
        assert_eq!(serde_json::to_string(&state).expect("plain data"), "\"NM\"");
        assert_eq!(serde_json::from_str::<State>("\"nm\"").expect("a state"), state);
        assert!(serde_json::from_str::<State>("\"XX\"").is_err());
    }
}
