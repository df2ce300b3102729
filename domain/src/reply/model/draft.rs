//! What a model writes, looked at as a stranger's template is: what could not be sent, says what nobody knows, or leads elsewhere
//! is not shown to anybody.

use serde::Deserialize;
use serde_json::{Value, json};

use super::mask::masked;
use crate::message::plain_quotes;
use crate::reply::playbook;

/// Why a model's text is not proposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftFault {
    /// It is of another shape.
    #[error("the model's answer is not of the shape that was asked for")]
    Shape,
    /// It could not be sent: no template, too long, or letters that texts do not have.
    #[error("the model's text could not be sent: {0}")]
    Unsendable(String),
    /// It has a link, an address, a number or a sum in it, or what was masked.
    #[error("the model's text has a link, an address, a number, a sum or a masked word in it")]
    Invented,
}

impl DraftFault {
    /// The word for the database and for logs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Shape => "off_schema",
            Self::Unsendable(_) => "unsendable",
            Self::Invented => "invented",
        }
    }

    /// The schema that an answer keeps to.
    pub fn schema() -> Value {
        json!({
            "type": "object",
            "properties": { "text": { "type": "string" } },
            "required": ["text"],
            "additionalProperties": false,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    text: String,
}

/// The template in a model's answer, if it can be proposed.
///
/// # Errors
/// [`DraftFault`] says why it cannot.
pub fn drafted(answer: &Value) -> Result<String, DraftFault> {
    // A list would be taken for the fields in their order.
    let said = Some(answer).filter(|answer| answer.is_object()).ok_or(DraftFault::Shape)?;
    let said = Said::deserialize(said).map_err(|_| DraftFault::Shape)?;
    let text = said.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = plain_quotes(&text).unwrap_or(text);
    playbook::check(&text).map_err(DraftFault::Unsendable)?;
    // What masking would take out of it, it had from nowhere; what was masked must not come back.
    let invents = masked(&text, &[]) != text || text.contains(['[', ']', '$', '%']);
    if invents { Err(DraftFault::Invented) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Result<String, DraftFault> {
        drafted(&json!({ "text": text }))
    }

    #[test]
    fn a_plain_answer_is_proposed_in_letters_that_texts_have() {
        assert_eq!(
            draft("Hi {{first_name|there}}, that\u{2019}s fine.\nWhat would help?").as_deref(),
            Ok("Hi {{first_name|there}}, that's fine. What would help?")
        );
    }

    #[test]
    fn what_could_not_be_sent_or_is_from_nowhere_is_not() {
        for text in ["", "Hi {{first_name}}", "Hi {{mother|x}}", "Great \u{1f600}", &"long ".repeat(80)] {
            assert!(matches!(draft(text), Err(DraftFault::Unsendable(_))), "{text}");
        }
        for text in [
            "See www.acme.com",
            "Look at https://a.b/c",
            "Write to me@acme.com",
            "Call 312-555-0188",
            "You get $500",
            "You get 20% more",
            "Hi [name]",
            "We pay 450,000",
        ] {
            assert_eq!(draft(text), Err(DraftFault::Invented), "{text}");
        }
        assert_eq!(drafted(&json!({ "text": "Hi", "send": true })), Err(DraftFault::Shape));
        assert_eq!(drafted(&json!({ "answer": "Hi" })), Err(DraftFault::Shape));
    }
}
