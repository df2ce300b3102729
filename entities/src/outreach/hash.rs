//! What an approver has seen, as a hash that says what has changed since.

use std::fmt;

use sha2::{Digest, Sha256};

/// Five hashes in one text, `pv1-<audience>-<template>-<limits>-<prices>-<rules>`, 16 hex digits each: comparing two of them
/// says which part has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewHash {
    parts: [String; 5],
}

/// What the parts are about, in their order.
const NAMES: [&str; 5] = ["audience", "template", "limits", "prices", "rules"];
const VERSION: &str = "pv1";

impl PreviewHash {
    /// The hash of what was fed to the five, in the order audience, template, limits, prices, rules.
    pub fn of(parts: [Sha256; 5]) -> Self {
        let short = |hash: Sha256| {
            hash.finalize()[..8]
                .iter()
                .fold(String::with_capacity(16), |text, byte| text + &format!("{byte:02x}"))
        };
        Self { parts: parts.map(short) }
    }

    /// Reads what [`fmt::Display`] wrote; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.trim().split('-');
        if words.next() != Some(VERSION) {
            return None;
        }
        let parts =
            [words.next()?, words.next()?, words.next()?, words.next()?, words.next()?].map(str::to_owned);
        words.next().is_none().then_some(Self { parts })
    }

    /// What is different from a preview with the hash `seen`: empty where nothing is, everything where that is no hash.
    pub fn changed_since(&self, seen: &str) -> Vec<&'static str> {
        let Some(seen) = Self::read(seen) else { return NAMES.to_vec() };
        let pairs = self.parts.iter().zip(&seen.parts).zip(NAMES);
        pairs.filter(|((now, seen), _)| now != seen).map(|(_, name)| name).collect()
    }
}

impl fmt::Display for PreviewHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}-{}", self.parts.join("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(parts: [&str; 5]) -> PreviewHash {
        PreviewHash::of(parts.map(|part| Sha256::new().chain_update(part)))
    }

    #[test]
    fn it_reads_back_and_says_what_has_changed() {
        let seen = hash(["a", "b", "c", "d", "e"]);
        assert_eq!(PreviewHash::read(&seen.to_string()), Some(seen.clone()));
        let now = hash(["a", "x", "c", "d", "y"]);
        assert_eq!(now.changed_since(&seen.to_string()), ["template", "rules"]);
        assert!(seen.changed_since(&seen.to_string()).is_empty());
        for wrong in ["", "pv1", "pv2-a-b-c-d-e", "pv1-a-b-c-d-e-f"] {
            assert_eq!(seen.changed_since(wrong), NAMES, "{wrong:?}");
        }
    }
}
