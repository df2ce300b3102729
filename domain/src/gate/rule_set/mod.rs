//! What the gate goes by, as data with a version: the house's hours and caps, the law of each state with the dates on which it
//! came and went, holidays, grounds of consent, and the words of opting out.
//!
//! A rule set is JSON; the one that is shipped is `data/gate_rules.json`. A correction of the law is a new version of the data,
//! beside the old one, and stored inputs can be judged by either. Sources stand with the data.

mod data;
mod holiday;
mod law;
mod span;

use std::fmt;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};

use self::data::{Document, Grounds};
use self::law::{Law, StateLaws};
use super::{LineType, Mailbox, Place, RecentSends};
use crate::campaign::ConsentBasis;
use crate::geo::{State, TimeZone};
use crate::reply::opt_out::Words;

pub(crate) use data::WordLists;
pub(super) use law::LawHours;
pub use span::Span;

/// The rules of the gate in one version.
#[derive(Debug, Clone)]
pub struct RuleSet {
    document: Document,
    laws: Vec<StateLaws>,
    not_covered: u128,
    words: Words,
}

/// The name of a version, cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RuleSetVersion(Arc<str>);

/// Why a text is no rule set.
#[derive(Debug, thiserror::Error)]
pub enum RuleSetFault {
    /// It is not JSON of this shape.
    #[error("this is not a rule set: {0}")]
    Shape(#[from] serde_json::Error),
    /// It has no name.
    #[error("a rule set needs a version")]
    NoVersion,
    /// Hours that never come, which would stop everything.
    #[error("the hours of the house and of federal law have nothing in common")]
    NeverOpen,
    /// More in a day than is remembered, or none.
    #[error("a limit of messages in 24 hours is 1 to {most}, not {0}", most = RecentSends::KEPT)]
    Cap(u8),
    /// A list of holidays that is nowhere given.
    #[error("{state} closes on the holidays of {list:?}, and there is no such list")]
    NoSuchHolidays {
        /// The state that names it.
        state: &'static str,
        /// What it names.
        list: String,
    },
    /// A keyword that no reply could be.
    #[error("{0:?} is no keyword: after it is normalized nothing is left, or another word")]
    Word(String),
}

impl RuleSet {
    /// The version that this release ships.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<RuleSet> = LazyLock::new(|| {
            let rules = RuleSet::from_json(include_str!("../../../data/gate_rules.json"));
            // Held by a test of this crate; without rules nothing could be judged at all.
            rules.expect("the rule set that is compiled in is one")
        });
        &SHIPPED
    }

    /// Reads a rule set.
    ///
    /// # Errors
    /// [`RuleSetFault`] says what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, RuleSetFault> {
        let document: Document = serde_json::from_str(text)?;
        if document.version.trim().is_empty() {
            return Err(RuleSetFault::NoVersion);
        }
        if document.house.and(document.federal).is_empty() {
            return Err(RuleSetFault::NeverOpen);
        }
        check_cap(document.caps.most_in_24h)?;
        let mut laws: Vec<StateLaws> = State::all().map(|_| StateLaws::default()).collect();
        for law in &document.states {
            if let Some(cap) = law.most_in_24h {
                check_cap(cap)?;
            }
            let read = Law::of(law, &document.holidays)?;
            if let Some(of_state) = laws.get_mut(law.state.index()) {
                of_state.push(read);
            }
        }
        let not_covered = document.safe.not_covered.iter().fold(0, |bits, state| bits | 1 << state.index());
        let words = Words::new(&document.words).map_err(RuleSetFault::Word)?;
        Ok(Self { document, laws, not_covered, words })
    }

    /// The rule set as JSON, as [`from_json`](Self::from_json) reads it.
    ///
    /// # Errors
    /// None that is known: it is plain data.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&self.document)
    }

    /// Its version.
    pub fn version(&self) -> RuleSetVersion {
        self.document.version.clone()
    }

    /// From when on it is the one that counts.
    pub const fn effective_from(&self) -> DateTime<Utc> {
        self.document.effective_from
    }

    /// The words of opting out and in.
    pub const fn words(&self) -> &Words {
        &self.words
    }

    /// The hours of the house, in the recipient's time.
    pub const fn house(&self) -> Span {
        self.document.house
    }

    /// The hours of federal law, in the recipient's time.
    pub const fn federal(&self) -> Span {
        self.document.federal
    }

    /// The hours that are right wherever in the contiguous states somebody is, and in whose zone they are told.
    pub const fn safe(&self) -> (TimeZone, Span) {
        (self.document.safe.zone, self.document.safe.hours)
    }

    /// Whether the safe hours are not right in this state.
    pub(super) const fn is_beyond_safe(&self, state: State) -> bool {
        self.not_covered >> state.index() & 1 == 1
    }

    /// The laws that hold for a message to somebody in a place on a date, each with its state.
    pub(super) fn laws_for(
        &self,
        place: Place,
        b2b: bool,
        date: NaiveDate,
    ) -> impl Iterator<Item = (State, &Law)> {
        place.states().flat_map(move |state| {
            let laws = self.laws.get(state.index()).map_or(&[][..], StateLaws::all);
            let holds = move |law: &&Law| {
                law.is_in_force(date)
                    && !(law.b2b_exempt && b2b)
                    && (!law.residents_only || place.may_reside_in(state))
            };
            laws.iter().filter(holds).map(move |law| (state, law))
        })
    }

    /// Messages to one recipient in 24 hours, where no state allows fewer.
    pub(super) const fn most_in_24h(&self) -> u8 {
        self.document.caps.most_in_24h
    }

    /// Messages that may follow a first one unanswered.
    pub(super) const fn most_follow_ups(&self) -> u8 {
        self.document.caps.follow_ups
    }

    /// Whether a line takes texts.
    pub(super) fn takes_texts(&self, line: LineType) -> bool {
        self.document.line_types.contains(&line)
    }

    /// Whether e-mail goes to an address of this kind.
    pub(super) fn takes_mail(&self, mailbox: Mailbox) -> bool {
        self.document.mailboxes.contains(&mailbox)
    }

    /// What a basis of consent is good for; `None` where it is none by these rules.
    pub(super) fn grounds(&self, basis: ConsentBasis) -> Option<&Grounds> {
        self.document.consent.iter().find(|grounds| grounds.basis == basis)
    }
}

const fn check_cap(cap: u8) -> Result<(), RuleSetFault> {
    if cap == 0 || cap > RecentSends::KEPT { Err(RuleSetFault::Cap(cap)) } else { Ok(()) }
}

impl RuleSetVersion {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn trim(&self) -> &str {
        self.0.trim()
    }
}

impl fmt::Display for RuleSetVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RuleSetVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for RuleSetVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(String::deserialize(deserializer)?.into()))
    }
}

#[cfg(test)]
mod tests;
