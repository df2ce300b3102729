//! A completed upload is taken back: nothing stays but the audit, and what a campaign has touched.

use anyhow::{Context, Result};
use domain::id::{DataSourceId, TypedId as _};
use entities::pipeline::resolve::lock_team;
use entities::pipeline::take_back::take_back;
use reqwest::Method;
use tests::upload::PATIENCE;
use tests::{Snapshot, Team, TestApp, a_team, lists, wait_until};

async fn undo(app: &TestApp, team: &Team, id: &str) -> Result<()> {
    let response = app.request(team, Method::POST, &format!("/v1/uploads/{id}/undo")).send().await?;
    let (status, body) = (response.status(), response.text().await?);
    assert_eq!(status, 202, "{body}");
    wait_until("the upload is undone", PATIENCE, async || {
        app.get(team, &format!("/v1/uploads/{id}")).await.is_ok_and(|upload| upload["status"] == "undone")
    })
    .await;
    Ok(())
}

#[tokio::test]
async fn undone_it_leaves_nothing() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.import(&team, "list.csv", lists::list(300, 31).0).await?;
    undo(&app, &team, upload["id"].as_str().context("an id")?).await?;

    let snapshot = Snapshot::of(&app.admin, &team).await?;
    for table in [
        "leads",
        "businesses",
        "personas",
        "business_owners",
        "persona_phones",
        "persona_emails",
        "persona_addresses",
        "blocks",
        "block_leads",
        "raw_prospects",
        "normalized_rows",
        "resolved_rows",
    ] {
        assert_eq!(snapshot.count(table), 0, "{table}: {:?}", snapshot.counts());
    }
    let audit = app.get(&team, "/v1/audit").await?.to_string();
    assert!(audit.contains("upload.undo"), "{audit}");
    Ok(())
}

#[tokio::test]
async fn leads_that_a_campaign_has_touched_or_another_file_lists_stay() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let list = String::from_utf8(lists::list(120, 32).0)?;
    let upload = app.import(&team, "list.csv", list.clone()).await?;
    let id = upload["id"].as_str().context("an id")?.to_owned();

    // Another file lists some of them too, and brings some of its own.
    let (own, _) = lists::list(60, 33);
    let shared: String = list.split_inclusive("\r\n").take(40).collect();
    let own = String::from_utf8(own)?;
    let (_, own_rows) = own.split_once("\r\n").context("a header")?;
    let other = app.import(&team, "other.csv", format!("{shared}{own_rows}")).await?;
    let own_leads = super::journey::number(&other, "leads");

    // A campaign has one of those that only the first file lists.
    let mut tx = app.admin.team_bulk(team.id).await?;
    let touched = tx
        .run(
            sqlx::query(
                "UPDATE leads SET added_to_campaign_at = now(), status = 'contacted' WHERE team_id = $1 AND id =
                   (SELECT id FROM leads WHERE team_id = $1 AND last_source_id IS NULL
                       AND data_source_id = (SELECT id FROM data_sources WHERE original_name = 'list.csv' LIMIT 1)
                     ORDER BY source_row DESC LIMIT 1)",
            )
            .bind(team.id.uuid()),
        )
        .await?;
    assert_eq!(touched, 1);
    tx.commit().await?;

    undo(&app, &team, &id).await?;
    let snapshot = Snapshot::of(&app.admin, &team).await?;
    let leads = snapshot.count("leads") as u64;
    let duplicates = super::journey::number(&other, "duplicates");
    assert!(
        leads > own_leads + 1,
        "leads that the other file lists too stay: {leads} of {own_leads} + {duplicates}"
    );
    assert!(leads <= own_leads + duplicates + 1, "the rest went: {leads}");
    let orphans = entities::integrity::orphans(&app.db, team.id).await?;
    assert!(orphans.iter().all(|orphans| orphans.count == 0), "{orphans:?}");

    // The file can be loaded again, and brings back exactly what went.
    let again = app.import(&team, "list.csv", list).await?;
    assert_eq!(again["status"], "completed");
    Ok(())
}

/// How many keys the file has to be found by, in bytes.
async fn keys_of(app: &TestApp, team: &Team, id: &str) -> Result<i64> {
    let source: DataSourceId = id.parse()?;
    let mut tx = app.admin.team_bulk(team.id).await?;
    let query = sqlx::query_as(
        "SELECT coalesce(sum(octet_length(pairs)), 0)::bigint FROM match_keys WHERE data_source_id = $1",
    );
    let found: Option<(i64,)> = tx.first(query.bind(source.uuid())).await?;
    Ok(found.context("a sum")?.0)
}

#[tokio::test]
async fn what_is_taken_back_while_it_comes_again_is_matched_as_new() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let list = lists::list(300, 34).0;
    let first = app.import(&team, "list.csv", list.clone()).await?;
    let id = first["id"].as_str().context("an id")?;
    let keys = keys_of(&app, &team, id).await?;
    assert!(keys > 0);

    // The same file again, whose rows wait for their turn to be resolved when the first one is taken back.
    let mut turn = app.db.team_bulk(team.id).await?;
    lock_team(&mut turn).await?;
    let again = app.upload_with(&team, "list.csv", "&on_duplicate=reload", list).await?;
    let source: DataSourceId = again.parse()?;
    app.normalized(&team, source).await;
    assert_eq!(keys_of(&app, &team, &again).await?, 0, "nobody has to be found whom the team has");
    take_back(&mut turn, id.parse()?).await?;
    turn.commit().await?;

    let again = app.settled(&team, &again).await?;
    assert_eq!(again["status"], "completed", "{again}");
    for count in ["leads", "personas", "businesses", "duplicates", "decision_makers"] {
        assert_eq!(super::journey::number(&again, count), super::journey::number(&first, count), "{count}");
    }
    assert_eq!(keys_of(&app, &team, again["id"].as_str().context("an id")?).await?, keys);
    Ok(())
}
