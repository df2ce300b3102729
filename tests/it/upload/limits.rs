//! What a team may upload: what is too much is refused with its code, and nothing of it stays.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use providers::object_store::KeyPrefix;
use reqwest::{Body, Method, Response};
use serde_json::Value;
use tests::upload::PATIENCE;
use tests::{Services, Snapshot, Team, TestApp, a_team, lists, wait_until};

const MIB: usize = 1 << 20;

/// A file stored by the team: the list itself, and what is said of it.
const OBJECTS_OF_A_FILE: usize = 2;

/// Refuses anything else than this status with `upload.quota_exceeded`; answers what is said to the person.
async fn refused(response: Response, status: u16) -> Result<String> {
    let (got, problem) = (response.status().as_u16(), response.json::<Value>().await?);
    assert_eq!((got, problem["code"].as_str()), (status, Some("upload.quota_exceeded")), "{problem}");
    Ok(problem["detail"].as_str().context("a detail")?.to_owned())
}

/// Refuses any trace of an upload but those of `files` files that were taken.
async fn assert_only(app: &TestApp, team: &Team, files: usize) -> Result<()> {
    let objects = app.store.list(&KeyPrefix::team(team.id)).await?;
    assert_eq!(objects.len(), files * OBJECTS_OF_A_FILE, "{objects:?}");
    let unfinished =
        app.store.abort_stale_multiparts(Some(&KeyPrefix::team(team.id)), Duration::ZERO).await?;
    assert_eq!(unfinished, 0, "parts of objects that nobody finishes");
    let snapshot = Snapshot::of(&app.admin, team).await?;
    let expected = if files == 0 { BTreeMap::new() } else { BTreeMap::from([("data_sources", files)]) };
    assert_eq!(snapshot.counts(), expected);
    let audit = app.get(team, "/v1/audit").await?;
    let uploads = audit["items"].as_array().context("an audit")?.iter();
    assert_eq!(uploads.filter(|entry| entry["action"] == "upload.create").count(), files, "{audit}");
    Ok(())
}

/// Posts a list whose length nobody says before.
async fn post_without_length(app: &TestApp, team: &Team, list: Vec<u8>) -> Result<Response> {
    let pieces: Vec<Result<Bytes, Infallible>> =
        list.chunks(64 * 1024).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let body = Body::wrap_stream(futures::stream::iter(pieces));
    let request = app.request(team, Method::POST, "/v1/uploads?filename=list.csv");
    Ok(request.header("content-type", "text/csv").body(body).send().await?)
}

#[tokio::test]
async fn a_file_that_is_too_large() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    // More than one part of an object, so that parts have been sent when it turns out to be too large.
    let limit = 6 * MIB;
    let team = a_team().with(|settings| settings.max_file_bytes = limit as u64).create(&app.admin).await?;
    let exactly = [lists::HEADER.as_bytes(), &vec![b'\n'; limit - lists::HEADER.len()]].concat();
    let one_more = [exactly.as_slice(), b"\n"].concat();

    let said = refused(post_without_length(&app, &team, one_more.clone()).await?, 413).await?;
    assert!(said.contains(&limit.to_string()), "{said}");
    assert_only(&app, &team, 0).await?;
    refused(app.post_list(&team, "list.csv", "", one_more).await?, 413).await?;
    assert_only(&app, &team, 0).await?;

    let taken = post_without_length(&app, &team, exactly).await?;
    assert_eq!(taken.status(), 202, "what just fits is taken");
    assert_only(&app, &team, 1).await
}

#[tokio::test]
async fn more_uploads_than_may_be_open() -> Result<()> {
    let mut app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().with(|settings| settings.max_open_uploads = 1).create(&app.admin).await?;
    let [one, other, third] = [71, 72, 73].map(|seed| lists::list(30, seed).0);

    // Two at once see the same room, and only one has it.
    let (first, second) = tokio::try_join!(
        app.post_list(&team, "one.csv", "", one),
        app.post_list(&team, "other.csv", "", other)
    )?;
    let (taken, turned_away) = if first.status() == 202 { (first, second) } else { (second, first) };
    assert_eq!(taken.status(), 202);
    let taken: Value = taken.json().await?;
    assert!(turned_away.headers()["retry-after"].to_str()?.parse::<u64>()? > 0);
    refused(turned_away, 429).await?;
    assert_only(&app, &team, 1).await?;

    let third_time = app.post_list(&team, "third.csv", "", third.clone()).await?;
    refused(third_time, 429).await?;
    assert_only(&app, &team, 1).await?;

    // When it is through there is room again.
    app.start_worker()?;
    app.settled(&team, taken["id"].as_str().context("an id")?).await?;
    assert_eq!(app.post_list(&team, "third.csv", "", third).await?.status(), 202);
    Ok(())
}

#[tokio::test]
async fn more_bytes_than_may_be_stored() -> Result<()> {
    let mut app = TestApp::without_worker(Services::shared().await).await?;
    let [first, second] = [81, 82].map(|seed| lists::list(30, seed).0);
    let quota = (first.len() + second.len() - 1) as u64;
    let team = a_team().with(|settings| settings.storage_quota_bytes = quota).create(&app.admin).await?;
    let id = app.upload(&team, "first.csv", first).await?;
    assert_only(&app, &team, 1).await?;

    let said = refused(app.post_list(&team, "second.csv", "", second.clone()).await?, 413).await?;
    assert!(said.contains(&quota.to_string()), "it says what the quota is: {said}");
    refused(post_without_length(&app, &team, second.clone()).await?, 413).await?;
    assert_only(&app, &team, 1).await?;

    // As it says there: what is taken back makes room.
    app.start_worker()?;
    app.settled(&team, &id).await?;
    let path = format!("/v1/uploads/{id}");
    app.request(&team, Method::POST, &format!("{path}/undo")).send().await?.error_for_status()?;
    wait_until("the first is undone", PATIENCE, async || {
        app.get(&team, &path).await.is_ok_and(|upload| upload["status"] == "undone")
    })
    .await;
    assert_eq!(app.post_list(&team, "second.csv", "", second).await?.status(), 202);
    Ok(())
}
