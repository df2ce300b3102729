//! Merges: two records that are one, with all it takes to take that back.
//!
//! [`merge`] folds records into survivors, thousands in one call; [`unmerge`] and [`unmerge_upload`] take merges
//! apart. A merged record leaves its table; its row of `persona_merge_history` or `business_merge_history` keeps what
//! it was and what the merge changed ([`undo`] describes the shape). There are no tombstones to filter out.
//!
//! What becomes of what belongs to the merged record:
//! - **Fields**: present beats absent; a full name beats an initial; then, where a person chose the survivor, the
//!   survivor's; what was entered by hand; the newer; the survivor's. Which value stands and by which of these rules
//!   is in `survivorship`.
//! - **Contact points and ownerships** go to the survivor. A point that both have stays one row: of the stronger
//!   evidence (verified, score, last verified), seen first and last when either was.
//! - **Leads** go to the survivor. One at a business where the survivor has a lead already is folded into it: it
//!   leaves its block and the counts, unless a campaign or a person has touched it.
//!
//! Circles cannot come to be. Each merged record has one arrow to its survivor (a unique index), survivors must be
//! alive when they become one, and a trigger refuses an arrow that ends at a merged record.

mod apart;
mod fields;
mod fold;
mod history;
mod layout;
mod leads;
mod plan;
pub mod review;
mod rows;
pub mod undo;
mod unmerge;

use domain::id::{DataSourceId, TypedId, UserId};
use serde_json::Value;
use uuid::Uuid;

pub use apart::{keep_apart, kept_apart};
pub use fold::merge;
pub(crate) use history::root_of_key;
pub use history::{MAX_SHOWN, PastMerge, past_merges, roots};
pub use unmerge::{Unmerged, unmerge, unmerge_upload};

/// What is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// People.
    Persona,
    /// Businesses.
    Business,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Persona, Self::Business];

    /// As `merge_reviews.kind` and `kept_apart.kind` have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Persona => "persona",
            Self::Business => "business",
        }
    }

    /// As `match_keys.kind` has it.
    pub const fn number(self) -> i16 {
        match self {
            Self::Persona => 1,
            Self::Business => 2,
        }
    }

    /// The id as people see it.
    pub fn render(self, id: Uuid) -> String {
        match self {
            Self::Persona => domain::id::PersonaId::from_uuid(id).to_string(),
            Self::Business => domain::id::BusinessId::from_uuid(id).to_string(),
        }
    }
}

/// Who says that two are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The import of this file; pairs that a person keeps apart are passed over.
    Import(DataSourceId),
    /// A person, who approved what an import proposed.
    Review(UserId),
    /// A person, unasked.
    Manual(UserId),
}

impl Origin {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Import(_) => "import",
            Self::Review(_) => "review",
            Self::Manual(_) => "manual",
        }
    }

    fn user(self) -> Option<Uuid> {
        match self {
            Self::Import(_) => None,
            Self::Review(user) | Self::Manual(user) => Some(user.uuid()),
        }
    }

    fn source(self) -> Option<Uuid> {
        match self {
            Self::Import(source) => Some(source.uuid()),
            Self::Review(_) | Self::Manual(_) => None,
        }
    }
}

/// One record to be folded into another.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// Who stays.
    pub survivor: Uuid,
    /// Who goes.
    pub merged: Uuid,
    /// Probability that they are one, 0 to 1; 1 where a person says so.
    pub score: f32,
    /// Sum of the match weights, in bits.
    pub weight: Option<f32>,
    /// Name and version of the rules that decided; `by hand` where none did.
    pub rule_set: String,
    /// Why, as the explanation of the engine or `{"reason": …}` of a person.
    pub evidence: Value,
}

/// What a call of [`merge`] came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merged {
    /// Records merged.
    pub merged: u64,
    /// Pairs passed over, because a person keeps them apart.
    pub kept_apart: u64,
    /// Leads that went over to survivors.
    pub leads_moved: u64,
    /// Leads folded into leads of survivors.
    pub leads_folded: u64,
}
