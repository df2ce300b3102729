//! Pulls of a vendor's list as the tests make and watch them.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::id::PullId;
use entities::pull::{self, NewPull, Pull};
use providers::lists::ListQuestion;
use sandbox::{Sandbox, Settings, Vendor};
use serde_json::{Value, json};
use temporalio_client::WorkflowStartOptions;
use workflows::pull::{Pace, PullInput, PullRef, PullWorkflow, workflow_id};

use crate::{Services, Team, TestApp, wait_for};

/// A pace at which a lost worker is noticed soon, and a short list has several pages and runs of the workflow.
pub const BRISK: Pace = Pace {
    heartbeat_timeout_ms: 2_000,
    attempt_timeout_ms: 60_000,
    page_timeout_ms: 60_000,
    activity_timeout_ms: 120_000,
    page_records: 20,
    pages_per_run: 3,
};

/// How long a pull may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The question of the tests.
pub fn question() -> ListQuestion {
    ListQuestion { zip_codes: vec!["46601".to_owned()], ..ListQuestion::default() }
}

impl TestApp {
    /// The system without a worker, and a sandbox whose property list it may pull.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn with_list(settings: Settings) -> Result<(Self, Sandbox)> {
        let sandbox = Sandbox::start(settings).await?;
        let access = crate::vendors::access(&sandbox, &[Vendor::BatchData]);
        Ok((Self::with_vendors(Services::shared().await, access).await?, sandbox))
    }

    /// Pulls the list of [`question`] at this pace, as the API does at its own.
    ///
    /// # Errors
    /// Where the database or Temporal refuse.
    pub async fn pull(&self, team: &Team, most_pages: Option<i32>, pace: Pace) -> Result<PullId> {
        let question = question();
        let tx = self.db.team(team.id).await?;
        let new = NewPull {
            source: "batchdata".to_owned(),
            query_sig: question.signature(),
            pull_params: serde_json::to_value(&question)?,
            schedule: None,
            most_pages,
            created_by: Some(team.user),
        };
        let id = pull::create(&tx, new).await?.id.0;
        tx.commit().await?;
        let input = PullInput::new(PullRef { team: team.id, pull: id }, pace);
        let options = WorkflowStartOptions::new(self.queue(), workflow_id(id)).build();
        self.temporal.start_workflow(PullWorkflow::run, input, options).await?;
        Ok(id)
    }

    /// The row of a pull.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn pull_now(&self, team: &Team, id: PullId) -> Result<Pull> {
        let tx = self.db.team(team.id).await?;
        let pull = pull::get(&tx, id).await?;
        tx.commit().await?;
        Ok(pull)
    }

    /// Waits until a pull and its workflow have ended.
    ///
    /// # Errors
    /// Where [`PATIENCE`] ends before.
    pub async fn pulled(&self, team: &Team, id: PullId) -> Result<Pull> {
        let pull = wait_for(PATIENCE, async || {
            let pull = self.pull_now(team, id).await?;
            Ok(match pull.ended_at {
                Some(_) => ControlFlow::Break(pull),
                None => ControlFlow::Continue(format!("{id} is still {}: {pull:?}", pull.state)),
            })
        })
        .await?;
        let handle = self.temporal.get_workflow_handle::<PullWorkflow>(workflow_id(id));
        // It may have failed; that it has ended is what counts.
        drop(tokio::time::timeout(PATIENCE, handle.get_result(Default::default())).await?);
        Ok(pull)
    }

    /// Pulls the list to wherever it ends.
    ///
    /// # Errors
    /// As [`TestApp::pull`] and [`TestApp::pulled`].
    pub async fn pull_through(&self, team: &Team, most_pages: Option<i32>) -> Result<Pull> {
        let id = self.pull(team, most_pages, BRISK).await?;
        self.pulled(team, id).await
    }

    /// Asks the API for a pull and answers its id.
    ///
    /// # Errors
    /// Where it is refused.
    pub async fn ask_for_pull(&self, team: &Team, key: Option<&str>) -> Result<PullId> {
        let body = json!({ "source": "batchdata", "zip_codes": ["46601"] });
        let mut request = self.request(team, reqwest::Method::POST, "/v1/pulls").json(&body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let response = request.send().await?;
        let (status, made): (_, Value) = (response.status(), response.json().await?);
        anyhow::ensure!(status == 202, "{status}: {made}");
        Ok(made["id"].as_str().context("an id")?.parse()?)
    }
}
