//! What a language model may say about a reply, where a team has one and the rules are unsure.
//!
//! The model is an adviser and decides nothing: what it is asked is masked ([`masked`]), what it reads is weighed
//! ([`ModelReading`]), what it writes is looked at like a template of a stranger ([`drafted`]), and a person releases it. What it
//! is told to do is data with a version (`data/replies/model.json`).

mod draft;
mod mask;
mod reading;

pub use draft::{DraftFault, drafted};
pub use mask::masked;
pub use reading::{ModelReading, ModelReadingFault, is_unsure};

use std::sync::LazyLock;

use serde::Deserialize;

/// What a model is told to do, in one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelInstructions {
    /// Its name, unique among all there ever were.
    pub version: String,
    /// How to read.
    pub reading: String,
    /// How to write.
    pub writing: String,
}

impl ModelInstructions {
    /// The version that this release ships.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<ModelInstructions> = LazyLock::new(|| {
            let instructions = serde_json::from_str(include_str!("../../../data/replies/model.json"));
            // Held by a test of this module.
            instructions.expect("the instructions that are compiled in are read")
        });
        &SHIPPED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Intent;

    #[test]
    fn the_instructions_name_every_meaning_that_a_model_may_choose() {
        let shipped = ModelInstructions::shipped();
        assert!(!shipped.version.is_empty() && !shipped.writing.is_empty());
        for intent in ModelReading::CHOICES {
            assert!(shipped.reading.contains(intent.as_str()), "{intent}");
        }
        assert!(!ModelReading::CHOICES.contains(&Intent::EmailCapture), "an address is read, not guessed");
    }
}
