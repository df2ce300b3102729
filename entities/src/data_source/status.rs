//! The states of a file.

use serde::{Deserialize, Serialize};

/// How far a file has come.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    sea_orm::EnumIter,
    sea_orm::DeriveActiveEnum,
)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum SourceStatus {
    /// Stored; nobody works on it yet.
    #[sea_orm(string_value = "uploaded")]
    Uploaded,
    /// On its way through the stages.
    #[sea_orm(string_value = "processing")]
    Processing,
    /// Through.
    #[sea_orm(string_value = "completed")]
    Completed,
    /// Stopped by a failure; what it had staged is gone.
    #[sea_orm(string_value = "failed")]
    Failed,
    /// Stopped by a person; what it had staged is gone.
    #[sea_orm(string_value = "cancelled")]
    Cancelled,
    /// Completed, then taken back.
    #[sea_orm(string_value = "undone")]
    Undone,
}

impl SourceStatus {
    /// The states in which something is still to come.
    pub const OPEN: [Self; 2] = [Self::Uploaded, Self::Processing];

    /// The states in which the file's content counts as here or on its way.
    pub const LIVE: [Self; 3] = [Self::Uploaded, Self::Processing, Self::Completed];

    /// The status as it is stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
        }
    }

    pub(super) const fn is_end(self) -> bool {
        !matches!(self, Self::Uploaded | Self::Processing)
    }
}

impl std::fmt::Display for SourceStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
