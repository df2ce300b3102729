//! What the pull workflow is told, tells its activities and hears back. Ids, counts, positions and the name of the vendor
//! only: the question and the records stay in the database.

use std::time::Duration;

use domain::FailureCode;
use domain::id::{PullId, TeamId};
use domain::named_enum;
use serde::{Deserialize, Serialize};

/// Which pull, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRef {
    /// The team that gets the leads and pays.
    pub team: TeamId,
    /// The pull.
    pub pull: PullId,
}

/// How long things may take, and how much is done at once. Part of the input, so that tests can make every wait short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// An activity that has not been heard of for so long is given to another worker, in milliseconds.
    pub heartbeat_timeout_ms: u64,
    /// One attempt at one activity, in milliseconds.
    pub attempt_timeout_ms: u64,
    /// All attempts at one page, in milliseconds; then the pull fails, and another goes on where it was left.
    pub page_timeout_ms: u64,
    /// All attempts at any other activity, in milliseconds.
    pub activity_timeout_ms: u64,
    /// The most records of one page. Never more than the vendor gives.
    pub page_records: u32,
    /// Pages after which the workflow continues as new, so that its history stays short.
    pub pages_per_run: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat_timeout_ms: 10_000,
            attempt_timeout_ms: 5 * 60_000,
            page_timeout_ms: 4 * 60 * 60_000,
            activity_timeout_ms: 4 * 60 * 60_000,
            page_records: 100,
            pages_per_run: 200,
        }
    }
}

impl Pace {
    pub(crate) fn heartbeat_timeout(&self) -> Duration {
        Duration::from_millis(self.heartbeat_timeout_ms)
    }
    pub(crate) fn attempt_timeout(&self) -> Duration {
        Duration::from_millis(self.attempt_timeout_ms)
    }
    pub(crate) fn page_timeout(&self) -> Duration {
        Duration::from_millis(self.page_timeout_ms)
    }
    pub(crate) fn activity_timeout(&self) -> Duration {
        Duration::from_millis(self.activity_timeout_ms)
    }
}

/// What starts a pull workflow, and what it hands to itself when it continues as new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PullInput {
    /// Which pull.
    pub pull: PullRef,
    /// How long things may take.
    #[serde(default)]
    pub pace: Pace,
    /// The vendor and the number of the next page, from 1; `None` before the first.
    #[serde(default)]
    pub next: Option<Next>,
    /// What was done before.
    #[serde(default)]
    pub progress: PullProgress,
}

impl PullInput {
    /// A pull from its beginning.
    pub fn new(pull: PullRef, pace: Pace) -> Self {
        Self { pull, pace, next: None, progress: PullProgress::default() }
    }
}

/// Which page comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// The vendor, by its word: its queue does the asking.
    pub source: String,
    /// The number of the page, from 1: one more than the bookmark.
    pub page: u32,
}

named_enum! {
    /// What ended a pull.
    Ended {
        /// A record came that an earlier way through the list had brought.
        Known = "known",
        /// There were no more.
        End = "end",
        /// As many pages as were wanted.
        Limit = "limit",
        /// A person stopped it.
        Person = "person",
        /// There was no money left.
        Budget = "budget",
        /// Something went wrong.
        Failure = "failure",
    }
}

impl Ended {
    /// The word for search attributes.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Known | Self::End | Self::Limit => "completed",
            Self::Person => "cancelled",
            Self::Budget | Self::Failure => "failed",
        }
    }
}

/// How much a pull has brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Pages fetched.
    pub pages: u32,
    /// Records in them.
    pub records: u32,
    /// Leads they made.
    pub leads_new: u32,
    /// Records whose lead was known.
    pub leads_known: u32,
}

/// Answer of `pull.begin`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginOutput {
    /// Where to begin.
    pub next: Next,
    /// What had ended the pull before it began; `None` where it is to go on.
    pub ended: Option<Ended>,
}

/// Question of `pull.fetch_page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchInput {
    /// Which pull.
    pub pull: PullRef,
    /// The number of the page, from 1.
    pub page: u32,
    /// The most records of it.
    pub page_records: u32,
}

/// Answer of `pull.fetch_page` and `pull.finish`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOutput {
    /// All the pull has brought, this page included.
    pub totals: Totals,
    /// What ended the pull; `None` where there is another page.
    pub ended: Option<Ended>,
}

/// Question of `pull.finish`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishInput {
    /// Which pull.
    pub pull: PullRef,
    /// What ended it.
    pub ended: Ended,
    /// What went wrong.
    pub code: Option<FailureCode>,
    /// The same in words; nothing of a person.
    pub detail: Option<String>,
}

/// Where the pull is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Page by page.
    #[default]
    Pages,
    /// It is being ended.
    Finish,
    /// Nothing is left to do.
    Done,
}

impl Stage {
    /// The name in search attributes, progress and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pages => "pages",
            Self::Finish => "finish",
            Self::Done => "done",
        }
    }
}

/// How far a pull is: the query `progress`, and the result of the workflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PullProgress {
    /// What is in hand.
    pub stage: Stage,
    /// The page that is being fetched, from 1.
    pub page: Option<u32>,
    /// What was brought until now.
    pub totals: Totals,
    /// Whether a person asked to stop.
    pub stop_requested: bool,
    /// What ended it.
    pub ended: Option<Ended>,
}
