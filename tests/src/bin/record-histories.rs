//! Records a history of every way each workflow can end, for the replay test. Run it when a workflow changes in a way
//! that runs under way would notice, and commit the new cases beside the old: a case is retired, never edited.
//!
//! `cargo run -p tests --bin record-histories -- v1` writes `tests/histories/<Workflow>/<case>-v1.json`; with `PullWorkflow`
//! or `CampaignWorkflow` behind it, those of that workflow alone.

use std::fs;

use ::workflows::campaign;
use ::workflows::conversation;
use ::workflows::deliverable;
use ::workflows::enrichment::{self, EnrichmentWorkflow};
use ::workflows::pull::{self, PullWorkflow};
use ::workflows::upload::{Pace, UploadWorkflow, workflow_id};
use ::workflows::upload_undo::{self, UndoInput, UploadUndoWorkflow};
use anyhow::{Context, Result};
use sandbox::{Fault, Sandbox, Script, Vendor};
use serde_json::json;
use temporalio_client::{WorkflowExecuteUpdateOptions, WorkflowStartOptions};
use tests::campaigns::{self, Outreach};
use tests::replies::Correspondence;
use tests::upload::{BRISK, PATIENCE};
use tests::{Services, Team, TestApp, a_team, lists, pulls, vendors, workflows};

#[tokio::main]
async fn main() -> Result<()> {
    let version = std::env::args().nth(1).context("name the version, such as v1")?;
    if std::env::args().nth(2).as_deref() == Some("PullWorkflow") {
        return pulls_of(&version).await;
    }
    if std::env::args().nth(2).as_deref() == Some("CampaignWorkflow") {
        return campaigns_of(&version).await;
    }
    if std::env::args().nth(2).as_deref() == Some("ConversationWorkflow") {
        return conversations_of(&version).await;
    }
    pulls_of(&version).await?;
    campaigns_of(&version).await?;
    conversations_of(&version).await?;
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
    keep(&app, "UploadWorkflow", &format!("cancelled-{version}"), &cancelled).await?;
    let (app, enriched, held) = enriched().await?;
    keep(&app, "EnrichmentWorkflow", &format!("completed-{version}"), &enriched).await?;
    keep(&app, "EnrichmentWorkflow", &format!("held-{version}"), &held).await?;
    let (app, late) = enriched_late().await?;
    keep(&app, "EnrichmentWorkflow", &format!("late-{version}"), &late).await?;
    let (app, cancelled) = enrichment_cancelled().await?;
    keep(&app, "EnrichmentWorkflow", &format!("cancelled-{version}"), &cancelled).await
}

/// Stopped; to the end in several runs of the workflow, of which the last is kept; to something known; with a page of which
/// nobody knows what came.
async fn pulls_of(version: &str) -> Result<()> {
    const WORKFLOW: &str = "PullWorkflow";
    let (mut app, sandbox) = TestApp::with_list(sandbox::Settings::default()).await?;
    let team = a_team().create(&app.admin).await?;
    let stopped = app.pull(&team, None, pulls::BRISK).await?;
    let handle = app.temporal.get_workflow_handle::<PullWorkflow>(pull::workflow_id(stopped));
    let stop = handle.execute_update(PullWorkflow::stop, (), WorkflowExecuteUpdateOptions::default());
    app.start_worker()?;
    stop.await?;
    app.pulled(&team, stopped).await?;
    keep(&app, WORKFLOW, &format!("stopped-{version}"), &pull::workflow_id(stopped)).await?;
    let ended = app.pull_through(&team, None).await?.id.0;
    keep(&app, WORKFLOW, &format!("ended-{version}"), &pull::workflow_id(ended)).await?;
    sandbox.publish(25);
    let known = app.pull_through(&team, None).await?.id.0;
    keep(&app, WORKFLOW, &format!("known-{version}"), &pull::workflow_id(known)).await?;
    sandbox.script(Script::new(Fault::Cut { processed: true }).at(Vendor::BatchData).times(1))?;
    let failed = app.pull_through(&team, None).await?.id.0;
    keep(&app, WORKFLOW, &format!("failed-{version}"), &pull::workflow_id(failed)).await
}

