//! What is asked of a list.

use domain::enrichment::QuerySignature;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest list of ZIP codes that one question may have. Ours: a vendor's limit is not documented.
pub(super) const MOST_ZIP_CODES: usize = 100;

/// A question to a list, as `pulls.pull_params` keeps it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListQuestion {
    /// Only properties in these ZIP codes, five digits each; anywhere where there are none.
    pub zip_codes: Vec<String>,
    /// What else is to hold, in the vendor's own words.
    pub filters: Map<String, Value>,
    /// The order, in the vendor's own words; the vendor's default, newest first, where it is null.
    pub sort: Value,
}

impl ListQuestion {
    /// What makes two questions the same.
    pub fn signature(&self) -> QuerySignature {
        QuerySignature::of(&self.zip_codes, &Value::Object(self.filters.clone()), &self.sort)
    }
}

/// Why a question cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct QuestionError {
    /// The field of the question, as a JSON pointer.
    pub field: &'static str,
    /// What is wrong with it and what would be right.
    pub what: String,
}

impl QuestionError {
    pub(super) fn new(field: &'static str, what: impl Into<String>) -> Self {
        Self { field, what: what.into() }
    }
}
