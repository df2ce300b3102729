//! Workflow code must replay what it did before, or running workflows break when it is deployed.

use std::collections::BTreeSet;

use ::workflows::campaign::CampaignWorkflow;
use ::workflows::codec::EncryptingCodec;
use ::workflows::conversation::ConversationWorkflow;
use ::workflows::deliverable::DeliverableWorkflow;
use ::workflows::enrichment::EnrichmentWorkflow;
use ::workflows::pull::PullWorkflow;
use ::workflows::upload::UploadWorkflow;
use ::workflows::upload_undo::UploadUndoWorkflow;
use anyhow::{Context, Result};
use temporalio_client::WorkflowHistory;
use temporalio_common::data_converters::{DataConverter, DefaultFailureConverter, PayloadConverter};
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use tests::{Services, workflows};

fn replayer() -> Result<WorkflowReplayer> {
    let converter = DataConverter::new(
        PayloadConverter::default(),
        DefaultFailureConverter::default(),
        EncryptingCodec(Services::payload_keys()?),
    );
    let options = WorkflowReplayerOptions::new()
        .register_workflow::<CampaignWorkflow>()?
        .register_workflow::<ConversationWorkflow>()?
        .register_workflow::<DeliverableWorkflow>()?
        .register_workflow::<EnrichmentWorkflow>()?
        .register_workflow::<PullWorkflow>()?
        .register_workflow::<UploadWorkflow>()?
        .register_workflow::<UploadUndoWorkflow>()?
        .data_converter(converter)
        .build();
    Ok(WorkflowReplayer::new(options)?)
}

#[test]
fn every_workflow_has_a_recorded_history() -> Result<()> {
    let recorded: BTreeSet<String> =
        workflows::histories()?.into_keys().map(|(workflow, _)| workflow).collect();
    assert_eq!(
        recorded,
        workflows::ALL.map(str::to_owned).into(),
        "cargo run -p tests --bin record-histories -- v1"
    );
    let cases: BTreeSet<String> = workflows::histories()?.into_keys().map(|(_, case)| case).collect();
    for way in ["completed", "cancelled", "unreadable", "too-many-rejects"] {
        assert!(cases.iter().any(|case| case.starts_with(way)), "no history of an upload that ends {way}");
    }
    Ok(())
}

#[tokio::test]
async fn every_recorded_history_replays() -> Result<()> {
    for ((workflow, case), json) in workflows::histories()? {
        let history = WorkflowHistory::from_json(&json).with_context(|| format!("{workflow}/{case}"))?;
        replayer()?
            .replay_workflow(history)
            .await
            .with_context(|| format!("{workflow}/{case} does not replay"))?;
    }
    Ok(())
}

/// The replay is worth something: a history that another story wrote is refused.
#[tokio::test]
async fn another_story_does_not_replay() -> Result<()> {
    let histories = workflows::histories()?;
    let (_, json) = histories
        .iter()
        .find(|((workflow, case), _)| workflow == "UploadWorkflow" && case.starts_with("completed"))
        .context("a completed upload")?;
    let altered = String::from_utf8(json.clone())?.replace("upload.resolve", "upload.rewrite");
    let history = WorkflowHistory::from_json(altered.as_bytes())?;
    assert!(replayer()?.replay_workflow(history).await.is_err(), "a renamed activity must not replay");
    Ok(())
}