/// A conversation with an edited reply, that is closed by a person, and the deliverable that it promised; one that goes
/// quiet.
async fn conversations_of(version: &str) -> Result<()> {
    const WORKFLOW: &str = "ConversationWorkflow";
    let mut all = Correspondence::new(sandbox::Settings::default()).await?;
    tests::letters::give_mail(&mut all.outreach).await?;
    all.outreach.app.worker_config.conversation_pace.rounds = 50;
    all.outreach.app.start_worker()?;
    let people = all.written_to(2).await?;
    let (_, number) = &people[0];
    all.write(number, "bob.quimby@example.com").await?;
    all.classified(number, 1).await?;
    all.write(number, "How does it work?").await?;
    let (conversation, suggestion, _) = all.suggested(number).await?;
    all.edit(conversation, suggestion, "It works like this.").await?;
    all.texted(number, 1).await;
    all.until(number, "it is sent", |look| look.suggestions.iter().any(|state| state == "sent")).await?;
    all.close(conversation).await?;
    ended(&all.outreach.app, &conversation::workflow_id(conversation)).await?;
    let app = &all.outreach.app;
    keep(app, WORKFLOW, &format!("closed-{version}"), &conversation::workflow_id(conversation)).await?;
    let (deliverable,): (uuid::Uuid,) =
        sqlx::query_as("SELECT id FROM deliverables LIMIT 1").fetch_one(app.admin.pool()).await?;
    let deliverable = deliverable::workflow_id(domain::id::TypedId::from_uuid(deliverable));
    ended(app, &deliverable).await?;
    keep(app, "DeliverableWorkflow", &format!("handed-over-{version}"), &deliverable).await?;
    // What was written for it is sent by another run of the same id.
    let owed = app.get(&all.outreach.team, "/v1/deliverables").await?;
    let id = owed["items"][0]["id"].as_str().context("a deliverable")?.to_owned();
    let (path, body) =
        (format!("/v1/deliverables/{id}/send"), serde_json::json!({ "subject": "Yours", "text": "Here." }));
    let request = app.request(&all.outreach.team, reqwest::Method::POST, &path).json(&body);
    request.send().await?.error_for_status()?;
    tests::wait_until("it is sent", tests::replies::PATIENCE, || async {
        let look = app.get(&all.outreach.team, &format!("/v1/deliverables/{id}")).await;
        look.is_ok_and(|look| look["state"] == "sent")
    })
    .await;
    ended(app, &deliverable).await?;
    keep(app, "DeliverableWorkflow", &format!("sent-{version}"), &deliverable).await?;

    let mut all = Correspondence::new(sandbox::Settings::default()).await?;
    all.outreach.app.worker_config.conversation_pace.quiet_ms = 8_000;
    all.outreach.app.start_worker()?;
    let (_, number) = all.written_to(1).await?.pop().context("somebody")?;
    all.write(&number, "thanks!").await?;
    let look = all.until(&number, "it is over", |look| look.state == "closed").await?;
    let id = conversation::workflow_id(look.id);
    ended(&all.outreach.app, &id).await?;
    keep(&all.outreach.app, WORKFLOW, &format!("quiet-{version}"), &id).await
}

/// Waits until a workflow has ended.
async fn ended(app: &TestApp, id: &str) -> Result<()> {
    let handle = app.temporal.get_workflow_handle::<temporalio_client::UntypedWorkflow>(id);
    handle.get_result(Default::default()).await.map(drop).context("the workflow did not end well")
}

/// To the last report, with a pause, new limits and an answer that got lost on the way; rejected and then cancelled.
async fn campaigns_of(version: &str) -> Result<()> {
    const WORKFLOW: &str = "CampaignWorkflow";
    let mut settings = sandbox::Settings::default();
    settings.texts.lost_replies = 0.1;
    let outreach = Outreach::with_worker(settings).await?;
    let people = outreach.people(25).await?;
    let id = outreach.create(&people, json!({ "per_minute_limit": 600 })).await?;
    outreach.release(id).await?;
    outreach.must(id, "pause").await?;
    outreach.order(&outreach.team, id, "limits", json!({ "per_minute_limit": 6_000 })).await?;
    outreach.must(id, "resume").await?;
    outreach.reaches(id, "completed", campaigns::PATIENCE).await?;
    keep(&outreach.app, WORKFLOW, &format!("completed-{version}"), &campaign::workflow_id(id)).await?;
    let people = outreach.people(3).await?;
    let id = outreach.create(&people, json!({})).await?;
    outreach.must(id, "stage").await?;
    outreach.order(&outreach.approver, id, "reject", json!({ "reason": "another time" })).await?;
    outreach.must(id, "stage").await?;
    outreach.must(id, "cancel").await?;
    keep(&outreach.app, WORKFLOW, &format!("cancelled-{version}"), &campaign::workflow_id(id)).await
}

