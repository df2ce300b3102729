//! A list that says the same person twice, not in the same words.

use anyhow::Result;
use tests::{TestApp, a_team};

use super::people::{Person, ROBERT, ROSALIND, ROSALIND_MISTYPED, assert_whole, count, list, merges};
use crate::upload::journey::{assert_account_adds_up, number};

#[tokio::test]
async fn a_typing_error_makes_no_second_person_and_no_second_lead() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.import(&team, "list.csv", list(&[ROSALIND, ROBERT, ROSALIND_MISTYPED])).await?;

    assert_account_adds_up(&upload);
    assert_eq!((number(&upload, "leads"), number(&upload, "duplicates")), (2, 1), "{upload}");
    assert_eq!(number(&upload, "personas"), 2);
    assert_eq!((count(&app, &team, "personas").await?, count(&app, &team, "leads").await?), (2, 2));
    let merges = merges(&app, &team).await?;
    assert_eq!(merges.len(), 1);
    assert!(merges[0].survivor < merges[0].merged, "the earlier row survives");
    let stands: String = sqlx::query_scalar("SELECT family_name FROM personas WHERE id = $1")
        .bind(merges[0].survivor)
        .fetch_one(app.admin.pool())
        .await?;
    assert_eq!(stands, ROSALIND.family, "a later row of one list is no newer");
    assert!(merges[0].score > 0.7);
    assert_eq!(merges[0].rule_set, "persons/1");
    let evidence = &merges[0].evidence;
    assert!(evidence["sentence"].as_str().is_some_and(|sentence| sentence.contains("family")), "{evidence}");
    assert!(!evidence.to_string().to_lowercase().contains("quackenbus"), "levels, no values: {evidence}");
    assert_whole(&app, &team).await
}

#[tokio::test]
async fn different_people_on_one_switchboard_stay_apart() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let people = [
        ("Rosalind", "Quackenbush"),
        ("Miguel", "Fernandez"),
        ("Patricia", "Oyelaran"),
        ("Thaddeus", "Brzezinski"),
        ("Linda", "Okafor"),
    ];
    let people = people.map(|(given, family)| Person { given, family, email: "", ..ROSALIND });
    let upload = app.import(&team, "list.csv", list(&people)).await?;
    assert_eq!(number(&upload, "personas"), 5, "{upload}");
    assert!(merges(&app, &team).await?.is_empty());
    assert_eq!(count(&app, &team, "merge_reviews").await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_same_list_again_adds_nothing() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let text = list(&[ROSALIND, ROBERT, ROSALIND_MISTYPED]);
    app.import(&team, "list.csv", text.clone()).await?;
    let id = app.upload_with(&team, "list.csv", "&on_duplicate=reload", text).await?;
    let again = app.settled(&team, &id).await?;
    assert_eq!((number(&again, "leads"), number(&again, "duplicates")), (0, 3), "{again}");
    assert_eq!((count(&app, &team, "personas").await?, count(&app, &team, "leads").await?), (2, 2));
    assert_eq!(merges(&app, &team).await?.len(), 1);
    assert_whole(&app, &team).await
}
