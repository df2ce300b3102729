//! A list is pulled to its end, and what the API says of it.

use anyhow::Result;
use reqwest::Method;
use sandbox::{Fault, Script, Settings, Vendor};
use serde_json::json;
use tests::a_team;

use super::{LIST, PRICE, assert_bill, bookmark, leads, scene};

#[tokio::test]
async fn to_the_end_every_record_is_a_lead() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    let id = app.ask_for_pull(&team, Some("monday")).await?;
    assert_eq!(app.ask_for_pull(&team, Some("monday")).await?, id, "one key, one pull");
    app.pulled(&team, id).await?;

    let pull = app.get(&team, &format!("/v1/pulls/{id}")).await?;
    assert_eq!((&pull["state"], &pull["ended_by"]), (&json!("completed"), &json!("end")), "{pull}");
    let counts = ["pages", "records", "leads_new", "leads_known"].map(|name| pull[name].as_i64());
    assert_eq!(counts, [Some(2), Some(LIST), Some(LIST), Some(0)]);
    assert_eq!(pull["question"]["zip_codes"], json!(["46601"]));
    assert_eq!(app.get(&team, "/v1/pulls?state=completed").await?["items"], json!([pull]));

    assert_eq!(leads(&app, &team).await?, LIST);
    assert_eq!(bookmark(&app, &team).await?, 2);
    let seen = "SELECT sum(cardinality(seen_vendor_ids)) FROM lead_source_events WHERE team_id = $1";
    assert_eq!(app.count(&team, seen).await?, LIST);
    let owners = "SELECT count(*) FROM personas WHERE team_id = $1 AND family_name IS NOT NULL";
    assert_eq!(app.count(&team, owners).await?, LIST);
    assert_eq!(sandbox.ledger().micro_dollars, LIST.cast_unsigned() * PRICE);
    assert_bill(&app, &team, &sandbox).await
}

/// A vendor that gives 25 whatever it is asked for hides nothing: the next page begins after what came.
#[tokio::test]
async fn short_pages_lose_nothing() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    sandbox.script(Script::new(Fault::ShortPage).at(Vendor::BatchData).rate(1.0))?;
    let id = app.ask_for_pull(&team, None).await?;
    let pull = app.pulled(&team, id).await?;
    assert_eq!((pull.pages, i64::from(pull.records)), (6, LIST));
    assert_eq!(leads(&app, &team).await?, LIST);
    assert!(sandbox.ledger().vendor(Vendor::BatchData).paid_again().is_empty());
    assert_bill(&app, &team, &sandbox).await
}

#[tokio::test]
async fn what_cannot_be_pulled_is_refused() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default()).await?;
    for (body, pointer) in [
        (json!({ "source": "batchdata" }), "/filters"),
        (json!({ "source": "batchdata", "zip_codes": ["466"] }), "/zip_codes"),
        (json!({ "source": "batchdata", "zip_codes": ["46601"], "most_pages": 0 }), "/most_pages"),
        (json!({ "source": "nobody", "zip_codes": ["46601"] }), "batchdata"),
    ] {
        let response = app.request(&team, Method::POST, "/v1/pulls").json(&body).send().await?;
        let (status, problem) = (response.status(), response.text().await?);
        assert_eq!(status, 422, "{problem}");
        assert!(problem.contains(pointer), "{problem}");
    }
    let viewer = a_team().with_role(entities::membership::Role::Viewer).create(&app.admin).await?;
    let body = json!({ "source": "batchdata", "zip_codes": ["46601"] });
    let status = app.request(&viewer, Method::POST, "/v1/pulls").json(&body).send().await?.status();
    assert_eq!(status, 403);
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 0);
    Ok(())
}

/// What one team pulls does not exist for another, which starts the same list from its own beginning.
#[tokio::test]
async fn each_team_has_its_own() -> Result<()> {
    let (app, ours, _sandbox) = scene(Settings::default()).await?;
    let theirs = a_team().create(&app.admin).await?;
    let id = app.ask_for_pull(&ours, None).await?;
    app.pulled(&ours, id).await?;
    for (method, path) in
        [(Method::GET, format!("/v1/pulls/{id}")), (Method::POST, format!("/v1/pulls/{id}/stop"))]
    {
        assert_eq!(app.request(&theirs, method, &path).send().await?.status(), 404, "{path}");
    }
    assert_eq!(app.get(&theirs, "/v1/pulls").await?["items"], json!([]));
    let id = app.ask_for_pull(&theirs, None).await?;
    let pull = app.pulled(&theirs, id).await?;
    assert_eq!(i64::from(pull.leads_new), LIST, "another team's leads are not known");
    Ok(())
}
