//! What a model is asked, what it says, and how much that was.

use std::fmt;

use serde_json::Value;

/// A question, to be answered as JSON.
#[derive(Clone, PartialEq)]
pub struct ModelQuestion {
    /// What the model is to do, in our words.
    pub instructions: String,
    /// What it is asked about, masked.
    pub message: String,
    /// The name of the answer's schema: letters, digits, `_` and `-`.
    pub schema_name: &'static str,
    /// The schema that its answer keeps to.
    pub schema: Value,
    /// The most tokens of an answer.
    pub most_tokens: u32,
}

/// Its words are a person's.
impl fmt::Debug for ModelQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelQuestion").field("schema_name", &self.schema_name).finish_non_exhaustive()
    }
}

impl ModelQuestion {
    /// No fewer tokens than the question can be: a token is a byte at the least, and a message has a few of its own.
    pub fn most_input_tokens(&self) -> u64 {
        let bytes = self.instructions.len() + self.message.len() + self.schema.to_string().len();
        bytes as u64 + 64
    }
}

/// What a call was: the measure that models are paid by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the question.
    pub input_tokens: u64,
    /// Tokens of the answer, those of thinking included.
    pub output_tokens: u64,
}

/// What a model says.
#[derive(Clone, PartialEq)]
pub struct ModelAnswer {
    /// The answer: an object. Whether it keeps to the schema is for the caller to see; not all servers hold models to it.
    pub content: Value,
    /// What the call was, where the server says so.
    pub usage: Option<Usage>,
    /// Which model answered, as the server calls it.
    pub model: String,
}

impl fmt::Debug for ModelAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelAnswer")
            .field("model", &self.model)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}
