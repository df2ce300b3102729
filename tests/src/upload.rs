//! Sending lists through: over HTTP as everybody does, or from stored object on, with waits made short.

use std::ops::ControlFlow;
use std::time::Duration;

use ::workflows::upload::{self, Pace, UploadInput, UploadRef, UploadWorkflow};
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use chrono::Utc;
use domain::id::DataSourceId;
use entities::data_source::{self, DataSource, NewDataSource, SourceStatus};
use entities::{fresh_id, stage_run};
use providers::object_store::ObjectKey;
use reqwest::{Method, Response};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use temporalio_client::{Client, WorkflowHandle, WorkflowStartOptions};

use crate::{Team, TestApp, wait_for, wait_until};

/// How long an import of a test's small list may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A pace at which a lost worker is noticed soon, and a small list has several chunks.
pub const BRISK: Pace = Pace {
    heartbeat_timeout_ms: 2_000,
    attempt_timeout_ms: 60_000,
    activity_timeout_ms: 600_000,
    chunk_rows: 500,
};

impl TestApp {
    /// Posts a list as `name`. `query` begins with `&` where there is any.
    ///
    /// # Errors
    /// Where the API does not answer at all.
    pub async fn post_list(
        &self,
        team: &Team,
        name: &str,
        query: &str,
        list: impl Into<Bytes>,
    ) -> Result<Response> {
        let path = format!("/v1/uploads?filename={name}{query}");
        let request = self.request(team, Method::POST, &path).header("content-type", "text/csv");
        Ok(request.body(list.into()).send().await?)
    }

    /// Posts a list that must be taken, and answers its id.
    ///
    /// # Errors
    /// Where it is not taken.
    pub async fn upload(&self, team: &Team, name: &str, list: impl Into<Bytes>) -> Result<String> {
        self.upload_with(team, name, "", list).await
    }

    /// As [`TestApp::upload`], with more to say in the query.
    ///
    /// # Errors
    /// Where it is not taken.
    pub async fn upload_with(
        &self,
        team: &Team,
        name: &str,
        query: &str,
        list: impl Into<Bytes>,
    ) -> Result<String> {
        let response = self.post_list(team, name, query, list).await?;
        let status = response.status();
        let body: Value = response.json().await?;
        if status != 202 {
            bail!("{name} was not taken: {status} {body}");
        }
        Ok(body["id"].as_str().context("an id")?.to_owned())
    }

    /// Waits until an upload has come to an end, good or bad, and answers what the API says of it.
    ///
    /// # Errors
    /// Where the API fails, or [`PATIENCE`] ends.
    pub async fn settled(&self, team: &Team, id: &str) -> Result<Value> {
        wait_for(PATIENCE, async || {
            let upload = self.get(team, &format!("/v1/uploads/{id}")).await?;
            Ok(match upload["status"].as_str().unwrap_or_default() {
                status @ ("uploaded" | "processing") => {
                    ControlFlow::Continue(format!("{id} is still {status}: {upload}"))
                }
                _ => ControlFlow::Break(upload),
            })
        })
        .await
    }

    /// Waits until a chunk of the upload is normalized: of a small list, all its rows.
    pub async fn normalized(&self, team: &Team, source: DataSourceId) {
        wait_until("its rows are normalized", PATIENCE, async || {
            let Ok(tx) = self.db.team(team.id).await else { return false };
            let runs = stage_run::list(&tx, source).await;
            runs.is_ok_and(|runs| runs.iter().any(|run| run.stage == "normalize_chunk"))
        })
        .await;
    }

    /// Posts a list and waits until it is completed.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn import(&self, team: &Team, name: &str, list: impl Into<Bytes>) -> Result<Value> {
        let id = self.upload(team, name, list).await?;
        let upload = self.settled(team, &id).await?;
        if upload["status"] != "completed" {
            bail!("{name} was not completed: {upload}");
        }
        Ok(upload)
    }

    /// Stores a list as the API would, without starting anything.
    ///
    /// # Errors
    /// Where storage or database fail.
    pub async fn store_list(&self, team: &Team, name: &str, list: &[u8]) -> Result<UploadRef> {
        let source: DataSourceId = fresh_id();
        let key = ObjectKey::raw_upload(team.id, Utc::now().date_naive(), name, source);
        self.store.put(&key, list.to_vec(), "application/octet-stream").await?;
        let tx = self.db.team(team.id).await?;
        let new = NewDataSource {
            id: source,
            original_name: name.to_owned(),
            object_key: key.as_str().to_owned(),
            metadata_key: key.raw_upload_metadata()?.as_str().to_owned(),
            size_bytes: list.len() as u64,
            sha256: hex::encode(Sha256::digest(list)),
            lead_source: data_source::LIST.to_owned(),
            description: None,
            bucket_id: None,
            sic_code: None,
            mapping_profile_id: None,
            enrich: false,
            follows_id: None,
            uploaded_by: Some(team.user),
        };
        data_source::insert(&tx, new).await?;
        tx.commit().await?;
        Ok(UploadRef { team: team.id, source, attempt: 1 })
    }

    /// Starts the workflow of a stored list at a pace of the test's choice.
    ///
    /// # Errors
    /// Where Temporal refuses.
    pub async fn refine(
        &self,
        upload: UploadRef,
        pace: Pace,
    ) -> Result<WorkflowHandle<Client, UploadWorkflow>> {
        let options = WorkflowStartOptions::new(self.queue(), upload::workflow_id(upload.source)).build();
        self.temporal.start_workflow(UploadWorkflow::run, UploadInput { upload, pace }, options).await?;
        Ok(self.temporal.get_workflow_handle(upload::workflow_id(upload.source)))
    }

    /// The row of an upload.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn source(&self, upload: UploadRef) -> Result<DataSource> {
        let tx = self.db.team(upload.team).await?;
        let source = data_source::get(&tx, upload.source).await?;
        tx.commit().await?;
        Ok(source)
    }

    /// Waits until a stored list is completed.
    ///
    /// # Errors
    /// Where it ends otherwise, or `patience` ends.
    pub async fn completed(&self, upload: UploadRef, patience: Duration) -> Result<DataSource> {
        wait_for(patience, async || {
            // A database that a test has killed is asked again.
            match self.source(upload).await {
                Ok(source) if source.status == SourceStatus::Completed => Ok(ControlFlow::Break(source)),
                Ok(source) if !SourceStatus::OPEN.contains(&source.status) => {
                    bail!(
                        "{} is {}: {:?} {:?}",
                        upload.source,
                        source.status,
                        source.failure_code,
                        source.failure_detail
                    )
                }
                answer => {
                    Ok(ControlFlow::Continue(format!("{} is not completed: {answer:?}", upload.source)))
                }
            }
        })
        .await
    }
}
