//! Names that running workflows remember. A difference here breaks them, unless it only adds.

use std::collections::BTreeSet;

use anyhow::Result;
use tests::{source_tree, workflows};

/// Every `#[kind(… name = "x" …)]` of the workflows crate, as `kind x`.
fn names() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for (path, text) in source_tree::files("workflows/src", ".rs")? {
        for line in text.lines().map(str::trim) {
            for kind in ["run", "activity", "signal", "query", "update"] {
                let Some(rest) = line.strip_prefix(&format!("#[{kind}")) else { continue };
                let Some(arguments) = rest.strip_prefix('(') else {
                    assert!(
                        !rest.starts_with(']'),
                        "{path}: {line} would take its wire name from a Rust name"
                    );
                    continue;
                };
                let name = arguments.split_once("name = \"").and_then(|(_, name)| name.split_once('"'));
                let Some((name, _)) = name else {
                    panic!("{path}: {line} would take its wire name from a Rust name")
                };
                assert!(
                    names.insert(format!("{kind} {name} ({})", module(&path))),
                    "{path}: {name} is there twice"
                );
            }
        }
    }
    Ok(names)
}

fn module(path: &str) -> &str {
    path.trim_start_matches("workflows/src/").split('/').next().unwrap_or_default()
}

#[test]
fn wire_names_are_what_they_were() -> Result<()> {
    let names: Vec<_> = names()?.into_iter().collect();
    insta::assert_snapshot!(names.join("\n"), @r"
    activity campaign.change (campaign)
    activity campaign.finish (campaign)
    activity campaign.plan_page (campaign)
    activity campaign.preview (campaign)
    activity campaign.reconcile (campaign)
    activity campaign.send_batch (campaign)
    activity conversation.attend (conversation)
    activity conversation.close (conversation)
    activity conversation.consult (conversation)
    activity conversation.decide (conversation)
    activity conversation.follow_up (conversation)
    activity conversation.send_reply (conversation)
    activity deliverable.hand_over (deliverable)
    activity deliverable.send (deliverable)
    activity enrich.finish (enrichment)
    activity enrich.lookup (enrichment)
    activity enrich.merge (enrichment)
    activity enrich.plan (enrichment)
    activity enrich.verify (enrichment)
    activity pull.begin (pull)
    activity pull.fetch_page (pull)
    activity pull.finish (pull)
    activity upload.archive (upload)
    activity upload.discard (upload)
    activity upload.inspect_file (upload)
    activity upload.normalize_chunk (upload)
    activity upload.prepare_leads (upload)
    activity upload.resolve (upload)
    activity upload.stage_blocks (upload)
    activity upload.stream_chunk (upload)
    activity upload_undo.take_back (upload_undo)
    query progress (campaign)
    query progress (conversation)
    query progress (enrichment)
    query progress (pull)
    query progress (upload)
    query progress (upload_undo)
    run CampaignWorkflow (campaign)
    run ConversationWorkflow (conversation)
    run DeliverableWorkflow (deliverable)
    run EnrichmentWorkflow (enrichment)
    run PullWorkflow (pull)
    run UploadUndoWorkflow (upload_undo)
    run UploadWorkflow (upload)
    signal reply_received (conversation)
    signal vendor_result_arrived (enrichment)
    signal written (deliverable)
    update approve (campaign)
    update approve_reply (conversation)
    update cancel (campaign)
    update cancel (enrichment)
    update cancel (upload)
    update change_limits (campaign)
    update close (conversation)
    update edit_reply (conversation)
    update pause (campaign)
    update reject (campaign)
    update reject_reply (conversation)
    update release (conversation)
    update resume (campaign)
    update schedule (campaign)
    update stage (campaign)
    update stop (pull)
    update take_over (conversation)
    ");
    Ok(())
}

/// One noun and verb through every layer: the contract `upload.stream_chunk` is done in
/// `activities/src/upload/stream_chunk.rs`, and nowhere else.
#[test]
fn every_contract_has_its_file() -> Result<()> {
    for name in names()? {
        let Some(name) = name.strip_prefix("activity ").and_then(|name| name.split(' ').next()) else {
            continue;
        };
        let path = format!("activities/src/{}.rs", name.replace('.', "/"));
        source_tree::read(&path)?;
    }
    Ok(())
}

#[test]
fn every_workflow_is_known_to_the_replay() -> Result<()> {
    let run: Vec<String> = names()?
        .iter()
        .filter_map(|name| Some(name.strip_prefix("run ")?.split(' ').next()?.to_owned()))
        .collect();
    assert_eq!(run, workflows::ALL);
    let registered = source_tree::read("worker/src/run.rs")?;
    for name in run {
        assert!(
            registered.contains(&format!("register_workflow::<{name}>")),
            "the worker does not run {name}"
        );
    }
    Ok(())
}
