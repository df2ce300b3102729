//! Businesses that a person merges: what they were is kept, and comes back exactly.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Services, Team, TestApp, a_team};

use super::graph::{assert_same, rows_of};
use super::routes::{post, text};

/// Enters a lead of a business, of nobody there where no name is given.
async fn enter(app: &TestApp, team: &Team, lead: &Value) -> Result<Value> {
    let response = post(app, team, "/v1/leads", lead).await?;
    let (status, body) = (response.status(), response.text().await?);
    assert!(status.is_success(), "{status} {body}");
    Ok(serde_json::from_str(&body)?)
}

/// Two businesses, each with a lead of its own and one of the same person.
async fn two_businesses(app: &TestApp, team: &Team) -> Result<[String; 2]> {
    let acme = [
        json!({ "company": "Acme Plumbing LLC", "phone": "512-555-0142", "state": "TX", "zip": "78701" }),
        json!({ "company": "Acme Plumbing LLC", "contact": "Rosa Lopez", "email": "rosa@acme.example", "state": "TX", "zip": "78701" }),
    ];
    let heating = [
        json!({ "company": "Acme Heating", "phone": "512-555-0143", "state": "TX", "zip": "78701", "website": "acmeheating.com",
            "employees": "12", "sic_code": "1711" }),
        json!({ "company": "Acme Heating", "contact": "Rosa Lopez", "email": "rosa.l@acme.example", "state": "TX", "zip": "78701" }),
    ];
    let mut ids = Vec::new();
    for leads in [acme, heating] {
        for lead in &leads {
            ids.push(text(&enter(app, team, lead).await?, "business_id")?.to_owned());
        }
    }
    assert!(ids[0] == ids[1] && ids[1] != ids[2] && ids[2] == ids[3], "{ids:?}");
    Ok([ids[0].clone(), ids[2].clone()])
}

async fn unmerge(app: &TestApp, team: &Team, merged: &str) -> Result<Value> {
    let path = format!("/v1/businesses/{merged}/unmerge");
    Ok(app.request(team, Method::POST, &path).send().await?.error_for_status()?.json().await?)
}

#[tokio::test]
async fn taken_apart_everything_is_as_it_was() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let [survivor, merged] = two_businesses(&app, &team).await?;
    let before = rows_of(&app.db, team.id).await?;

    let wish = json!({ "survivor_id": survivor, "merged_id": merged, "reason": "one owner, one shop" });
    let outcome: Value =
        post(&app, &team, "/v1/businesses/merge", &wish).await?.error_for_status()?.json().await?;
    assert_eq!(outcome["survivor_id"], json!(survivor));
    let moved = outcome["leads_moved"].as_u64().context("moved")?;
    let folded = outcome["leads_folded"].as_u64().context("folded")?;
    assert_eq!(moved + folded, 2, "{outcome}");
    let now = rows_of(&app.db, team.id).await?;
    assert_eq!(now["businesses"].len(), 1);
    assert_eq!(now["businesses"][0]["website"], "acmeheating.com", "what only the other knew is kept");
    assert_eq!(now["businesses"][0]["display_name"], before["businesses"][0]["display_name"]);
    assert_eq!(now["leads"].len() as u64, 4 - folded);
    assert!(now["leads"].iter().all(|lead| lead["business_id"] == now["businesses"][0]["id"]));
    assert!(entities::integrity::orphans(&app.db, team.id).await?.is_empty());
    let history = app.get(&team, &format!("/v1/businesses/{survivor}/merges")).await?;
    let merge = &history["items"][0];
    assert_eq!((text(merge, "merged_id")?, text(merge, "kind")?), (merged.as_str(), "manual"), "{history}");
    assert_eq!(merge["survivorship"]["website"], json!({ "from": "merged", "why": "present" }), "{merge}");

    let apart = unmerge(&app, &team, &merged).await?;
    assert_eq!((text(&apart, "id")?, text(&apart, "survivor_id")?), (merged.as_str(), survivor.as_str()));
    assert_same(&rows_of(&app.db, team.id).await?, &before, "taken apart");
    assert!(entities::integrity::orphans(&app.db, team.id).await?.is_empty());
    let again = app.request(&team, Method::POST, &format!("/v1/businesses/{merged}/unmerge")).send().await?;
    assert_eq!(again.status(), 409, "it is apart already");
    let audit = app.get(&team, "/v1/audit").await?.to_string();
    assert!(audit.contains("business.merge") && audit.contains("business.unmerge"), "{audit}");
    Ok(())
}

#[tokio::test]
async fn what_comes_in_meanwhile_is_the_survivors_until_they_are_apart() -> Result<()> {
    let app = TestApp::start().await?;
    let team = a_team().create(&app.admin).await?;
    let [survivor, merged] = two_businesses(&app, &team).await?;
    let wish = json!({ "survivor_id": survivor, "merged_id": merged });
    post(&app, &team, "/v1/businesses/merge", &wish).await?.error_for_status()?;

    let list = "Company Name,Contact Name,Phone Number,Zip Code,State\r\nAcme Heating,Ben Okafor,512-555-0143,78701,TX\r\n";
    app.import(&team, "list.csv", list).await?;
    let of_ben = async || -> Result<Value> {
        let leads = app.get(&team, "/v1/leads?limit=200").await?;
        let items = leads["items"].as_array().context("leads")?.clone();
        for lead in items {
            let lead = app.get(&team, &format!("/v1/leads/{}", text(&lead, "id")?)).await?;
            if lead["persona"]["given_name"] == "Ben" {
                return Ok(lead);
            }
        }
        anyhow::bail!("Ben is no lead: {leads}")
    };
    assert_eq!(text(&of_ben().await?, "business_id")?, survivor, "it goes to whoever has the merged one now");

    unmerge(&app, &team, &merged).await?;
    assert!(entities::integrity::orphans(&app.db, team.id).await?.is_empty());
    // The very row again, now that they are two: it stays one lead, and nothing is merged again.
    let id = app.upload_with(&team, "list.csv", "&on_duplicate=reload", list).await?;
    assert_eq!(app.settled(&team, &id).await?["counts"]["leads"], 0);
    for business in [&survivor, &merged] {
        let merges = app.get(&team, &format!("/v1/businesses/{business}/merges")).await?;
        let items = merges["items"].as_array().context("merges")?;
        assert!(items.iter().all(|merge| merge["unmerged_at"].is_string()), "{merges}");
    }
    assert!(entities::integrity::orphans(&app.db, team.id).await?.is_empty());
    Ok(())
}
