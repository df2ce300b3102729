//! One question is one call, whoever asks it and however many do at once.

use anyhow::Result;
use sandbox::{Sandbox, Settings, Vendor};
use std::time::Duration;
use tests::{Services, TestApp, WorkerProcess, a_team};

use super::{introduce, scene};

#[tokio::test]
async fn two_workers_and_two_runs_pay_once() -> Result<()> {
    let latency = Settings::default().with_latency(Duration::from_millis(150));
    let (app, team, sandbox) = scene(latency, &[Vendor::BatchData]).await?;
    let other = worker::Thread::start(app.worker_config.clone())?;
    let names: Vec<(String, String)> =
        (0..25).map(|number| ("Ann".to_owned(), format!("Quim{}by", char::from(b'a' + number)))).collect();
    let names: Vec<(&str, &str)> =
        names.iter().map(|(given, family)| (given.as_str(), family.as_str())).collect();
    for (number, name) in names.iter().enumerate() {
        introduce(&sandbox, number, *name, &[Vendor::BatchData]);
    }
    let leads = app.owners(&team, &names).await?;
    let (one, two) = (app.enrich(&team, &leads, None).await?, app.enrich(&team, &leads, None).await?);
    for id in [one, two] {
        let run = app.enriched(&team, id).await?;
        assert_eq!((run.state.as_str(), run.leads, run.on_hold), ("completed", 25, 0), "{run:?}");
    }
    let ledger = sandbox.ledger();
    let batchdata = ledger.vendor(Vendor::BatchData);
    assert_eq!(batchdata.paid_again(), Vec::<&str>::new());
    assert!(batchdata.subjects.values().all(|subject| subject.asked == 1), "{:?}", batchdata.subjects);
    assert_eq!(batchdata.subjects.len(), 25);
    let spent = "SELECT coalesce(sum(settled_micros), 0)::bigint FROM provider_calls WHERE team_id = $1";
    assert_eq!(app.count(&team, spent).await?.cast_unsigned(), ledger.micro_dollars);
    other.stop().await?;
    Ok(())
}

/// The same with two processes, which share no memory: each works off its own queue, so each does one of the runs.
#[tokio::test]
async fn two_processes_pay_once() -> Result<()> {
    let latency = Settings::default().with_latency(Duration::from_millis(1_500));
    let sandbox = Sandbox::start(latency).await?;
    let access = tests::vendors::access(&sandbox, &[Vendor::BatchData]);
    let mut app = TestApp::with_vendors(Services::shared().await, access).await?;
    let team = a_team().create(&app.admin).await?;
    let names: Vec<(String, String)> =
        (0..25).map(|number| ("Ann".to_owned(), format!("Quim{}by", char::from(b'a' + number)))).collect();
    let names: Vec<(&str, &str)> =
        names.iter().map(|(given, family)| (given.as_str(), family.as_str())).collect();
    for (number, name) in names.iter().enumerate() {
        introduce(&sandbox, number, *name, &[Vendor::BatchData]);
    }
    let leads = app.owners(&team, &names).await?;
    let (warm_up, leads) = leads.split_at(2);

    // Both are up when each has done something.
    let queues = [app.worker_config.task_queue.clone(), format!("{}-b", app.worker_config.task_queue)];
    let mut processes = Vec::new();
    for (queue, lead) in queues.iter().zip(warm_up) {
        app.worker_config.task_queue.clone_from(queue);
        processes.push(WorkerProcess::spawn(env!("CARGO_BIN_EXE_test-worker"), &app)?);
        app.enrich_through(&team, &[*lead]).await?;
    }
    let before = sandbox.ledger().vendor(Vendor::BatchData).requests;
    let mut runs = Vec::new();
    for queue in &queues {
        app.worker_config.task_queue.clone_from(queue);
        runs.push(app.enrich(&team, leads, None).await?);
    }
    for id in runs {
        let run = app.enriched(&team, id).await?;
        assert_eq!((run.state.as_str(), run.leads, run.on_hold), ("completed", 23, 0), "{run:?}");
    }
    let ledger = sandbox.ledger();
    let batchdata = ledger.vendor(Vendor::BatchData);
    assert!(batchdata.requests > before);
    assert!(batchdata.subjects.values().all(|subject| subject.asked == 1), "{:?}", batchdata.subjects);
    assert_eq!(batchdata.subjects.len(), 25);
    // They were at it at once: each run was under way before any of their calls was answered.
    let overlap = "SELECT count(*) FROM provider_calls c WHERE c.team_id = $1 AND c.answered_at >
                   (SELECT max(started_at) FROM enrichments WHERE team_id = $1)";
    assert_eq!(app.count(&team, overlap).await?, 23);
    let spent = "SELECT coalesce(sum(settled_micros), 0)::bigint FROM provider_calls WHERE team_id = $1";
    assert_eq!(app.count(&team, spent).await?.cast_unsigned(), ledger.micro_dollars);
    Ok(())
}
