//! An upload as callers see it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::FailureCode;
use domain::id::{DataSourceId, MappingProfileId, UserId};
use entities::data_source::{DataSource, SourceStatus};
use entities::stage_run::StageTotal;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use workflows::upload::{self, UploadProgress};

use crate::state::AppState;

/// What came of the rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UploadCounts)]
pub(crate) struct Counts {
    /// Rows that are not blank.
    rows_read: i64,
    /// Rows set aside.
    rows_rejected: i64,
    /// Rows that landed on a lead of this file or an earlier one.
    duplicates: i64,
    /// Leads created.
    leads: i64,
    /// Those of them that probably decide.
    decision_makers: i64,
    /// Businesses not known before.
    businesses: i64,
    /// People not known before.
    personas: i64,
    /// Blocks made.
    blocks: i64,
}

/// Why an upload did not complete.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UploadFailure)]
pub(crate) struct Failure {
    /// The stable code.
    code: String,
    /// What happened, where, and what to do.
    detail: String,
}

/// How far an upload is that is being processed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = UploadProgress)]
pub(crate) struct Progress {
    /// The stage in hand.
    #[schema(example = "stream_and_normalize")]
    stage: &'static str,
    /// Bytes of the file that are read.
    bytes_read: u64,
    /// Bytes of the file.
    bytes_total: u64,
    /// Rows found so far, the rejected ones among them.
    rows_read: u64,
    /// Rows set aside so far.
    rows_rejected: u64,
    /// Rows that are normalized.
    rows_normalized: u64,
    /// Leads created so far.
    leads: u64,
    /// Blocks made so far.
    blocks: u64,
    /// Whether somebody asked to stop.
    cancel_requested: bool,
}

impl From<UploadProgress> for Progress {
    fn from(progress: UploadProgress) -> Self {
        Self {
            stage: progress.stage.as_str(),
            bytes_read: progress.bytes_read,
            bytes_total: progress.bytes_total,
            rows_read: progress.rows_read,
            rows_rejected: progress.rows_rejected,
            rows_normalized: progress.rows_normalized,
            leads: progress.leads,
            blocks: progress.blocks,
            cancel_requested: progress.cancel_requested,
        }
    }
}

/// One stage of an upload, all chunks together.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UploadStage)]
pub(crate) struct StageTime {
    /// The activity, without `upload.`.
    stage: String,
    /// Chunks that are done.
    chunks: i64,
    /// Rows they had.
    rows: i64,
    /// From the first beginning to the last end, in milliseconds.
    wall_ms: i64,
}

/// Where the rest is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UploadLinks)]
pub(crate) struct Links {
    #[serde(rename = "self")]
    itself: String,
    /// Progress as server-sent events.
    events: String,
    /// Rows set aside, to be mended and uploaded again.
    rejects: String,
    /// The normalized rows, once the upload is completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<String>,
    /// The workflow in the Temporal UI, where one is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow: Option<String>,
}

/// An uploaded file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Upload {
    #[schema(value_type = String, example = "src_01J9ZW4Q0C3T5V7X9YABCDEFGH")]
    pub(crate) id: DataSourceId,
    /// `uploaded`, `processing`, `completed`, `failed`, `cancelled` or `undone`.
    #[schema(value_type = String, example = "processing")]
    pub(crate) status: SourceStatus,
    /// What the file was called.
    pub(crate) original_name: String,
    size_bytes: i64,
    /// Of its content, in hexadecimal.
    sha256: String,
    /// Whose list it is; its leads have it too.
    #[schema(example = "list")]
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// The sector bucket it is meant for.
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket_id: Option<String>,
    /// The SIC code it is meant for.
    #[serde(skip_serializing_if = "Option::is_none")]
    sic_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    mapping_profile_id: Option<MappingProfileId>,
    /// The earlier file of the same name, of which this is a new version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    follows: Option<DataSourceId>,
    /// How often a person started it, from 1.
    attempt: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    counts: Counts,
    /// How many rows have a phone, an e-mail, an address; states, counties, cities. Once completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    stats: Option<Value>,
    /// How far it is, where it is being processed and a worker answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<Progress>,
    /// Rows set aside, by code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rejected_by_code: Option<BTreeMap<String, i64>>,
    /// Time per stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    stages: Option<Vec<StageTime>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    uploaded_by: Option<UserId>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    /// The id of its workflow in Temporal.
    workflow_id: String,
    links: Links,
    /// What can be done now.
    next_steps: Vec<String>,
}

