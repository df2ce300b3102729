//! The same question again: only what is new is added, and what was left is gone on with.

use anyhow::Result;
use reqwest::Method;
use sandbox::{Settings, Vendor};
use serde_json::json;
use tests::TestApp;
use tests::a_team;
use tests::faults::{FaultyWorker, Mischief};

use super::{LIST, assert_bill, bookmark, leads, scene};

#[tokio::test]
async fn it_stops_at_the_first_known_record_and_adds_what_is_new() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    let first = app.pull_through(&team, None).await?;
    assert_eq!((first.ended_by.as_deref(), i64::from(first.leads_new)), (Some("end"), LIST));
    assert_eq!((first.pages, bookmark(&app, &team).await?), (7, 7));

    sandbox.publish(25);
    let second = app.pull_through(&team, None).await?;
    assert_eq!((second.ended_by.as_deref(), second.pages), (Some("known"), 2));
    assert_eq!((second.leads_new, second.leads_known), (25, 15));
    assert_eq!(leads(&app, &team).await?, LIST + 25);

    let third = app.pull_through(&team, None).await?;
    assert_eq!((third.ended_by.as_deref(), third.pages, third.leads_new), (Some("known"), 1, 0));
    assert_eq!(leads(&app, &team).await?, LIST + 25);
    assert_bill(&app, &team, &sandbox).await
}

/// What is published while a list is half read shifts the rest down; the records that come again for that stop nothing, and
/// what is new on top is for the next way through the list.
#[tokio::test]
async fn a_list_that_shifts_under_a_pull_loses_nothing() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    let first = app.pull_through(&team, Some(2)).await?;
    assert_eq!((first.ended_by.as_deref(), first.leads_new), (Some("limit"), 40));
    assert_eq!(first.state, "completed");
    sandbox.publish(10);

    let second = app.pull_through(&team, None).await?;
    assert_eq!(second.ended_by.as_deref(), Some("end"), "{second:?}");
    assert_eq!((i64::from(second.leads_new), second.leads_known), (LIST - 40, 10));
    assert_eq!(leads(&app, &team).await?, LIST);

    let third = app.pull_through(&team, None).await?;
    assert_eq!((third.ended_by.as_deref(), third.leads_new), (Some("known"), 10));
    assert_eq!(leads(&app, &team).await?, LIST + 10);
    Ok(())
}

#[tokio::test]
async fn two_pulls_of_one_question_at_once_are_refused() -> Result<()> {
    let (mut app, sandbox) = TestApp::with_list(Settings::default()).await?;
    let team = a_team().create(&app.admin).await?;
    let open = app.ask_for_pull(&team, None).await?;
    // The same, written otherwise.
    let same = json!({ "source": "batchdata", "zip_codes": ["46601", "46601"], "filters": {}, "sort": null });
    let response = app.request(&team, Method::POST, "/v1/pulls").json(&same).send().await?;
    let (status, problem) = (response.status(), response.text().await?);
    assert_eq!(status, 409, "{problem}");
    assert!(problem.contains(&open.to_string()), "{problem}");
    app.start_worker()?;
    app.pulled(&team, open).await?;
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 2);
    app.ask_for_pull(&team, None).await?;
    Ok(())
}

/// Every activity does its work, and its answer is lost: it does it again, and nothing is asked, paid or stored twice.
#[tokio::test]
async fn a_page_that_is_repeated_adds_nothing() -> Result<()> {
    let (app, sandbox) = TestApp::with_list(Settings::default()).await?;
    let team = a_team().create(&app.admin).await?;
    let _worker = FaultyWorker::start(app.worker_config.clone(), Mischief::AnswersLost)?;
    let pull = app.pull_through(&team, None).await?;
    assert_once(&app, &team, &sandbox, &pull).await
}

/// Dropped wherever it is: between two statements, before the call, while the vendor is asked.
#[tokio::test]
async fn an_attempt_that_is_dropped_midway_loses_nothing() -> Result<()> {
    let settings = Settings::default().with_latency(std::time::Duration::from_millis(10));
    let (app, sandbox) = TestApp::with_list(settings).await?;
    let team = a_team().create(&app.admin).await?;
    let mischief = Mischief::DroppedMidway { seed: 20_261_122, attempts: 3, within_us: 40_000 };
    let _worker = FaultyWorker::start(app.worker_config.clone(), mischief)?;
    let pull = app.pull_through(&team, None).await?;
    assert_once(&app, &team, &sandbox, &pull).await
}

async fn assert_once(
    app: &TestApp,
    team: &tests::Team,
    sandbox: &sandbox::Sandbox,
    pull: &entities::pull::Pull,
) -> Result<()> {
    assert_eq!(pull.ended_by.as_deref(), Some("end"), "{pull:?}");
    assert_eq!((pull.pages, i64::from(pull.records), i64::from(pull.leads_new)), (7, LIST, LIST));
    assert_eq!(leads(app, team).await?, LIST);
    let ledger = sandbox.ledger();
    assert_eq!(ledger.vendor(Vendor::BatchData).requests, 7, "each page is asked for once");
    assert!(ledger.vendor(Vendor::BatchData).paid_again().is_empty());
    assert_bill(app, team, sandbox).await
}
