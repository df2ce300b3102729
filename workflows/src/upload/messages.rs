//! What the upload workflow is told, tells its activities and hears back. Ids, counts and positions only.

use std::time::Duration;

use domain::FailureCode;
use domain::id::{DataSourceId, TeamId};
use serde::{Deserialize, Serialize};

/// Which file, whose, and which attempt at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadRef {
    /// The team that owns the file.
    pub team: TeamId,
    /// The file.
    pub source: DataSourceId,
    /// Counts the starts by a person, from 1: a retried upload is a new attempt under the same workflow id.
    pub attempt: u32,
}

/// How long things may take. Part of the input, so that tests can make every wait short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// An activity that has not been heard of for so long is given to another worker, in milliseconds.
    pub heartbeat_timeout_ms: u64,
    /// One attempt at one activity, in milliseconds.
    pub attempt_timeout_ms: u64,
    /// All attempts at one activity together, in milliseconds; then the upload fails with `upload.timeout`.
    pub activity_timeout_ms: u64,
    /// Rows of one chunk.
    pub chunk_rows: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat_timeout_ms: 10_000,
            attempt_timeout_ms: 15 * 60_000,
            activity_timeout_ms: 4 * 60 * 60_000,
            chunk_rows: 25_000,
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
    pub(crate) fn activity_timeout(&self) -> Duration {
        Duration::from_millis(self.activity_timeout_ms)
    }
}

/// What starts an upload workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadInput {
    /// Which file.
    pub upload: UploadRef,
    /// How long things may take.
    #[serde(default)]
    pub pace: Pace,
}

/// The stages in their order, by the names of their activities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Encoding, delimiter, header: is this a list at all?
    InspectFile,
    /// Rows to the database, while those before are normalized.
    StreamAndNormalize,
    /// Which business, which person, which lead each row is.
    Resolve,
    /// Score, tags, class.
    PrepareLeads,
    /// Cohorts.
    StageBlocks,
    /// Normalized rows to object storage, staging dropped.
    Archive,
    /// Nothing is left to do.
    Done,
}

impl Stage {
    /// The name in search attributes, progress and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InspectFile => "inspect_file",
            Self::StreamAndNormalize => "stream_and_normalize",
            Self::Resolve => "resolve",
            Self::PrepareLeads => "prepare_leads",
            Self::StageBlocks => "stage_blocks",
            Self::Archive => "archive",
            Self::Done => "done",
        }
    }
}

/// Answer of `upload.inspect_file`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct InspectFileOutput {
    /// Size of the object in bytes.
    pub size_bytes: u64,
    /// The share of rejected rows, 0 to 1, above which the team wants the whole file refused.
    pub reject_share: f64,
}

/// Question of `upload.stream_chunk`. Where the chunk begins is written down with the rows of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamChunkInput {
    /// Which file.
    pub upload: UploadRef,
    /// Number of the chunk, from 0.
    pub chunk: u32,
    /// How many rows to take at the most.
    pub max_rows: u32,
}

/// Answer of `upload.stream_chunk`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamChunkOutput {
    /// Number of its first row, from 1; the header is not a row.
    pub first_row: u64,
    /// Number of the row after its last.
    pub end_row: u64,
    /// Bytes from the beginning of the object to the end of the chunk.
    pub end_byte: u64,
    /// Rows found, the rejected ones among them.
    pub rows_read: u64,
    /// Rows that cannot be told apart from their neighbours or read at all.
    pub rows_rejected: u64,
    /// Whether the file ends here.
    pub end_of_file: bool,
}

/// Question of `upload.normalize_chunk`: the rows that one `stream_chunk` landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NormalizeChunkInput {
    /// Which file.
    pub upload: UploadRef,
    /// Number of the chunk, from 0.
    pub chunk: u32,
    /// Number of its first row.
    pub first_row: u64,
    /// Number of the row after its last.
    pub end_row: u64,
}

/// Answer of `upload.normalize_chunk`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NormalizeChunkOutput {
    /// Rows that go on.
    pub rows_normalized: u64,
    /// Rows set aside.
    pub rows_rejected: u64,
}

/// Answer of `upload.resolve`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveOutput {
    /// Businesses not known before.
    pub businesses: u64,
    /// People not known before.
    pub personas: u64,
}

/// Answer of `upload.prepare_leads`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepareLeadsOutput {
    /// Rows that landed on a lead of this file or an earlier one.
    pub duplicates: u64,
    /// Leads created.
    pub leads: u64,
    /// Those of them that probably decide.
    pub decision_makers: u64,
}

/// Answer of `upload.stage_blocks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageBlocksOutput {
    /// Blocks made.
    pub blocks: u64,
}

/// Answer of `upload.archive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveOutput {
    /// Size of the archived object in bytes.
    pub size_bytes: u64,
}

/// How an upload ended that did not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Something went wrong.
    Failed,
    /// A person stopped it.
    Cancelled,
}

/// Question of `upload.discard`: take away what the upload staged and say why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscardInput {
    /// Which file.
    pub upload: UploadRef,
    /// How it ended.
    pub ending: Ending,
    /// What went wrong.
    pub code: FailureCode,
    /// What happened, where, and what to do, in words; never a cell of the file.
    pub detail: String,
}

/// How far an upload is: the query `progress`, and the result of the workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UploadProgress {
    /// The stage in hand.
    pub stage: Stage,
    /// Bytes of the object that are read.
    pub bytes_read: u64,
    /// Bytes of the object.
    pub bytes_total: u64,
    /// Rows found so far, the rejected ones among them.
    pub rows_read: u64,
    /// Rows set aside so far.
    pub rows_rejected: u64,
    /// Rows that are normalized.
    pub rows_normalized: u64,
    /// Businesses not known before.
    pub businesses: u64,
    /// People not known before.
    pub personas: u64,
    /// Rows that landed on a lead of this file or an earlier one.
    pub duplicates: u64,
    /// Leads created.
    pub leads: u64,
    /// Those of them that probably decide.
    pub decision_makers: u64,
    /// Blocks made.
    pub blocks: u64,
    /// Whether somebody asked to stop.
    pub cancel_requested: bool,
}

impl Default for UploadProgress {
    fn default() -> Self {
        Self {
            stage: Stage::InspectFile,
            bytes_read: 0,
            bytes_total: 0,
            rows_read: 0,
            rows_rejected: 0,
            rows_normalized: 0,
            businesses: 0,
            personas: 0,
            duplicates: 0,
            leads: 0,
            decision_makers: 0,
            blocks: 0,
            cancel_requested: false,
        }
    }
}
