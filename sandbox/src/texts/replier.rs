//! People who answer.

use serde::{Deserialize, Serialize};

/// Somebody who answers texts: `POST /texts/repliers`. The first that fits a text answers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replier {
    /// Who: a number in any of the usual forms; without it everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only texts that have this in them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containing: Option<String>,
    /// Which share of people, 0 to 1; who follows from the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// What each says to the first text, to the second, and so on; then nothing more.
    pub says: Vec<String>,
    /// How long after the text arrived.
    #[serde(default)]
    pub after_ms: u64,
    /// Whether each answer is posted twice.
    #[serde(default)]
    pub twice: bool,
}

impl Replier {
    /// Whoever has `number` says this to the first text.
    pub fn of(number: impl Into<String>, says: impl Into<String>) -> Self {
        Self {
            to: Some(number.into()),
            containing: None,
            rate: None,
            says: vec![says.into()],
            after_ms: 0,
            twice: false,
        }
    }

    /// A share of everybody says this to the first text.
    pub fn share(rate: f64, says: impl Into<String>) -> Self {
        Self { to: None, rate: Some(rate), ..Self::of("", says) }
    }
}

/// What a vendor makes of a word by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    Stop,
    Start,
    Help,
}

impl Keyword {
    /// The keyword a whole message is, whatever its case and punctuation.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let words = text.to_lowercase();
        let words = words.trim_matches(|c: char| !c.is_alphanumeric());
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        match words.as_str() {
            "stop" | "stopall" | "stop all" | "unsubscribe" | "cancel" | "end" | "quit" | "revoke"
            | "optout" | "opt out" | "opt-out" => Some(Self::Stop),
            "start" | "unstop" => Some(Self::Start),
            "help" | "info" => Some(Self::Help),
            _ => None,
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Stop => "STOP",
            Self::Start => "START",
            Self::Help => "HELP",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_whole_messages() {
        for (text, keyword) in [
            ("Stop!", Some(Keyword::Stop)),
            (" stop   ALL ", Some(Keyword::Stop)),
            ("UNSTOP", Some(Keyword::Start)),
            ("help?", Some(Keyword::Help)),
            ("stop by the office", None),
            ("YES", None),
        ] {
            assert_eq!(Keyword::of(text), keyword, "{text}");
        }
    }
}
