//! A later list that names somebody whom the team has, not in the same words.

use anyhow::{Context, Result};
use reqwest::Method;
use tests::upload::PATIENCE;
use tests::{TestApp, a_team, wait_until};

use super::people::{BOB, ROBERT, ROSALIND, assert_whole, count, enter, list, merges};
use crate::upload::journey::{assert_account_adds_up, number};

#[tokio::test]
async fn a_nickname_goes_to_the_person_there_is() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    app.import(&team, "first.csv", list(&[ROBERT, ROSALIND])).await?;
    let second = app.import(&team, "second.csv", list(&[BOB])).await?;

    assert_account_adds_up(&second);
    assert_eq!((number(&second, "leads"), number(&second, "duplicates")), (0, 1), "{second}");
    assert_eq!(number(&second, "personas"), 0);
    assert_eq!((count(&app, &team, "personas").await?, count(&app, &team, "leads").await?), (2, 2));
    assert_eq!(merges(&app, &team).await?.len(), 1);
    // Both numbers are his.
    assert_eq!(count(&app, &team, "persona_phones").await?, 3);
    assert_whole(&app, &team).await
}

#[tokio::test]
async fn a_list_finds_whom_a_person_entered() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    enter(&app, &team, ROBERT).await?;
    let second = app.import(&team, "second.csv", list(&[BOB, ROSALIND])).await?;

    assert_account_adds_up(&second);
    assert_eq!((number(&second, "leads"), number(&second, "duplicates")), (1, 1), "{second}");
    assert_eq!((count(&app, &team, "personas").await?, count(&app, &team, "leads").await?), (2, 2));
    assert_eq!(merges(&app, &team).await?.len(), 1);
    assert_whole(&app, &team).await
}

#[tokio::test]
async fn an_undone_list_takes_its_merges_back() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    app.import(&team, "first.csv", list(&[ROBERT, ROSALIND])).await?;
    let second = app.import(&team, "second.csv", list(&[BOB])).await?;
    let id = second["id"].as_str().context("an id")?;
    let undone = app.request(&team, Method::POST, &format!("/v1/uploads/{id}/undo")).send().await?;
    assert_eq!(undone.status(), 202);
    wait_until("the upload is undone", PATIENCE, async || {
        app.get(&team, &format!("/v1/uploads/{id}")).await.is_ok_and(|upload| upload["status"] == "undone")
    })
    .await;

    assert!(merges(&app, &team).await?.is_empty());
    assert_eq!((count(&app, &team, "personas").await?, count(&app, &team, "leads").await?), (2, 2));
    assert_eq!(count(&app, &team, "persona_phones").await?, 2, "his second number went with its list");
    assert_whole(&app, &team).await
}
