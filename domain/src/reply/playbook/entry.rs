//! The shape of a playbook in JSON.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Scene;
use crate::named::named_enum;
use crate::reply::{ClientLine, Intent, Stage, SuggestedAction};

named_enum! {
    /// How an answer is said.
    Tone {
        /// Friendly.
        Warm = "warm",
        /// Short.
        Direct = "direct",
        /// Polite.
        Formal = "formal",
    }
}

/// Words of a profile that mean a short answer.
const DIRECT: [&str; 13] = [
    "direct",
    "brief",
    "short",
    "concise",
    "bold",
    "blunt",
    "crisp",
    "punchy",
    "efficient",
    "to the point",
    "no-nonsense",
    "confident",
    "straight",
];
/// Words of a profile that mean a polite one.
const FORMAL: [&str; 9] = [
    "formal",
    "professional",
    "polite",
    "corporate",
    "respectful",
    "executive",
    "courteous",
    "businesslike",
    "serious",
];

impl Tone {
    /// The tone that a profile's own words mean; friendly where they mean none.
    pub fn of(voice: &str, tone: &str) -> Self {
        // What is said of the tone goes before what is said of the voice.
        [tone, voice].iter().find_map(|words| Self::named(words)).unwrap_or(Self::Warm)
    }

    fn named(words: &str) -> Option<Self> {
        let words = words.to_lowercase();
        let has = |list: &[&str]| list.iter().any(|word| words.contains(word));
        match () {
            // "informal" has "formal" in it.
            () if has(&["informal", "warm", "friendly", "casual", "cheerful", "kind"]) => Some(Self::Warm),
            () if has(&DIRECT) => Some(Self::Direct),
            () if has(&FORMAL) => Some(Self::Formal),
            () => None,
        }
    }
}

/// Why a text is no playbook.
#[derive(Debug, thiserror::Error)]
pub enum PlaybookFault {
    /// It is not JSON of this shape.
    #[error("this is not a playbook: {0}")]
    Shape(#[from] serde_json::Error),
    /// It has no name.
    #[error("a playbook needs a version")]
    NoVersion,
    /// A line of business has no words.
    #[error("the playbook has no words for {0}")]
    NoWords(ClientLine),
    /// A text that could not be sent.
    #[error("entry {at}: {fault}")]
    Text {
        /// Which, from 1.
        at: usize,
        /// What is wrong with it.
        fault: String,
    },
}

/// A playbook as it is written down.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Its name, unique among all there ever were.
    pub(super) version: String,
    /// What it is.
    note: String,
    /// What the lines call what they offer: the words in `<…>`.
    pub(super) lines: HashMap<ClientLine, HashMap<String, String>>,
    pub(super) entries: Vec<Entry>,
}

/// What must be in the reply for an entry to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Holds {
    /// Wants to be called.
    CallMe,
    /// Names a time.
    Time,
    /// Something that looks like an address and is none.
    Unreadable,
}

/// One case and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    intent: Intent,
    /// Only at these stages; empty: at all.
    #[serde(default)]
    stages: Vec<Stage>,
    /// Only for replies that hold all of these.
    #[serde(default)]
    holds: Vec<Holds>,
    /// How sure the answer is, of 100.
    pub(super) confidence: u8,
    /// What else to do.
    pub(super) next: SuggestedAction,
    /// For the person who approves it.
    pub(super) notes: String,
    #[serde(flatten)]
    pub(super) texts: Texts,
}

/// The same answer in three tones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Texts {
    pub(super) warm: String,
    pub(super) direct: String,
    pub(super) formal: String,
}

impl Texts {
    pub(super) fn each(&self) -> [&str; 3] {
        [&self.warm, &self.direct, &self.formal]
    }
}

impl Entry {
    pub(super) fn fits(&self, scene: &Scene<'_>) -> bool {
        let holds = |what: &Holds| match what {
            Holds::CallMe => scene.extracted.call_me,
            Holds::Time => !scene.extracted.times.is_empty(),
            Holds::Unreadable => scene.extracted.is_unreadable,
        };
        self.intent == scene.intent
            && (self.stages.is_empty() || self.stages.contains(&scene.stage))
            && self.holds.iter().all(holds)
    }

    /// How much it says about when it fits: what a reply holds counts more than the stage.
    pub(super) fn says(&self) -> usize {
        self.holds.len() * 2 + usize::from(!self.stages.is_empty())
    }
}
