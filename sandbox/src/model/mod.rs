//! The model behind the vendor of chat completions: what it says to whom, as tests and people order it, and what it was asked.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the model says where it is asked about something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSays {
    /// Only of messages that have this text in them; empty: of all.
    #[serde(default)]
    pub containing: String,
    /// Only where an answer of this schema is wanted; empty: of any.
    #[serde(default)]
    pub schema: String,
    /// What it says: an object is its answer as JSON, a text is said as it is.
    pub says: Value,
}

/// Something that the model was asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelAsked {
    /// The whole body of the request.
    pub body: Value,
}

/// Where the model sits.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    papers: Mutex<Papers>,
}

#[derive(Debug, Default)]
struct Papers {
    answers: Vec<ModelSays>,
    asked: Vec<ModelAsked>,
}

impl Desk {
    /// What it says from now on; the first that fits.
    pub(crate) fn set(&self, answers: Vec<ModelSays>) {
        self.papers().answers = answers;
    }

    /// What it was asked, in order.
    pub(crate) fn asked(&self) -> Vec<ModelAsked> {
        self.papers().asked.clone()
    }

    /// Forgets what it was asked, and what it was told to say.
    pub(crate) fn forget(&self) {
        *self.papers() = Papers::default();
    }

    /// Notes what it is asked, and says something: what it was told to, or else the least that the schema allows.
    pub(crate) fn answer(&self, body: &Value, message: &str, schema: &Value) -> String {
        let mut papers = self.papers();
        papers.asked.push(ModelAsked { body: body.clone() });
        let name = schema["name"].as_str().unwrap_or_default();
        let told = papers.answers.iter().find(|says| {
            message.contains(&says.containing) && (says.schema.is_empty() || says.schema == name)
        });
        match told.map(|told| &told.says) {
            Some(Value::String(words)) => words.clone(),
            Some(answer) => answer.to_string(),
            None => least(&schema["schema"]).to_string(),
        }
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The least that a schema allows: of a choice the last, of numbers none, of texts a kind word.
fn least(schema: &Value) -> Value {
    if let Some(last) = schema["enum"].as_array().and_then(|choices| choices.last()) {
        return last.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let parts = schema["properties"].as_object();
            let filled = parts.into_iter().flatten().map(|(name, part)| (name.clone(), least(part)));
            Value::Object(filled.collect::<Map<_, _>>())
        }
        Some("array") => Value::Array(Vec::new()),
        Some("integer" | "number") => 0.into(),
        Some("boolean") => false.into(),
        _ => "Thank you for writing back.".into(),
    }
}
