//! Records a history of every way each workflow can end, for the replay test. Run it when a workflow changes in a way
//! that runs under way would notice, and commit the new cases beside the old: a case is retired, never edited.
//!
//! `cargo run -p tests --bin record-histories -- v1` writes `tests/histories/<Workflow>/<case>-v1.json`.

use std::fs;

use ::workflows::upload::{Pace, UploadWorkflow, workflow_id};
use ::workflows::upload_undo::{self, UndoInput, UploadUndoWorkflow};
use anyhow::{Context, Result};
use temporalio_client::{WorkflowExecuteUpdateOptions, WorkflowStartOptions};
use tests::upload::{BRISK, PATIENCE};
use tests::{Services, Team, TestApp, a_team, lists, workflows};

#[tokio::main]
async fn main() -> Result<()> {
    let version = std::env::args().nth(1).context("name the version, such as v1")?;
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;

    let completed = completed(&app, &team).await?;
    keep(&app, "UploadWorkflow", &format!("completed-{version}"), &completed).await?;
    let undone = undone(&app, &team, &completed).await?;
    keep(&app, "UploadUndoWorkflow", &format!("completed-{version}"), &undone).await?;
    let unreadable = failed(&app, &team, b"%PDF-1.7 no list").await?;
    keep(&app, "UploadWorkflow", &format!("unreadable-{version}"), &unreadable).await?;
    let rejects = failed(&app, &team, b"Company Name,Phone Number,State\n,,TX\n,,NY\nAcme,,TX\n").await?;
    keep(&app, "UploadWorkflow", &format!("too-many-rejects-{version}"), &rejects).await?;
    let (app, cancelled) = cancelled().await?;
    keep(&app, "UploadWorkflow", &format!("cancelled-{version}"), &cancelled).await
}

/// Several chunks, so that the pipeline of reading and normalizing is in the history.
async fn completed(app: &TestApp, team: &Team) -> Result<String> {
    let upload = app.store_list(team, "completed.csv", &lists::list(700, 11).0).await?;
    app.refine(upload, Pace { chunk_rows: 150, ..BRISK }).await?;
    app.completed(upload, PATIENCE).await?;
    Ok(workflow_id(upload.source))
}

async fn undone(app: &TestApp, team: &Team, completed: &str) -> Result<String> {
    let source = completed.trim_start_matches("upload:").parse()?;
    let id = upload_undo::workflow_id(source);
    let input = UndoInput { team: team.id, source, user: Some(team.user) };
    let options = WorkflowStartOptions::new(app.queue(), &id).build();
    let handle = app.temporal.start_workflow(UploadUndoWorkflow::run, input, options).await?;
    handle.get_result(Default::default()).await?;
    Ok(id)
}

async fn failed(app: &TestApp, team: &Team, list: &[u8]) -> Result<String> {
    let upload = app.store_list(team, "failed.csv", list).await?;
    let handle = app.refine(upload, BRISK).await?;
    anyhow::ensure!(handle.get_result(Default::default()).await.is_err(), "this list must fail");
    Ok(workflow_id(upload.source))
}

/// Cancelled before any worker is there, so that the order of events is the same each time.
async fn cancelled() -> Result<(TestApp, String)> {
    let mut app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.store_list(&team, "cancelled.csv", &lists::list(200, 12).0).await?;
    let handle = app.refine(upload, BRISK).await?;
    let cancel = handle.execute_update(UploadWorkflow::cancel, (), WorkflowExecuteUpdateOptions::default());
    app.start_worker()?;
    cancel.await?;
    anyhow::ensure!(
        handle.get_result(Default::default()).await.is_err(),
        "a cancelled upload does not succeed"
    );
    Ok((app, workflow_id(upload.source)))
}

async fn keep(app: &TestApp, workflow: &str, case: &str, id: &str) -> Result<()> {
    let folder = workflows::recorded().join(workflow);
    fs::create_dir_all(&folder)?;
    let json = app.history(id).to_json().await?;
    fs::write(folder.join(format!("{case}.json")), json)?;
    Ok(())
}
