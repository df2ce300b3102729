//! Lists of businesses in which nobody is named.

use anyhow::{Context, Result};
use domain::id::{BusinessId, TypedId as _};
use reqwest::Method;
use serde_json::json;
use tests::{TestApp, a_team};

use super::people::{assert_whole, count};
use crate::upload::journey::{assert_account_adds_up, number};

/// The second row is the first business again, by another clerk, with its other number. The third is its neighbour,
/// the fourth its branch elsewhere.
const LIST: &str = "Company Name,Street Address,City,State,Zip Code,Phone Number,Website URL\r\n\
    Kettering Bakery LLC,1420 Larkspur Avenue,Austin,TX,78701,(512) 555-0142,ketteringbakery.com\r\n\
    Ketterring Bakery,1420 Larkspur Ave.,Austin,TX,78701,(512) 555-0143,www.ketteringbakery.com\r\n\
    Oyelaran Dental Group,1420 Larkspur Avenue,Austin,TX,78701,(512) 555-0177,oyelarandental.com\r\n\
    Kettering Bakery LLC,77 Almond Road,Fresno,CA,93721,(559) 555-0188,\r\n";

#[tokio::test]
async fn the_same_business_in_other_words_is_one_and_can_be_taken_apart() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let upload = app.import(&team, "list.csv", LIST).await?;
    assert_account_adds_up(&upload);
    assert_eq!((number(&upload, "businesses"), number(&upload, "personas")), (3, 0), "{upload}");
    assert_eq!((count(&app, &team, "businesses").await?, count(&app, &team, "personas").await?), (3, 0));
    assert_eq!(number(&upload, "leads"), u64::try_from(count(&app, &team, "leads").await?)?);
    assert_eq!((count(&app, &team, "persona_merge_history").await?), 0);
    let merges: Vec<(uuid::Uuid, uuid::Uuid, String)> = sqlx::query_as(
        "SELECT survivor_id, merged_id, rule_set FROM business_merge_history WHERE unmerged_at IS NULL",
    )
    .fetch_all(app.admin.pool())
    .await?;
    let [(survivor, merged, rules)] = merges.as_slice() else { panic!("one merge: {merges:?}") };
    assert_eq!(rules, "businesses/1");
    let (survivor, merged) = (BusinessId::from_uuid(*survivor), BusinessId::from_uuid(*merged));
    let history = app.get(&team, &format!("/v1/businesses/{survivor}/merges")).await?;
    let evidence = &history["items"][0]["evidence"];
    assert!(evidence["sentence"].as_str().is_some_and(|why| why.contains("street")), "{history}");
    assert_whole(&app, &team).await?;
    let leads = count(&app, &team, "leads").await?;

    let path = format!("/v1/businesses/{merged}/unmerge");
    app.request(&team, Method::POST, &path).send().await?.error_for_status()?;
    assert_eq!(count(&app, &team, "businesses").await?, 4);
    assert_eq!(count(&app, &team, "leads").await?, 4, "of {leads}");
    assert_whole(&app, &team).await?;

    // The same list again makes nothing new, and does not bring together what a person took apart.
    let id = app.upload_with(&team, "list.csv", "&on_duplicate=reload", LIST).await?;
    let again = app.settled(&team, &id).await?;
    assert_eq!((&again["status"], number(&again, "leads")), (&json!("completed"), 0), "{again}");
    assert_eq!(count(&app, &team, "businesses").await?, 4);
    assert_whole(&app, &team).await
}

#[tokio::test]
async fn a_later_list_finds_the_business_there_is() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let rows: Vec<&str> = LIST.split_inclusive("\r\n").collect();
    let [header, first, second, neighbour, branch] = rows.as_slice() else { panic!("{rows:?}") };
    app.import(&team, "first.csv", [*header, first, neighbour, branch].concat()).await?;
    let found = app.import(&team, "second.csv", [*header, second].concat()).await?;
    assert_account_adds_up(&found);
    assert_eq!(number(&found, "businesses"), 0, "{found}");
    assert_eq!(count(&app, &team, "businesses").await?, 3);
    let leads = app.get(&team, "/v1/leads?limit=200").await?;
    let items = leads["items"].as_array().context("leads")?;
    assert!(
        items.iter().all(|lead| lead["business_id"].is_string() && lead["persona_id"].is_null()),
        "{leads}"
    );
    assert_whole(&app, &team).await
}