/// Two pages of leads through two vendors; then others whose vendor's account is stopped.
async fn enriched() -> Result<(TestApp, String, String)> {
    const OWNERS: [(&str, &str); 12] = [
        ("Ann", "Quimby"),
        ("Ann", "Zelnik"),
        ("Ann", "Trudor"),
        ("Ann", "Prasot"),
        ("Ann", "Kelmon"),
        ("Ann", "Vislan"),
        ("Ann", "Hapzor"),
        ("Ann", "Gusnel"),
        ("Ann", "Wexyad"),
        ("Ann", "Crujop"),
        ("Ann", "Ruthith"),
        ("Ann", "Fimulm"),
    ];
    let sandbox = Sandbox::start(sandbox::Settings::default()).await?;
    let access = vendors::access(&sandbox, &[Vendor::Melissa, Vendor::BatchData, Vendor::Twilio]);
    let mut app = TestApp::with_vendors(Services::shared().await, access).await?;
    app.start_worker()?;
    let team = a_team().create(&app.admin).await?;
    let leads = app.owners(&team, &OWNERS).await?;
    let completed = app.enrich_through(&team, &leads).await?;
    sandbox.script(Script::new(Fault::AccountStop { reason: Default::default() }))?;
    let others: Vec<(&str, &str)> = OWNERS.iter().map(|(_, family)| ("Maria", *family)).collect();
    let leads = app.owners(&team, &others[..3]).await?;
    let held = app.enrich_through(&team, &leads).await?;
    Ok((app, enrichment::workflow_id(completed.id.0), enrichment::workflow_id(held.id.0)))
}

/// A number that comes after the page is through.
async fn enriched_late() -> Result<(TestApp, String)> {
    let mut settings = sandbox::Settings::default();
    settings.vendor_mut(Vendor::Apollo).hit_rate = 1.0;
    settings.webhook_delay = std::time::Duration::from_secs(1);
    let sandbox = Sandbox::start(settings).await?;
    let access = vendors::access(&sandbox, &[Vendor::Apollo]);
    let mut app = TestApp::with_vendors(Services::shared().await, access).await?;
    app.start_worker()?;
    let team = a_team().create(&app.admin).await?;
    app.import(&team, "late.csv", lists::list(6, 13).0).await?;
    let page = app.get(&team, "/v1/leads").await?;
    let leads = page["items"].as_array().into_iter().flatten();
    let leads = leads.filter_map(|lead| lead["id"].as_str()?.parse().ok()).collect::<Vec<_>>();
    let run = app.enrich_through(&team, &leads).await?;
    Ok((app, enrichment::workflow_id(run.id.0)))
}

/// Cancelled before any worker is there.
async fn enrichment_cancelled() -> Result<(TestApp, String)> {
    let sandbox = Sandbox::start(sandbox::Settings::default()).await?;
    let access = vendors::access(&sandbox, &[Vendor::Melissa]);
    let mut app = TestApp::with_vendors(Services::shared().await, access).await?;
    let team = a_team().create(&app.admin).await?;
    let leads = app.owners(&team, &[("Ann", "Quimby")]).await?;
    let id = app.enrich(&team, &leads, None).await?;
    let handle = app.temporal.get_workflow_handle::<EnrichmentWorkflow>(enrichment::workflow_id(id));
    let cancel =
        handle.execute_update(EnrichmentWorkflow::cancel, (), WorkflowExecuteUpdateOptions::default());
    app.start_worker()?;
    cancel.await?;
    app.enriched(&team, id).await?;
    Ok((app, enrichment::workflow_id(id)))
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
