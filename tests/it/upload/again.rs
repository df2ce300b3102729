//! The same file again, changed, and loaded on purpose.

use anyhow::{Context, Result};
use domain::id::{DataSourceId, TypedId as _};
use serde_json::{Value, json};
use tests::{Snapshot, TestApp, a_team, lists};

use super::journey::{assert_account_adds_up, number};

#[tokio::test]
async fn the_same_content_is_refused_and_reloading_it_adds_no_lead() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let (list, _) = lists::list(300, 6);
    let first = app.import(&team, "list.csv", list.clone()).await?;

    let refused = app.post_list(&team, "other-name.csv", "", list.clone()).await?;
    assert_eq!(refused.status(), 409);
    let problem: Value = refused.json().await?;
    assert!(problem.to_string().contains("upload.duplicate_file"), "{problem}");
    assert!(problem.to_string().contains(first["id"].as_str().context("an id")?), "it says which: {problem}");

    let before = Snapshot::of(&app.admin, &team).await?;
    let id = app.upload_with(&team, "list.csv", "&on_duplicate=reload", list).await?;
    let again = app.settled(&team, &id).await?;
    assert_eq!(again["status"], "completed", "{again}");
    assert_account_adds_up(&again);
    assert_eq!(number(&again, "leads"), 0);
    assert_eq!(number(&again, "businesses"), 0);
    assert_eq!(number(&again, "rows_read"), number(&first, "rows_read"));
    let after = Snapshot::of(&app.admin, &team).await?;
    for table in
        ["leads", "businesses", "personas", "business_owners", "persona_phones", "persona_emails", "blocks"]
    {
        assert_eq!(after.count(table), before.count(table), "{table}");
    }
    assert_eq!(after.count("match_keys"), before.count("match_keys"), "whom the team has is found already");

    let source: DataSourceId = id.parse()?;
    let mut tx = app.admin.team_bulk(team.id).await?;
    let query = sqlx::query_as(
        "SELECT count(*), count(*) FILTER (WHERE last_source_id = $1 AND last_seen_at > first_seen_at) FROM leads \
          WHERE team_id = $2",
    );
    let seen: Option<(i64, i64)> = tx.first(query.bind(source.uuid()).bind(team.id.uuid())).await?;
    let (leads, seen) = seen.context("counts")?;
    assert_eq!((leads, seen), (after.count("leads") as i64, leads), "each lead was seen again");
    Ok(())
}

#[tokio::test]
async fn the_same_name_with_other_content_follows_the_earlier_one() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let first = app.import(&team, "list.csv", lists::list(60, 7).0).await?;
    let second = app.import(&team, "list.csv", lists::list(60, 8).0).await?;
    assert_eq!(second["follows"], first["id"], "{second}");
    Ok(())
}

#[tokio::test]
async fn a_failed_list_is_retried_with_a_profile_that_reads_it() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let list =
        "Col A,Col B,Col C\r\nAcme Plumbing LLC,(512) 555-0142,TX\r\nBolt Roofing Inc,214-555-0177,TX\r\n";
    let id = app.upload(&team, "odd.csv", list).await?;
    let failed = app.settled(&team, &id).await?;
    assert_eq!(failed["status"], "failed", "{failed}");
    let failures = app.get(&team, "/v1/failures").await?.to_string();
    assert!(failures.contains(&id), "what failed waits for a person: {failures}");

    let profile =
        json!({ "name": "odd", "columns": { "Col A": "company_name", "Col B": "phone", "Col C": "state" } });
    let made =
        app.request(&team, reqwest::Method::POST, "/v1/mapping-profiles").json(&profile).send().await?;
    let (status, body) = (made.status(), made.text().await?);
    assert!(status.is_success(), "{status} {body}");
    let retried = app
        .request(&team, reqwest::Method::POST, &format!("/v1/uploads/{id}/retry"))
        .json(&json!({ "mapping_profile": "odd" }))
        .send()
        .await?;
    let (status, body) = (retried.status(), retried.text().await?);
    assert!(status.is_success(), "{status} {body}");
    let done = app.settled(&team, &id).await?;
    assert_eq!(done["status"], "completed", "{done}");
    assert_eq!(number(&done, "leads"), 2);
    let failures = app.get(&team, "/v1/failures").await?.to_string();
    assert!(!failures.contains(&id), "{failures}");
    Ok(())
}
