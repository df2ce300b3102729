//! An upload that is undone takes its merges with it, and nobody of another file.

use anyhow::{Context, Result};
use domain::id::{DataSourceId, PersonaId, TypedId as _};
use entities::integrity;
use entities::merge::{Kind, Origin, merge};
use reqwest::Method;
use serde_json::Value;
use tests::upload::PATIENCE;
use tests::{Team, TestApp, a_team, lists, wait_until};

use super::graph::{assert_same, pair, rows_of};

async fn undo(app: &TestApp, team: &Team, id: &str) -> Result<()> {
    app.request(team, Method::POST, &format!("/v1/uploads/{id}/undo")).send().await?.error_for_status()?;
    wait_until("the upload is undone", PATIENCE, async || {
        app.get(team, &format!("/v1/uploads/{id}")).await.is_ok_and(|upload| upload["status"] == "undone")
    })
    .await;
    Ok(())
}

async fn people_of(app: &TestApp, team: &Team, upload: &Value) -> Result<Vec<uuid::Uuid>> {
    let id = upload["id"].as_str().context("an id")?;
    let leads = app.get(team, &format!("/v1/leads?upload={id}&limit=200")).await?;
    let leads = leads["items"].as_array().context("leads")?.clone();
    leads
        .iter()
        .filter_map(|lead| lead["persona_id"].as_str())
        .map(|id| Ok(id.parse::<PersonaId>()?.uuid()))
        .collect()
}

#[tokio::test]
async fn people_of_other_files_are_as_they_were() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let first = app.import(&team, "first.csv", lists::list(60, 51).0).await?;
    let before = rows_of(&app.db, team.id).await?;
    let others = people_of(&app, &team, &first).await?;
    // Other numbers, streets and mailboxes: nobody of it is in the first.
    let second = String::from_utf8(lists::list(60, 52).0)?;
    let second = [
        (" 220-", " 779-"),
        ("-220-", "-779-"),
        ("@", "@x"),
        ("www.", "www.x"),
        ("Main Street", "Oak Avenue"),
        (" No ", " Nr 9"),
    ]
    .iter()
    .fold(second, |list, (from, to)| list.replace(from, to));
    let second = app.import(&team, "second.csv", second).await?;
    let ours = people_of(&app, &team, &second).await?;
    let source: DataSourceId = second["id"].as_str().context("an id")?.parse()?;

    // The import of the second file takes two of the first for one, and one of its own for one of the first; a person
    // says so of another, with the second file's as survivor.
    let mut tx = app.db.team_bulk(team.id).await?;
    let pairs = [pair(others[0], others[1], 0.97), pair(others[2], ours[2], 0.96)];
    merge(&mut tx, Kind::Persona, &pairs, Origin::Import(source)).await?;
    merge(&mut tx, Kind::Persona, &[pair(ours[3], others[3], 1.0)], Origin::Manual(team.user)).await?;
    tx.commit().await?;
    assert!(integrity::orphans(&app.db, team.id).await?.is_empty());

    undo(&app, &team, second["id"].as_str().context("an id")?).await?;
    let orphans = integrity::orphans(&app.db, team.id).await?;
    assert!(orphans.is_empty(), "{orphans:?}");
    let mut after = rows_of(&app.db, team.id).await?;
    // How many leads a bucket has had is counted by a sweep of its own after an undo.
    let mut before = before;
    for rows in [&mut before, &mut after] {
        rows.remove("sector_buckets");
    }
    assert_same(&after, &before, "undone");
    Ok(())
}

#[tokio::test]
async fn thousands_are_merged_and_taken_apart_in_one_go() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    app.import(&team, "list.csv", lists::list(4_000, 53).0).await?;
    let before = rows_of(&app.db, team.id).await?;
    let other = entities::fresh_id();
    let mut merged_in_all = 0;
    for (kind, table) in [(Kind::Business, "businesses"), (Kind::Persona, "personas")] {
        let mut tx = app.db.team_bulk(team.id).await?;
        let sql = sqlx::AssertSqlSafe(format!("SELECT id FROM {table} ORDER BY id"));
        let all: Vec<(uuid::Uuid,)> = tx.all(sqlx::query_as(sql)).await?;
        let (survivors, merged) = all.split_at(all.len() / 2);
        let pairs: Vec<_> =
            survivors.iter().zip(merged).map(|(survivor, merged)| pair(survivor.0, merged.0, 0.95)).collect();
        let done = merge(&mut tx, kind, &pairs, Origin::Import(other)).await?;
        tx.commit().await?;
        assert_eq!(done.merged, pairs.len() as u64);
        merged_in_all += done.merged;
    }
    assert!(merged_in_all > 1_500, "{merged_in_all}");
    let orphans = integrity::orphans(&app.db, team.id).await?;
    assert!(orphans.is_empty(), "{orphans:?}");

    let mut tx = app.db.team_bulk(team.id).await?;
    assert_eq!(entities::merge::unmerge_upload(&mut tx, other).await?, merged_in_all);
    tx.commit().await?;
    assert_same(&rows_of(&app.db, team.id).await?, &before, "taken apart");
    Ok(())
}
