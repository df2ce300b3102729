//! `GET /v1/uploads/{id}/events`: whoever listens sees the upload go on, never back, and come to its end.

use anyhow::{Context, Result};
use entities::pipeline::resolve::lock_team;
use reqwest::Method;
use serde_json::Value;
use tests::events::{Event, Events};
use tests::upload::BRISK;
use tests::{Services, TestApp, a_team, lists};
use workflows::upload::Pace;

/// The stages in their order.
const STAGES: [&str; 6] =
    ["inspect_file", "stream_and_normalize", "resolve", "prepare_leads", "stage_blocks", "archive"];
/// What is counted while an upload runs.
const COUNTED: [&str; 6] = ["bytes_read", "rows_read", "rows_rejected", "rows_normalized", "leads", "blocks"];

/// All that is still to come, up to the end of the stream.
async fn rest(events: &mut Events) -> Result<Vec<Event>> {
    let mut rest = Vec::new();
    while let Some(event) = events.next().await? {
        rest.push(event);
    }
    Ok(rest)
}

fn stage(event: &Event) -> Option<usize> {
    let stage = event.data["progress"]["stage"].as_str()?;
    Some(STAGES.iter().position(|known| *known == stage).unwrap_or_else(|| panic!("stage {stage}")))
}

fn assert_never_goes_back(told: &[Event]) {
    let running: Vec<&Event> = told.iter().filter(|event| stage(event).is_some()).collect();
    for pair in running.windows(2) {
        let (before, after) = (&pair[0].data["progress"], &pair[1].data["progress"]);
        assert!(stage(pair[0]) <= stage(pair[1]), "{before}\nthen {after}");
        for name in COUNTED {
            assert!(before[name].as_u64() <= after[name].as_u64(), "{name}: {before}\nthen {after}");
        }
        assert_ne!(pair[0].data, pair[1].data, "an event is told where something changed");
    }
}

#[tokio::test]
async fn they_come_while_it_runs_and_end_with_it() -> Result<()> {
    let mut app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let (list, made) = lists::list(1_200, 61);
    let upload = app.store_list(&team, "list.csv", &list).await?;
    let mut events = app.events(&team, &upload.source.to_string()).await?;
    let first = events.next().await?.context("how it is at first")?;
    assert_eq!((first.name.as_str(), &first.data["status"]), ("progress", &Value::from("uploaded")));

    // While somebody else has the team's turn, the upload cannot come to its end: whatever arrives until then
    // arrives while it runs. Chunks of 20 rows take many looks.
    let mut turn = app.db.team_bulk(team.id).await?;
    lock_team(&mut turn).await?;
    app.refine(upload, Pace { chunk_rows: 20, ..BRISK }).await?;
    app.start_worker()?;
    let mut told = vec![first];
    while told.last().and_then(stage) != Some(2) {
        told.push(events.next().await?.context("the stream ended before the upload")?);
    }
    let (reading, waiting) = (told.iter().filter(|event| stage(event) == Some(1)), &told[told.len() - 1]);
    assert!(reading.count() >= 1, "rows were seen to be read: {told:?}");
    assert_eq!(waiting.data["progress"]["bytes_read"].as_u64(), Some(list.len() as u64));
    assert_eq!(waiting.data["progress"]["rows_read"].as_u64(), Some(made.rows));
    assert_eq!(waiting.data["status"], "processing");
    turn.commit().await?;

    told.extend(rest(&mut events).await?);
    assert_never_goes_back(&told);
    let (end, before) = told.split_last().context("an end")?;
    assert_eq!((end.name.as_str(), &end.data["status"]), ("end", &Value::from("completed")));
    assert!(before.iter().all(|event| event.name == "progress"), "only the last one is the end: {before:?}");
    let now = app.get(&team, &format!("/v1/uploads/{}", upload.source)).await?;
    assert_eq!(end.data, now, "the end says what is there to see");

    // Who comes too late hears the end at once.
    let late = rest(&mut app.events(&team, &upload.source.to_string()).await?).await?;
    assert_eq!(late, [Event { name: "end".to_owned(), data: now }]);
    Ok(())
}

#[tokio::test]
async fn a_failure_is_an_end_with_its_code() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let id = app.upload(&team, "list.csv", &b"%PDF-1.7\n1 0 obj\n"[..]).await?;
    let told = rest(&mut app.events(&team, &id).await?).await?;
    let end = told.last().context("an end")?;
    assert_eq!((end.name.as_str(), &end.data["status"]), ("end", &Value::from("failed")));
    assert_eq!(end.data["failure"]["code"], "upload.csv_parse_error", "{}", end.data);
    Ok(())
}

#[tokio::test]
async fn another_team_hears_nothing() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (ours, theirs) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    let id = app.upload(&ours, "list.csv", lists::list(20, 62).0).await?;
    let response = app.request(&theirs, Method::GET, &format!("/v1/uploads/{id}/events")).send().await?;
    assert_eq!(response.status(), 404);
    let problem: Value = response.json().await?;
    assert_eq!(problem["code"], "http.not_found", "{problem}");
    Ok(())
}
