//! Tags of a lead: `key:value`, one value per key, so that tags cannot contradict each other.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{LeadFacts, Priority};
use crate::FailureCode;

/// Longest key or value, in bytes.
const WORD_MAX: usize = 60;

/// Why a list of tags was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// Two values of one key.
    #[error("{key}:{one} and {key}:{other} contradict each other; keep one of them")]
    Conflict {
        /// The key that both have.
        key: String,
        /// The value that came first.
        one: String,
        /// The value that came second.
        other: String,
    },
    /// Not of the form `key:value`.
    #[error(
        "{0:?} is not a tag; write key:value like size:small, with letters, digits, '-' and '_', at most 60 each"
    )]
    Malformed(String),
}

impl TagError {
    /// The stable code, for the kind of error that has one.
    pub const fn code(&self) -> Option<FailureCode> {
        match self {
            Self::Conflict { .. } => Some(FailureCode::PrepareTagConflict),
            Self::Malformed(_) => None,
        }
    }
}

/// Tags by key. Two tags of one key cannot be in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagSet(BTreeMap<String, String>);

impl TagSet {
    /// Reads hand-written tags. Letters become lower-case; a tag given twice is one tag.
    ///
    /// # Errors
    /// [`TagError::Conflict`] for two values of one key, [`TagError::Malformed`] for what is not `key:value`.
    pub fn parse<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Self, TagError> {
        let mut set = Self::default();
        for tag in tags {
            let malformed = || TagError::Malformed(tag.to_owned());
            let lower = tag.trim().to_ascii_lowercase();
            let (key, value) = lower.split_once(':').ok_or_else(malformed)?;
            if !is_word(key) || !is_word(value) {
                return Err(malformed());
            }
            match set.0.insert(key.to_owned(), value.to_owned()) {
                Some(one) if one != value => {
                    return Err(TagError::Conflict { key: key.to_owned(), one, other: value.to_owned() });
                }
                _ => {}
            }
        }
        Ok(set)
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// These tags, with those in place of the ones that have the same key.
    #[must_use]
    pub fn overlaid_with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The tags as the database stores them, `key:value` by key.
    pub fn to_vec(&self) -> Vec<String> {
        self.0.iter().map(|(key, value)| format!("{key}:{value}")).collect()
    }

    /// How many tags there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a key to what is left of `value` as a word, if anything is.
    fn set(&mut self, key: &str, value: &str) {
        let word = slug(value);
        if !word.is_empty() {
            self.0.insert(key.to_owned(), word);
        }
    }
}

/// The tags that follow from what is known of a lead: its line of business (the subsector's slug or name),
/// its size and the priority of its score. What is unknown has no tag.
pub fn tags(facts: LeadFacts, industry: Option<&str>, score: u8) -> TagSet {
    let mut set = TagSet::default();
    if let Some(industry) = industry {
        set.set("industry", industry);
    }
    if let Some(band) = facts.size_band() {
        set.set("size", band.as_str());
    }
    set.set("priority", Priority::of(score).as_str());
    set
}

fn is_word(text: &str) -> bool {
    (1..=WORD_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Lower-case letters and digits, whatever else is between them as one `-`.
fn slug(text: &str) -> String {
    let mut word = String::with_capacity(text.len().min(WORD_MAX));
    for part in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        if !word.is_empty() {
            word.push('-');
        }
        word.push_str(&part.to_ascii_lowercase());
    }
    word.truncate(WORD_MAX);
    word.truncate(word.trim_end_matches('-').len());
    word
}

impl fmt::Display for TagSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_vec().join(" "))
    }
}

impl Serialize for TagSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.to_vec())
    }
}

impl<'de> Deserialize<'de> for TagSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tags = Vec::<String>::deserialize(deserializer)?;
        Self::parse(tags.iter().map(String::as_str)).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_say_industry_size_and_priority() {
        let set = tags(LeadFacts::SIZE_LOW, Some("Plumbing & Heating"), 90);
        assert_eq!(set.to_string(), "industry:plumbing-heating priority:high size:small");
        assert_eq!(tags(LeadFacts::NONE, None, 10).to_string(), "priority:low");
        assert_eq!(tags(LeadFacts::NONE, Some(" & "), 60).to_string(), "priority:medium");
    }

    #[test]
    fn two_values_of_one_key_are_a_conflict() {
        let refused = TagSet::parse(["size:small", "priority:high", "Size:large"]).expect_err("a conflict");
        assert_eq!(refused.code(), Some(FailureCode::PrepareTagConflict));
        assert!(refused.to_string().contains("size:small and size:large"), "{refused}");
        assert_eq!(TagSet::parse(["size:small", " SIZE:small"]).map(|set| set.len()), Ok(1));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        let long = format!("key:{}", "x".repeat(61));
        for wrong in ["", "small", ":small", "size:", "size:very small", "a:b:c", "größe:klein", &long] {
            let refused = TagSet::parse([wrong]).expect_err("no tag");
            assert_eq!((refused.code(), refused), (None, TagError::Malformed(wrong.to_owned())));
        }
    }

    #[test]
    fn a_hand_written_tag_takes_the_place_of_the_computed_one() {
        let hand = TagSet::parse(["size:large", "campaign:spring"]).expect("tags");
        let set = tags(LeadFacts::SIZE_LOW, None, 80).overlaid_with(hand);
        assert_eq!(set.to_string(), "campaign:spring priority:high size:large");
        assert_eq!(set.get("size"), Some("large"));
    }

    proptest! {
        #[test]
        fn computed_tags_read_back(
            bits in any::<u32>(), industry in prop::option::of(".{0,90}"), score in 0..=100u8,
        ) {
            let set = tags(LeadFacts::from_bits(bits), industry.as_deref(), score);
            let written = set.to_vec();
            prop_assert_eq!(TagSet::parse(written.iter().map(String::as_str)), Ok(set.clone()));
            let json = serde_json::to_string(&set).expect("a list of texts");
            prop_assert_eq!(serde_json::from_str::<TagSet>(&json).expect("its own output"), set);
        }

        #[test]
        fn reading_never_panics_and_never_keeps_two_of_a_key(
            tags in prop::collection::vec("[a-c]:[a-c]|.{0,6}", 0..6),
        ) {
            if let Ok(set) = TagSet::parse(tags.iter().map(String::as_str)) {
                let written = set.to_vec();
                let mut keys: Vec<_> = written.iter().map(|tag| tag.split(':').next()).collect();
                keys.dedup();
                prop_assert_eq!(keys.len(), set.len());
            }
        }
    }
}
