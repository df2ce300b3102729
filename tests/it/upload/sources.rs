//! Whose list it is: a vendor's record numbers are its own.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{Team, TestApp, a_team};

use super::journey::{assert_account_adds_up, number};

const HEADER: &str = "Source Record ID,Company Name,Contact Name,Phone Number,State";

fn list(company: &str, phone: &str) -> String {
    format!(
        "{HEADER}\r\nR-1001,{company} One LLC,Ann Lee,{phone}1,TX\r\nR-1002,{company} Two LLC,Al Poe,{phone}2,TX\r\n"
    )
}

async fn import(app: &TestApp, team: &Team, query: &str, list: String) -> Result<Value> {
    let id = app.upload_with(team, "list.csv", query, list).await?;
    let upload = app.settled(team, &id).await?;
    assert_eq!(upload["status"], "completed", "{upload}");
    assert_account_adds_up(&upload);
    Ok(upload)
}

#[tokio::test]
async fn the_same_number_of_two_vendors_is_two_leads() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let acme = import(&app, &team, "&source=acme-data", list("Kettering", "512-555-011")).await?;
    let bravo = import(&app, &team, "&source=bravo", list("Tillinghast", "214-555-012")).await?;
    let nobody = import(&app, &team, "", list("Oyelaran", "813-555-013")).await?;
    for (upload, source) in [(&acme, "acme-data"), (&bravo, "bravo"), (&nobody, "list")] {
        assert_eq!((&upload["source"], number(upload, "leads")), (&json!(source), 2), "{upload}");
        let id = upload["id"].as_str().context("an id")?;
        let leads = app.get(&team, &format!("/v1/leads?upload={id}")).await?;
        for lead in leads["items"].as_array().context("leads")? {
            let lead =
                app.get(&team, &format!("/v1/leads/{}", lead["id"].as_str().context("an id")?)).await?;
            assert_eq!(lead["source"], source, "{lead}");
        }
    }
    // Within one vendor a number is one lead, whatever it says.
    let again = import(&app, &team, "&source=bravo", list("Brzezinski", "716-555-014")).await?;
    assert_eq!((number(&again, "leads"), number(&again, "duplicates")), (0, 2), "{again}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_a_source_is_said_before_the_file_is_taken() -> Result<()> {
    let app = TestApp::without_worker(tests::Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    for source in ["Acme%20Data", "manual", "-acme"] {
        let query = format!("&source={source}");
        let refused = app.post_list(&team, "list.csv", &query, list("Kettering", "512-555-011")).await?;
        assert_eq!(refused.status(), 422, "{source}");
        let problem: Value = refused.json().await?;
        assert_eq!(problem["errors"][0]["pointer"], "source", "{problem}");
    }
    let objects = app.store.list(&providers::object_store::KeyPrefix::team(team.id)).await?;
    assert!(objects.is_empty(), "{objects:?}");
    Ok(())
}
