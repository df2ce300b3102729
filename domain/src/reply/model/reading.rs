//! What a model takes a reply for, and how much that counts.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::reply::revocation::Revocation;
use crate::reply::{Classification, Intent};

/// How sure a model may be at the most: less than the least that goes out by itself.
const MOST_CONFIDENCE: u8 = 69;

/// What a model takes a reply for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelReading {
    /// What it is taken for: one of [`CHOICES`](Self::CHOICES).
    pub intent: Intent,
    /// How surely, 0 to 69: a person reads it all the same.
    pub confidence: u8,
}

/// Why an answer is no reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModelReadingFault {
    /// It is of another shape.
    #[error("the model's answer is not of the shape that was asked for")]
    Shape,
    /// It names a meaning that it was not offered.
    #[error("the model names a meaning that it was not offered")]
    Intent,
}

impl ModelReadingFault {
    /// The word for the database and for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shape | Self::Intent => "off_schema",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    intent: String,
    confidence: f64,
}

/// Whether a model is asked: where the rules leave it to a person because they do not know. Whoever may want to be left alone,
/// whoever was reached by mistake, and what could not be read are a person's, whatever a model says.
pub fn is_unsure(said: &Classification) -> bool {
    said.needs_person
        && said.revocation == Revocation::No
        && !said.extracted.is_unreadable
        && !matches!(said.intent, Intent::WrongNumber | Intent::CalledPhoneLine | Intent::EmailCapture)
}

impl ModelReading {
    /// What a model may choose among: no address and no call, which are there or not.
    pub const CHOICES: [Intent; 11] = [
        Intent::OptOut,
        Intent::Interested,
        Intent::WrongNumber,
        Intent::NotInterested,
        Intent::ObjectionServed,
        Intent::ObjectionTiming,
        Intent::ObjectionPrice,
        Intent::ObjectionTrust,
        Intent::ThankYou,
        Intent::Question,
        Intent::Other,
    ];

    /// The schema of the answer, in the part of JSON schema that strict answers know.
    pub fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "intent": { "type": "string", "enum": Self::CHOICES.map(Intent::as_str) },
                "confidence": { "type": "integer", "description": "0 to 100" },
            },
            "required": ["intent", "confidence"],
            "additionalProperties": false,
        })
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// [`ModelReadingFault`] where it does not keep to the schema.
    pub fn from_answer(answer: &Value) -> Result<Self, ModelReadingFault> {
        // A list would be taken for the fields in their order.
        let said = Some(answer).filter(|answer| answer.is_object()).ok_or(ModelReadingFault::Shape)?;
        let said = Said::deserialize(said).map_err(|_| ModelReadingFault::Shape)?;
        let intent: Intent = said.intent.parse().map_err(|_| ModelReadingFault::Intent)?;
        if !Self::CHOICES.contains(&intent) {
            return Err(ModelReadingFault::Intent);
        }
        if !(0.0..=100.0).contains(&said.confidence) {
            return Err(ModelReadingFault::Shape);
        }
        // Within 0 and 100.
        let confidence = (said.confidence.round() as u8).min(MOST_CONFIDENCE);
        Ok(Self { intent, confidence })
    }

    /// What the reply is taken for with it. A person reads it all the same: a model's word puts a reply in its place and has an
    /// answer prepared, and releases nothing. Who wants to be left alone by its word is left alone until a person says otherwise.
    pub fn weighed(self, said: &Classification) -> Classification {
        if !is_unsure(said) || self.intent == Intent::Other {
            return said.clone();
        }
        let opted_out = self.intent == Intent::OptOut;
        Classification {
            intent: self.intent,
            confidence: self.confidence,
            revocation: if opted_out { Revocation::Likely } else { Revocation::No },
            extracted: said.extracted.clone(),
            has_interest: said.has_interest || self.intent == Intent::Interested,
            rule: format!("model.{}", self.intent),
            needs_person: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reply::{AutoReplyPolicy, ClientLine, Message, RuleBook, classify};

    fn taken(body: &str) -> Classification {
        classify(RuleBook::shipped(ClientLine::HomeownerAdvisor), &Message::text(body, None))
    }

    fn reading(intent: &str, confidence: f64) -> Result<ModelReading, ModelReadingFault> {
        ModelReading::from_answer(&json!({ "intent": intent, "confidence": confidence }))
    }

    #[test]
    fn only_what_the_rules_leave_open_is_asked() {
        assert!(is_unsure(&taken("blue")));
        for sure in ["yes please", "STOP", "take me off your list", "wrong number", "bob@gmail", "a@b.com"] {
            assert!(!is_unsure(&taken(sure)), "{sure}");
        }
    }

    #[test]
    fn what_it_says_puts_the_reply_in_its_place_and_leaves_it_to_a_person() {
        let said = reading("interested", 99.0).expect("a reading").weighed(&taken("blue"));
        assert_eq!((said.intent, said.needs_person), (Intent::Interested, true));
        assert!(said.confidence < AutoReplyPolicy::LEAST_CONFIDENCE, "nothing goes out by it");
        let said = reading("opt_out", 40.0).expect("a reading").weighed(&taken("blue"));
        assert_eq!(said.revocation, Revocation::Likely, "held until a person clears it");
        // Where rules are sure it has no say, and to know nothing changes nothing.
        let sure = taken("STOP");
        assert_eq!(reading("interested", 99.0).expect("a reading").weighed(&sure), sure);
        assert_eq!(reading("other", 99.0).expect("a reading").weighed(&taken("blue")), taken("blue"));
    }

    #[test]
    fn an_answer_off_the_schema_is_none() {
        assert_eq!(reading("email_capture", 90.0), Err(ModelReadingFault::Intent));
        assert_eq!(reading("hot", 90.0), Err(ModelReadingFault::Intent));
        for answer in [
            json!({}),
            json!({ "intent": "question" }),
            json!({ "intent": "question", "confidence": 101 }),
            json!({ "intent": "question", "confidence": "80" }),
            json!({ "intent": "question", "confidence": 80, "send": "now" }),
            json!(["question", 80]),
        ] {
            assert_eq!(ModelReading::from_answer(&answer), Err(ModelReadingFault::Shape), "{answer}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_model_says_an_opt_out_stays_one_and_nothing_is_sure(
            body in "\\PC{0,120}", at in 0..ModelReading::CHOICES.len(), confidence in 0.0f64..=100.0,
        ) {
            let rules = taken(&body);
            let said = reading(ModelReading::CHOICES[at].as_str(), confidence).expect("a reading").weighed(&rules);
            prop_assert!(!rules.revocation.suppresses() || said == rules);
            prop_assert!(said == rules || (said.needs_person && said.confidence <= MOST_CONFIDENCE));
            prop_assert_eq!(said.intent == Intent::OptOut, said.revocation.suppresses());
        }
    }
}
