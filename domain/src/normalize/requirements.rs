//! What a row must have to be used, and what is said when it has not.

use std::fmt;

use crate::FailureCode;
use crate::listing::ListingField;
use crate::named::UnknownName;

/// The fields a mapping profile requires of every row, beyond the rule that holds for all: a row names a
/// company or a person, or has an e-mail address or a phone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirements {
    fields: Vec<ListingField>,
}

impl Requirements {
    /// No more than the rule that holds for all.
    pub const fn none() -> Self {
        Self { fields: Vec::new() }
    }

    /// Each of `fields` must be there *and* usable: a required phone that is no number rejects the row.
    pub fn new(fields: impl IntoIterator<Item = ListingField>) -> Self {
        Self { fields: fields.into_iter().collect() }
    }

    /// The same from the names a mapping profile stores.
    ///
    /// # Errors
    /// A name that no field has.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownName> {
        let fields = names.into_iter().map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { fields })
    }

    /// The required fields.
    pub fn fields(&self) -> &[ListingField] {
        &self.fields
    }
}

/// Why a row cannot be used. Becomes a row of `rejected_rows`, beside line, byte and the raw row.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {column}: expected {expected}")]
pub struct Rejection {
    /// Always of severity reject.
    pub code: FailureCode,
    /// The field at fault, by its snake_case name, or `row` when it is the whole of it.
    pub column: &'static str,
    /// What would have done.
    pub expected: &'static str,
    /// What was there. May be personal data: for the person who uploaded the file, not for logs.
    pub got: String,
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("code", &self.code)
            .field("column", &self.column)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}
