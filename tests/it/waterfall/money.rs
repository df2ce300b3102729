//! Money ends where the limit is.

use anyhow::Result;
use reqwest::Method;
use sandbox::{Settings, Vendor};
use serde_json::json;

use super::{introduce, scene};

const NAMES: [(&str, &str); 4] =
    [("Ann", "Quimby"), ("Robert", "Zelnik"), ("Maria", "Trudor"), ("Susan", "Prasot")];

#[tokio::test]
async fn leads_the_budget_does_not_reach_are_on_hold() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    for (number, name) in NAMES.into_iter().enumerate() {
        introduce(&sandbox, number, name, &[Vendor::BatchData]);
    }
    let leads = app.owners(&team, &NAMES).await?;
    // Two matches at seven cents, and a cent.
    let id = app.enrich(&team, &leads, Some(150_000)).await?;
    let run = app.enriched(&team, id).await?;
    assert_eq!((run.state.as_str(), run.on_hold), ("completed", 2), "{run:?}");
    let view = app.get(&team, &format!("/v1/enrichments/{id}")).await?;
    assert_eq!(view["by_reason"]["on_hold/enrich.budget_exhausted"], 2, "{view}");
    assert_eq!(view["spent_micros"], 140_000, "{view}");
    assert_eq!(sandbox.ledger().micro_dollars, 140_000);
    Ok(())
}

#[tokio::test]
async fn an_estimate_asks_nobody_and_can_be_begun_once() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::Melissa, Vendor::BatchData]).await?;
    introduce(&sandbox, 0, NAMES[0], &[Vendor::Melissa]);
    let leads = app.owners(&team, &NAMES[..1]).await?;
    let body = json!({ "leads": leads });
    let response = app.request(&team, Method::POST, "/v1/enrichments/estimate").json(&body).send().await?;
    assert_eq!(response.status(), 201);
    let estimate: serde_json::Value = response.json().await?;
    assert_eq!(estimate["lacks"]["email"], 1, "{estimate}");
    let rungs: Vec<_> =
        estimate["rungs"].as_array().into_iter().flatten().map(|rung| &rung["provider"]).collect();
    assert_eq!(rungs, ["melissa", "batchdata"], "the cheapest first");
    assert_eq!(sandbox.ledger().vendor(Vendor::Melissa).requests, 0);

    let begin = json!({ "estimate": estimate["id"], "budget_micros": 1_000_000 });
    let response = app.request(&team, Method::POST, "/v1/enrichments").json(&begin).send().await?;
    assert_eq!(response.status(), 202);
    let run: serde_json::Value = response.json().await?;
    let id = run["id"].as_str().unwrap_or_default().parse()?;
    let again = app.request(&team, Method::POST, "/v1/enrichments").json(&begin).send().await?;
    assert_eq!(again.status(), 409);
    assert_eq!(app.enriched(&team, id).await?.contactable, 1);
    let at_most = estimate["at_most_micros"].as_u64().unwrap_or_default();
    assert!(sandbox.ledger().micro_dollars <= at_most, "{estimate}");
    Ok(())
}

#[tokio::test]
async fn limits_are_set_and_seen() -> Result<()> {
    let (app, team, _sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    let limit = json!({ "scope": "provider", "subject": "batchdata", "limit_micros": 0 });
    let response = app.request(&team, Method::PUT, "/v1/budgets").json(&limit).send().await?;
    assert_eq!(response.status(), 200);
    let leads = app.owners(&team, &NAMES[..1]).await?;
    assert_eq!(app.enrich_through(&team, &leads).await?.on_hold, 1);
    let nonsense = json!({ "scope": "moon" });
    let response = app.request(&team, Method::PUT, "/v1/budgets").json(&nonsense).send().await?;
    assert_eq!(response.status(), 422);
    Ok(())
}
