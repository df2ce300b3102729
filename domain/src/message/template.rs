//! Templates of messages: text with variables in double braces, `{{first_name|there}}`.
//!
//! What cannot be sent is refused when it is saved. A single brace is a character like any other.

use std::collections::BTreeSet;

use super::opt_out_wording::says_how_to_opt_out;
use super::variable::{Values, Variable};
use crate::FailureCode;

/// The most characters of a message: what vendors take.
pub const MAX_CHARACTERS: usize = 1_600;

/// A template that was read. Its text is [`text`](Self::text), as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable { variable: Variable, fallback: Option<String> },
}

/// Why a text is no template. Places are characters from the beginning, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// Nothing to say.
    #[error("a template needs a text")]
    Empty,
    /// A name that is none of the variables.
    #[error("{name:?} at character {at} is no variable; there are {}", known())]
    UnknownVariable {
        /// What was written.
        name: String,
        /// Where its braces open.
        at: usize,
    },
    /// Braces that open and do not close.
    #[error(
        "the braces at character {at} do not close; write {{{{first_name}}}} or {{{{first_name|there}}}}"
    )]
    Unclosed {
        /// Where they open.
        at: usize,
    },
    /// Braces that close and did not open.
    #[error("the braces at character {at} close nothing")]
    Unopened {
        /// Where they are.
        at: usize,
    },
    /// Braces within braces.
    #[error("the braces at character {at} are inside others")]
    Nested {
        /// Where the inner ones open.
        at: usize,
    },
    /// Longer than vendors take, before a variable has a value.
    #[error("a message has at most {MAX_CHARACTERS} characters, this has {characters}")]
    TooLong {
        /// Its length.
        characters: usize,
    },
}

/// Why a template says nothing for one lead. Never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderFault {
    /// The lead lacks a value and the template has no fallback.
    #[error("the lead has no {0}, and the template has no fallback for it; write {{{{{0}|…}}}}")]
    MissingValue(Variable),
    /// Longer than vendors take, with this lead's values.
    #[error(
        "with this lead's values the message has {characters} characters, and at most {MAX_CHARACTERS} can be sent"
    )]
    TooLong {
        /// Its length.
        characters: usize,
    },
}

impl TemplateFault {
    /// The stable code of this failure.
    pub const fn code(&self) -> FailureCode {
        FailureCode::CampaignTemplateInvalid
    }
}

impl RenderFault {
    /// The stable code of this failure.
    pub const fn code(&self) -> FailureCode {
        FailureCode::CampaignTemplateInvalid
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateFault`] names the first fault and its place.
    pub fn parse(text: &str) -> Result<Self, TemplateFault> {
        if text.trim().is_empty() {
            return Err(TemplateFault::Empty);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let here = text.len() - rest.len();
            let (plain, braces) = match rest.find("{{") {
                Some(open) => rest.split_at(open),
                None => (rest, ""),
            };
            if let Some(close) = plain.find("}}") {
                return Err(TemplateFault::Unopened { at: place(text, here + close) });
            }
            if !plain.is_empty() {
                pieces.push(Piece::Text(plain.to_owned()));
            }
            if braces.is_empty() {
                break;
            }
            let at = place(text, here + plain.len());
            let inside = &braces[2..];
            let close = inside.find("}}").ok_or(TemplateFault::Unclosed { at })?;
            if let Some(inner) = inside[..close].find("{{") {
                return Err(TemplateFault::Nested { at: place(text, here + plain.len() + 2 + inner) });
            }
            pieces.push(variable(&inside[..close], at)?);
            rest = &inside[close + 2..];
        }
        let template = Self { text: text.to_owned(), pieces };
        match template.least_characters() {
            characters if characters > MAX_CHARACTERS => Err(TemplateFault::TooLong { characters }),
            _ => Ok(template),
        }
    }

    /// The text as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The variables it names, each once, in the order of their declaration.
    pub fn variables(&self) -> Vec<Variable> {
        let named: BTreeSet<Variable> = self.named().map(|(variable, _)| variable).collect();
        named.into_iter().collect()
    }

    /// The variables without which it cannot be sent: those that somewhere stand without a fallback.
    pub fn required(&self) -> Vec<Variable> {
        let bare = self.named().filter(|(_, fallback)| fallback.is_none());
        bare.map(|(variable, _)| variable).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The message for one lead.
    ///
    /// # Errors
    /// [`RenderFault`] when a value is missing that has no fallback, or the message gets too long.
    pub fn render(&self, values: &Values) -> Result<String, RenderFault> {
        let mut message = String::with_capacity(self.text.len());
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => message.push_str(text),
                Piece::Variable { variable, fallback } => match (values.get(*variable), fallback) {
                    (Some(value), _) => message.push_str(&value),
                    (None, Some(fallback)) => message.push_str(fallback),
                    (None, None) => return Err(RenderFault::MissingValue(*variable)),
                },
            }
        }
        match message.chars().count() {
            characters if characters > MAX_CHARACTERS => Err(RenderFault::TooLong { characters }),
            _ => Ok(message),
        }
    }

    /// What it would say of nobody in particular: fallbacks, and names of variables where there is none. For a first
    /// look at its length.
    pub fn sample(&self) -> String {
        let shown = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Variable { fallback: Some(fallback), .. } => fallback.clone(),
            Piece::Variable { variable, fallback: None } => variable.as_str().to_owned(),
        };
        self.pieces.iter().map(shown).collect()
    }

    /// Whether its own words, whatever the values, tell the reader how to opt out.
    pub fn has_opt_out_wording(&self) -> bool {
        let words: String = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                // A word that is none: what a lead is called must not complete the sentence.
                Piece::Variable { .. } => " \u{b7}value\u{b7} ",
            })
            .collect();
        says_how_to_opt_out(&words)
    }

    fn named(&self) -> impl Iterator<Item = (Variable, Option<&str>)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Variable { variable, fallback } => Some((*variable, fallback.as_deref())),
        })
    }

    /// Characters that are there whatever the values: its plain text.
    fn least_characters(&self) -> usize {
        let plain = |piece: &Piece| match piece {
            Piece::Text(text) => text.chars().count(),
            Piece::Variable { .. } => 0,
        };
        self.pieces.iter().map(plain).sum()
    }
}

/// `first_name` or `first_name|there`. An empty fallback is one: nothing is said.
fn variable(inside: &str, at: usize) -> Result<Piece, TemplateFault> {
    let (name, fallback) = match inside.split_once('|') {
        Some((name, fallback)) => (name, Some(fallback.trim().to_owned())),
        None => (inside, None),
    };
    match name.trim().parse() {
        Ok(variable) => Ok(Piece::Variable { variable, fallback }),
        Err(_) => Err(TemplateFault::UnknownVariable { name: name.trim().to_owned(), at }),
    }
}

/// Which character, from 1, begins at a byte.
fn place(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().count()) + 1
}

fn known() -> String {
    let names: Vec<&str> = Variable::ALL.iter().map(|variable| variable.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
