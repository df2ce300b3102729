//! A message that nobody was written to for waits for a person, who says whose it is.

use anyhow::{Context, Result};
use domain::id::TypedId;
use reqwest::{Method, StatusCode};
use sandbox::Settings;
use serde_json::{Value, json};
use tests::a_team;
use tests::replies::Correspondence;

const STRANGER: &str = "+15125550777";

/// The item of whoever nobody knows.
async fn item(all: &Correspondence) -> Result<String> {
    let (app, team) = (&all.outreach.app, &all.outreach.team);
    let inbox = app.get(team, "/v1/inbox?no_lead_match=true").await?;
    let id = inbox["items"][0]["id"].as_str().with_context(|| format!("an item: {inbox}"))?;
    Ok(id.to_owned())
}

#[tokio::test]
async fn who_says_whose_it_is_lets_it_be_answered() -> Result<()> {
    let all = Correspondence::with_worker(Settings::default()).await?;
    let (app, team) = (&all.outreach.app, &all.outreach.team);
    let people = all.outreach.people(2).await?;
    all.write(STRANGER, "Yes, I am interested").await?;
    let look = all.classified(STRANGER, 1).await?;
    let item = item(&all).await?;
    let path = format!("/v1/inbox/{item}/lead");
    let give = |body: Value| app.request(team, Method::POST, &path).json(&body).send();

    assert_eq!(give(json!({ "lead": "nobody" })).await?.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let (first, second) = (people[0].to_string(), people[1].to_string());
    let given = give(json!({ "lead": first })).await?;
    assert_eq!(given.status(), StatusCode::OK);
    let given: Value = given.json().await?;
    assert_eq!((&given["lead"], &given["no_lead_match"]), (&json!(first), &json!(false)), "{given}");
    assert!(given["priority_score"].as_i64() > Some(35), "the lead's score counts: {given}");
    assert_eq!(give(json!({ "lead": first })).await?.status(), StatusCode::OK, "the same again");
    assert_eq!(give(json!({ "lead": second })).await?.status(), StatusCode::CONFLICT, "it has its lead");

    let conversation = app.get(team, &format!("/v1/conversations/{}", look.id)).await?;
    assert_eq!(conversation["lead"], json!(first), "{conversation}");
    let audited = "SELECT count(*) FROM audit_log WHERE team_id = $1 AND action = 'inbox.give_lead'";
    assert_eq!(all.count(audited).await?, 1);
    // Whatever comes next is theirs, and can be answered.
    all.write(STRANGER, "How does it work?").await?;
    all.classified(STRANGER, 2).await?;
    let orphans = "SELECT count(*) FROM inbox_items WHERE team_id = $1 AND lead_id IS NULL";
    assert_eq!(all.count(orphans).await?, 0);
    Ok(())
}

#[tokio::test]
async fn neither_item_nor_lead_of_another_team_is_found() -> Result<()> {
    let all = Correspondence::new(Settings::default()).await?;
    let (app, team) = (&all.outreach.app, &all.outreach.team);
    let other = a_team().create(&app.admin).await?;
    let lead = all.outreach.people(1).await?[0];
    all.write(STRANGER, "Who is this?").await?;
    let item = item(&all).await?;
    let path = format!("/v1/inbox/{item}/lead");
    let theirs = app.request(&other, Method::POST, &path).json(&json!({ "lead": lead }));
    assert_eq!(theirs.send().await?.status(), StatusCode::NOT_FOUND, "their key, our item");
    // A lead that is the other team's.
    sqlx::query("UPDATE leads SET team_id = $2 WHERE id = $1")
        .bind(lead.uuid())
        .bind(other.id.uuid())
        .execute(app.admin.pool())
        .await?;
    let ours = app.request(team, Method::POST, &path).json(&json!({ "lead": lead }));
    assert_eq!(ours.send().await?.status(), StatusCode::NOT_FOUND, "our item, their lead");
    let given = "SELECT count(*) FROM conversations WHERE team_id = $1 AND lead_id IS NOT NULL";
    assert_eq!(all.count(given).await?, 0);
    Ok(())
}
