//! What the replies to a line of business are taken for, as data with a version.
//!
//! A rule book is JSON: lists of words, and rules of phrases, each with the intent it speaks for and how sure it is. Those that
//! are shipped are made of what all lines share (`data/replies/common.json`) and what each has of its own; a rule of the line
//! takes the place of a shared one of the same name. A team's own book is one whole document.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::wording::{Lists, PatternFault, Said, Unless};
use super::{ClientLine, Intent};
use crate::named::named_enum;

named_enum! {
    /// What else a rule says of a reply, beside what it is taken for.
    Mark {
        /// Wants to be called.
        CallMe = "call_me",
        /// The number is somebody else's.
        WrongNumber = "wrong_number",
        /// A word of interest is in it.
        Interest = "interest",
    }
}

/// One rule of a book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, unique in the book: what a classification says it was made by.
    pub name: String,
    /// What it takes a reply for; `None` where it only marks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
    /// How sure it is, of 100.
    #[serde(default)]
    pub confidence: u8,
    /// Phrases, any of which.
    pub any: Vec<String>,
    /// Phrases whose words mean something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// What else it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// For whom.
    line: ClientLine,
    /// Its name, unique among all there ever were.
    version: String,
    /// What it is.
    note: String,
    /// Below this a person reads it.
    threshold: u8,
    lists: HashMap<String, Vec<String>>,
    rules: Vec<Rule>,
}

/// What all lines share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    lists: HashMap<String, Vec<String>>,
    rules: Vec<Rule>,
}

/// A rule book in one version.
#[derive(Debug)]
pub struct RuleBook {
    document: Document,
    compiled: Vec<(Unless, Unless)>,
}

/// Why a text is no rule book.
#[derive(Debug, thiserror::Error)]
pub enum RuleBookFault {
    /// It is not JSON of this shape.
    #[error("this is not a rule book: {0}")]
    Shape(#[from] serde_json::Error),
    /// It has no name.
    #[error("a rule book needs a version")]
    NoVersion,
    /// A phrase that is none.
    #[error(transparent)]
    Phrase(#[from] PatternFault),
    /// Two rules that would be taken for each other.
    #[error("there are two rules with the name {0:?}")]
    Twice(String),
    /// Surer than sure, or a threshold that nothing or everything passes.
    #[error("{name:?} is {confidence} of 100 sure: 1 to 100 is wanted")]
    Confidence {
        /// The rule, or `threshold`.
        name: String,
        /// What it says.
        confidence: u8,
    },
    /// What is decided before the rules are asked.
    #[error("{0:?} takes replies for {1}, which is not decided by phrases")]
    NotByPhrases(String, Intent),
}

/// A rule that fits a reply.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit<'b> {
    pub(super) rule: &'b Rule,
}

impl RuleBook {
    /// The book that this release ships for a line.
    pub fn shipped(line: ClientLine) -> &'static Self {
        static SHIPPED: LazyLock<Vec<RuleBook>> = LazyLock::new(|| {
            let common = include_str!("../../../data/replies/common.json");
            let of_line = |line: &ClientLine| {
                let own = match line {
                    ClientLine::HomeownerAdvisor => {
                        include_str!("../../../data/replies/homeowner_advisor.json")
                    }
                    ClientLine::RealEstate => include_str!("../../../data/replies/real_estate.json"),
                    ClientLine::DealSourcing => include_str!("../../../data/replies/deal_sourcing.json"),
                    ClientLine::WhiteLabel => include_str!("../../../data/replies/white_label.json"),
                };
                // Held by a test of this crate; without a book nothing could be told apart.
                RuleBook::with_shared(own, common).expect("the rule books that are compiled in are read")
            };
            ClientLine::ALL.iter().map(of_line).collect()
        });
        let at = ClientLine::ALL.iter().position(|one| *one == line).unwrap_or_default();
        &SHIPPED[at]
    }

    /// Reads a whole book.
    ///
    /// # Errors
    /// [`RuleBookFault`] says what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, RuleBookFault> {
        Self::read(serde_json::from_str(text)?)
    }

    /// The whole book as JSON, as [`from_json`](Self::from_json) reads it: where a team's own begins.
    ///
    /// # Errors
    /// None that is known: it is plain data.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&self.document)
    }

    fn with_shared(own: &str, shared: &str) -> Result<Self, RuleBookFault> {
        let mut document: Document = serde_json::from_str(own)?;
        let Shared { lists, rules } = serde_json::from_str(shared)?;
        for (name, words) in lists {
            document.lists.entry(name).or_insert(words);
        }
        let own: Vec<String> = document.rules.iter().map(|rule| rule.name.clone()).collect();
        document.rules.extend(rules.into_iter().filter(|rule| !own.contains(&rule.name)));
        Self::read(document)
    }

    fn read(document: Document) -> Result<Self, RuleBookFault> {
        if document.version.trim().is_empty() {
            return Err(RuleBookFault::NoVersion);
        }
        check("threshold", document.threshold)?;
        let lists = Lists::read(&document.lists)?;
        let mut compiled = Vec::with_capacity(document.rules.len());
        for (at, rule) in document.rules.iter().enumerate() {
            if document.rules[..at].iter().any(|before| before.name == rule.name) {
                return Err(RuleBookFault::Twice(rule.name.clone()));
            }
            if let Some(intent) = rule.intent {
                check(&rule.name, rule.confidence)?;
                if matches!(
                    intent,
                    Intent::OptOut | Intent::EmailCapture | Intent::CalledPhoneLine | Intent::Other
                ) {
                    return Err(RuleBookFault::NotByPhrases(rule.name.clone(), intent));
                }
            }
            compiled.push((Unless::read(&rule.any, &lists)?, Unless::read(&rule.unless, &lists)?));
        }
        Ok(Self { document, compiled })
    }

    /// For whom.
    pub const fn line(&self) -> ClientLine {
        self.document.line
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.document.version
    }

    /// How sure a classification must be, of 100, or a person reads the reply.
    pub const fn threshold(&self) -> u8 {
        self.document.threshold
    }

    /// Its rules, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.document.rules
    }

    /// The rules that fit a reply.
    pub(super) fn fits<'b>(&'b self, said: &Said) -> Vec<Fit<'b>> {
        let each = self.document.rules.iter().zip(&self.compiled);
        each.filter(|(_, (any, unless))| unless.first_beside(any, &said.words, said.marks).is_some())
            .map(|(rule, _)| Fit { rule })
            .collect()
    }
}

fn check(name: &str, confidence: u8) -> Result<(), RuleBookFault> {
    match confidence {
        1..=100 => Ok(()),
        _ => Err(RuleBookFault::Confidence { name: name.to_owned(), confidence }),
    }
}

#[cfg(test)]
mod tests;
