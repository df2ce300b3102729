//! Opting out in one's own words: "take me off your list", emoji, typos, other languages.
//!
//! The words that are an opt-out by themselves are [`opt_out`]'s and come first. What is said in sentences is
//! judged by phrases, which are data with a version (`data/replies/revocation.json`) and do not depend on the line of business:
//! the law does not either. Text that is quoted, liked or repeated from us is not the sender's word.
//!
//! Whoever is heard is suppressed at once. What is only likely is held as well, until a person has looked.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::opt_out;
use super::rule_book::RuleBookFault;
use super::wording::{Lists, Said, Unless};
use crate::gate::RuleSet;
use crate::named::named_enum;
use crate::reply::opt_out::Keyword;

named_enum! {
    /// Whether somebody wants to be left alone.
    Revocation {
        /// There is no doubt.
        Certain = "certain",
        /// A reasonable person would think so. It counts as an opt-out until a person says otherwise.
        Likely = "likely",
        /// Nothing says so.
        No = "no",
    }
}

impl Revocation {
    /// Whether whoever wrote it is suppressed.
    pub const fn suppresses(self) -> bool {
        !matches!(self, Self::No)
    }
}

/// What was heard, and by which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whether somebody wants to be left alone.
    pub revocation: Revocation,
    /// The rule that says so: `keyword`, `typo`, `footer` or the name of a rule of the data; empty where none does.
    pub rule: String,
}

/// The rules of revocation in one version.
#[derive(Debug)]
pub struct RevocationRules {
    document: Document,
    rules: Vec<Compiled>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Its name, unique among all there ever were.
    version: String,
    /// What it is, and what is not certain about it.
    note: String,
    /// Words by name, for phrases to share.
    lists: HashMap<String, Vec<String>>,
    /// The rules. All are asked; what is certain goes before what is likely.
    rules: Vec<RevocationRule>,
}

/// One rule: phrases, and what must not overlap them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RevocationRule {
    name: String,
    says: Revocation,
    /// Phrases, any of which.
    #[serde(default)]
    any: Vec<String>,
    /// Parts of words, for scripts that put no spaces between them.
    #[serde(default)]
    contains: Vec<String>,
    /// Phrases whose words mean something else.
    #[serde(default)]
    unless: Vec<String>,
}

#[derive(Debug)]
struct Compiled {
    any: Unless,
    contains: Vec<String>,
    unless: Unless,
}

/// How sure the classification of an opt-out is, of 100.
pub(super) const fn confidence(revocation: Revocation) -> u8 {
    match revocation {
        Revocation::Certain => 99,
        Revocation::Likely => 65,
        Revocation::No => 0,
    }
}

impl RevocationRules {
    /// The version that this release ships.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<RevocationRules> = LazyLock::new(|| {
            let rules = RevocationRules::from_json(include_str!("../../data/replies/revocation.json"));
            // Held by a test of this crate; without rules nobody could opt out in their own words.
            rules.expect("the rules of revocation that are compiled in are read")
        });
        &SHIPPED
    }

    /// Reads rules of revocation.
    ///
    /// # Errors
    /// [`RuleBookFault`] says what is wrong with them.
    pub fn from_json(text: &str) -> Result<Self, RuleBookFault> {
        let document: Document = serde_json::from_str(text)?;
        if document.version.trim().is_empty() {
            return Err(RuleBookFault::NoVersion);
        }
        let lists = Lists::read(&document.lists)?;
        let mut rules = Vec::with_capacity(document.rules.len());
        for rule in &document.rules {
            rules.push(Compiled {
                any: Unless::read(&rule.any, &lists)?,
                contains: rule.contains.iter().map(|part| super::wording::fold(part)).collect(),
                unless: Unless::read(&rule.unless, &lists)?,
            });
        }
        Ok(Self { document, rules })
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.document.version
    }

    /// Whether a message asks to be left alone. `asked` is what we wrote last.
    pub fn heard(&self, body: &str, asked: Option<&str>) -> Heard {
        match is_keyword(body) {
            true => Heard::by(Revocation::Certain, KEYWORD),
            false => self.heard_in(&Said::of(body, asked)),
        }
    }

    /// The same for a message that was read already.
    pub(super) fn heard_of(&self, body: &str, said: &Said) -> Heard {
        match is_keyword(body) {
            true => Heard::by(Revocation::Certain, KEYWORD),
            false => self.heard_in(said),
        }
    }

    fn heard_in(&self, said: &Said) -> Heard {
        let own = said.words.join(" ");
        if opt_out::hard_opt_out(&own).is_some() {
            return Heard::by(Revocation::Certain, KEYWORD);
        }
        let mut likely = None;
        for (rule, compiled) in self.document.rules.iter().zip(&self.rules) {
            if !compiled.is_in(said) {
                continue;
            }
            match rule.says {
                Revocation::Certain => return Heard::by(Revocation::Certain, &rule.name),
                Revocation::Likely => likely = likely.or(Some(rule.name.as_str())),
                // A rule may say what is not meant, to be read by people: it decides nothing.
                Revocation::No => {}
            }
        }
        match likely {
            Some(rule) => Heard::by(Revocation::Likely, rule),
            None if is_typo_of_stop(&own) => Heard::by(Revocation::Likely, "typo"),
            // Nothing but what we told them to answer: that may be the answer.
            None if said.repeats_footer && said.len() == 0 => Heard::by(Revocation::Likely, "footer"),
            None => Heard::by(Revocation::No, ""),
        }
    }
}

/// The rule of messages that are a word of opting out and nothing else.
const KEYWORD: &str = "keyword";

fn is_keyword(body: &str) -> bool {
    matches!(RuleSet::shipped().words().keyword(body), Some(Keyword::OptOut(_)))
}

impl Compiled {
    fn is_in(&self, said: &Said) -> bool {
        self.unless.first_beside(&self.any, &said.words, said.marks).is_some()
            || self.contains.iter().any(|part| said.folded.contains(part.as_str()))
    }
}

impl Heard {
    fn by(revocation: Revocation, rule: &str) -> Self {
        Self { revocation, rule: rule.to_owned() }
    }
}

/// By the rules of this release: whether a message asks to be left alone. `asked` is what we wrote last.
pub fn heard(body: &str, asked: Option<&str>) -> Heard {
    RevocationRules::shipped().heard(body, asked)
}

/// Words of one letter more, less or other than "stop" that are meant as they are written.
const MEANT: [&str; 12] =
    ["shop", "step", "top", "slop", "stow", "spot", "tops", "stoop", "atop", "soap", "sop", "strop"];

/// Whether a message is one word that is a slip of the thumb away from "stop".
fn is_typo_of_stop(own: &str) -> bool {
    let word: Vec<char> = own.trim_matches(|c: char| !c.is_alphanumeric()).chars().collect();
    let stop = ['s', 't', 'o', 'p'];
    if !(3..=5).contains(&word.len()) || MEANT.iter().any(|meant| meant.chars().eq(word.iter().copied())) {
        return false;
    }
    let without = |at: usize, of: &[char]| -> Vec<char> {
        of.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, c)| *c).collect()
    };
    match word.len() {
        3 => (0..4).any(|at| without(at, &stop) == word),
        4 => {
            let differs: Vec<usize> = (0..4).filter(|at| word[*at] != stop[*at]).collect();
            match differs.as_slice() {
                [_] => true,
                [one, other] => *other == one + 1 && word[*one] == stop[*other] && word[*other] == stop[*one],
                _ => false,
            }
        }
        _ => (0..5).any(|at| without(at, &word) == stop),
    }
}

#[cfg(test)]
mod tests;