impl Upload {
    /// The row as callers see it.
    pub(crate) fn of(state: &AppState, source: DataSource) -> Self {
        let id = source.id.0;
        let itself = path(id);
        let workflow_id = upload::workflow_id(id);
        let failure = source
            .failure_code
            .map(|code| Failure { code, detail: source.failure_detail.unwrap_or_default() });
        let next_steps = next_steps(&itself, source.status, failure.as_ref(), source.rows_rejected);
        Self {
            id,
            status: source.status,
            original_name: source.original_name,
            size_bytes: source.size_bytes,
            sha256: source.sha256,
            source: source.lead_source,
            description: source.description,
            bucket_id: source.bucket_id,
            sic_code: source.sic_code,
            mapping_profile_id: source.mapping_profile_id.map(|id| id.0),
            follows: source.follows_id.map(|id| id.0),
            attempt: source.attempt,
            failure,
            counts: Counts {
                rows_read: source.rows_read,
                rows_rejected: source.rows_rejected,
                duplicates: source.duplicates,
                leads: source.leads,
                decision_makers: source.decision_makers,
                businesses: source.businesses,
                personas: source.personas,
                blocks: source.blocks,
            },
            stats: source.stats,
            progress: None,
            rejected_by_code: None,
            stages: None,
            uploaded_by: source.uploaded_by.map(|id| id.0),
            created_at: source.created_at,
            started_at: source.started_at,
            completed_at: source.completed_at,
            updated_at: source.updated_at,
            links: Links {
                events: format!("{itself}/events"),
                rejects: format!("{itself}/rejects.csv"),
                archive: source.archive_key.map(|_| format!("{itself}/normalized.csv.gz")),
                workflow: state.workflow_url(&workflow_id),
                itself,
            },
            workflow_id,
            next_steps,
        }
    }

    /// The same with what the stages took.
    pub(crate) fn with_stages(mut self, totals: Vec<StageTotal>) -> Self {
        let time = |total: StageTotal| StageTime {
            stage: total.stage,
            chunks: total.chunks,
            rows: total.rows,
            wall_ms: total.wall_ms,
        };
        self.stages = Some(totals.into_iter().map(time).collect());
        self
    }
}

/// The path of an upload.
pub(crate) fn path(id: DataSourceId) -> String {
    format!("/v1/uploads/{id}")
}

fn next_steps(itself: &str, status: SourceStatus, failure: Option<&Failure>, rejected: i64) -> Vec<String> {
    let mut steps = match status {
        SourceStatus::Uploaded | SourceStatus::Processing => {
            vec![format!("GET {itself}/events to watch it"), format!("POST {itself}/cancel to stop it")]
        }
        SourceStatus::Completed => vec![
            "GET /v1/blocks to see the blocks it made".to_owned(),
            format!("GET {itself}/normalized.csv.gz for its rows as they were understood"),
            format!("POST {itself}/undo to take it back"),
        ],
        SourceStatus::Failed => {
            let columns =
                failure.is_some_and(|failure| failure.code == FailureCode::UploadMissingColumns.as_str());
            let with = if columns { " with a mapping_profile that names its columns" } else { "" };
            vec![format!("POST {itself}/retry{with}")]
        }
        SourceStatus::Cancelled => vec![format!("POST {itself}/retry to start it again")],
        SourceStatus::Undone => vec!["POST /v1/uploads to load it again".to_owned()],
    };
    if rejected > 0 {
        steps.push(format!("GET {itself}/rejects.csv, mend the rows and upload that file"));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_file_without_columns_is_to_be_retried_with_a_profile() {
        let failure = Failure { code: "upload.missing_columns".into(), detail: String::new() };
        let steps = next_steps("/v1/uploads/x", SourceStatus::Failed, Some(&failure), 3);
        assert!(steps[0].starts_with("POST /v1/uploads/x/retry with a mapping_profile"), "{steps:?}");
        assert!(steps[1].contains("rejects.csv"));
    }

    #[test]
    fn every_status_has_a_next_step() {
        for status in [
            SourceStatus::Uploaded,
            SourceStatus::Processing,
            SourceStatus::Completed,
            SourceStatus::Failed,
            SourceStatus::Cancelled,
            SourceStatus::Undone,
        ] {
            assert!(!next_steps("/x", status, None, 0).is_empty(), "{status}");
        }
    }
}
