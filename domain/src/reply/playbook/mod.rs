//! The copilot without a model: what to answer, by stage and intent, in the voice of whoever writes.
//!
//! A playbook is data with a version (`data/replies/playbook.json`): for each case the same answer in three tones, what to do
//! next and a remark for the person who approves. The tone of the profile chooses the text, the other two are its
//! alternatives. Texts are templates of messages, so that a lead's name is put in when it is sent, and go out in at most two
//! parts of GSM 03.38.

mod entry;

use std::collections::HashMap;
use std::sync::LazyLock;

use self::entry::{Document, Entry, Texts};
pub use self::entry::{PlaybookFault, Tone};
use super::{ClientLine, Extracted, Intent, Stage, SuggestedAction};
use crate::FailureCode;
use crate::message::{Encoding, Segments, Template, plain_quotes};

/// The most parts a suggestion is sent in.
pub const MOST_PARTS: u32 = 2;
/// The longest signature that is put under an answer.
const MOST_SIGNATURE: usize = 40;

/// What is answered, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'s> {
    /// For whom the campaign asks.
    pub line: ClientLine,
    /// How far the conversation is.
    pub stage: Stage,
    /// What the reply was taken for.
    pub intent: Intent,
    /// How surely, of 100.
    pub confidence: u8,
    /// What it holds.
    pub extracted: &'s Extracted,
    /// How whoever writes sounds, in the words of the profile.
    pub voice: &'s str,
    /// In which tone, in the words of the profile.
    pub tone: &'s str,
    /// What is put under the text; may be empty.
    pub signature: &'s str,
}

/// An answer that is proposed. Its texts are templates of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What to answer.
    pub text: String,
    /// Two other ways of saying it.
    pub alternatives: [String; 2],
    /// How sure it is, of 100: never surer than what the reply was taken for.
    pub confidence: u8,
    /// What else to do.
    pub next_action: SuggestedAction,
    /// For the person who approves it.
    pub notes: String,
    /// Whether it speaks against an objection or a no: of these a conversation gets few.
    pub is_rebuttal: bool,
}

/// Why nothing is suggested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSuggestion {
    /// They want to be left alone.
    #[error("they want to be left alone: nothing is answered")]
    OptedOut,
    /// The number is somebody else's, who never agreed to anything.
    #[error("the number is somebody else's: nothing is answered, and the number is taken from the lead")]
    WrongPerson,
    /// The playbook has nothing for it.
    #[error("the playbook has no answer to {0} at the stage {1}; write one by hand")]
    NoEntry(Intent, Stage),
}

impl NoSuggestion {
    /// The remark on the reply, if it is one that something could be done about.
    pub const fn flag(self) -> Option<FailureCode> {
        match self {
            Self::OptedOut | Self::WrongPerson => None,
            Self::NoEntry(..) => Some(FailureCode::CopilotContextMissing),
        }
    }
}

/// A playbook in one version.
#[derive(Debug)]
pub struct Playbook {
    document: Document,
}

impl Playbook {
    /// The version that this release ships.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Playbook> = LazyLock::new(|| {
            let playbook = Playbook::from_json(include_str!("../../../data/replies/playbook.json"));
            // Held by a test of this crate.
            playbook.expect("the playbook that is compiled in is read")
        });
        &SHIPPED
    }

    /// Reads a playbook. Every text is tried for every line: what could not be sent is refused now.
    ///
    /// # Errors
    /// [`PlaybookFault`] says what is wrong with it.
    pub fn from_json(text: &str) -> Result<Self, PlaybookFault> {
        let document: Document = serde_json::from_str(text)?;
        if document.version.trim().is_empty() {
            return Err(PlaybookFault::NoVersion);
        }
        let playbook = Self { document };
        for line in ClientLine::ALL {
            let words = playbook.words(*line)?;
            for (at, entry) in playbook.document.entries.iter().enumerate() {
                for text in entry.texts.each() {
                    check(&filled(text, words)).map_err(|fault| PlaybookFault::Text { at: at + 1, fault })?;
                }
            }
        }
        Ok(playbook)
    }

    /// Its version.
    pub fn version(&self) -> &str {
        &self.document.version
    }

    fn words(&self, line: ClientLine) -> Result<&HashMap<String, String>, PlaybookFault> {
        self.document.lines.get(&line).ok_or(PlaybookFault::NoWords(line))
    }

    /// Of the entries that fit, the one that says most about when it does.
    fn entry(&self, scene: &Scene<'_>) -> Option<&Entry> {
        let fitting = self.document.entries.iter().filter(|entry| entry.fits(scene));
        // The first of equals: `max_by_key` would take the last.
        fitting.rev().max_by_key(|entry| entry.says())
    }
}

/// What to answer in a scene.
///
/// # Errors
/// [`NoSuggestion`] says why nothing is to be answered.
pub fn suggest(playbook: &Playbook, scene: &Scene<'_>) -> Result<Suggestion, NoSuggestion> {
    match scene.intent {
        Intent::OptOut => return Err(NoSuggestion::OptedOut),
        Intent::WrongNumber => return Err(NoSuggestion::WrongPerson),
        _ => {}
    }
    let nothing = NoSuggestion::NoEntry(scene.intent, scene.stage);
    let entry = playbook.entry(scene).ok_or(nothing)?;
    let words = playbook.words(scene.line).map_err(|_| nothing)?;
    let Texts { warm, direct, formal } = &entry.texts;
    let [text, first, second] = match Tone::of(scene.voice, scene.tone) {
        Tone::Warm => [warm, direct, formal],
        Tone::Direct => [direct, warm, formal],
        Tone::Formal => [formal, warm, direct],
    }
    .map(|text| signed(filled(text, words), scene.signature));
    Ok(Suggestion {
        text,
        alternatives: [first, second],
        confidence: entry.confidence.min(scene.confidence),
        next_action: entry.next,
        notes: filled(&entry.notes, words),
        is_rebuttal: scene.intent.is_pushback(),
    })
}

/// A text with the words of the line in their places.
fn filled(text: &str, words: &HashMap<String, String>) -> String {
    words.iter().fold(text.to_owned(), |text, (name, word)| text.replace(&format!("<{name}>"), word))
}

/// A text with the signature under it, where that can be sent and does not make it longer than it may be.
fn signed(text: String, signature: &str) -> String {
    let plain = plain_quotes(signature).unwrap_or_else(|| signature.to_owned());
    let name = plain.replace(['{', '}', '\n', '\r'], "");
    let name = name.trim();
    let with = format!("{text} - {name}");
    let fits = !name.is_empty() && name.chars().count() <= MOST_SIGNATURE && check(&with).is_ok();
    if fits { with } else { text }
}

/// Whether a text can be sent as it should be.
pub(super) fn check(text: &str) -> Result<(), String> {
    let template = Template::parse(text).map_err(|fault| fault.to_string())?;
    if let Some(variable) = template.required().first() {
        return Err(format!("{variable} needs a fallback"));
    }
    if text.contains(['<', '>']) {
        return Err(format!("a word in <…> that its line does not have: {text}"));
    }
    let segments = Segments::of(&template.sample());
    match segments {
        Segments { encoding: Encoding::Ucs2, .. } => Err(format!("a character that makes it UCS-2: {text}")),
        Segments { parts, .. } if parts > MOST_PARTS => {
            Err(format!("{parts} parts, {MOST_PARTS} at most: {text}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
