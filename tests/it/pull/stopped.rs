//! A person stops a pull: what was asked for is stored, nothing else is asked for, and another pull goes on.

use std::time::Duration;

use anyhow::Result;
use reqwest::Method;
use sandbox::{Settings, Vendor};
use tests::pulls::{BRISK, PATIENCE};
use tests::{TestApp, a_team, wait_until};

use super::{LIST, assert_bill, leads, scene};

#[tokio::test]
async fn midway_what_was_paid_for_stays() -> Result<()> {
    let settings = Settings::default().with_latency(Duration::from_millis(500));
    let (app, team, sandbox) = scene(settings).await?;
    let id = app.pull(&team, None, BRISK).await?;
    wait_until("the third page is at the vendor", PATIENCE, async || {
        let ledger = sandbox.ledger();
        let batchdata = ledger.vendor(Vendor::BatchData);
        batchdata.requests == 3 && batchdata.concurrent == 1
    })
    .await;
    let path = format!("/v1/pulls/{id}/stop");
    assert_eq!(app.request(&team, Method::POST, &path).send().await?.status(), 202);
    let pull = app.pulled(&team, id).await?;
    assert_eq!((pull.state.as_str(), pull.ended_by.as_deref()), ("stopped", Some("person")), "{pull:?}");
    assert_eq!((pull.pages, pull.records), (3, 60), "the page that was at the vendor is stored");
    assert_eq!(leads(&app, &team).await?, 60);
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 3);
    assert_bill(&app, &team, &sandbox).await?;
    // Once more is the same.
    assert_eq!(app.request(&team, Method::POST, &path).send().await?.status(), 202);
    let audit = app.get(&team, "/v1/audit").await?.to_string();
    assert_eq!(audit.matches("pull.stop").count(), 1, "{audit}");

    let rest = app.pull_through(&team, None).await?;
    assert_eq!((rest.ended_by.as_deref(), i64::from(rest.leads_new)), (Some("end"), LIST - 60));
    assert_eq!(leads(&app, &team).await?, LIST);
    assert!(sandbox.ledger().vendor(Vendor::BatchData).paid_again().is_empty());
    let late = app.request(&team, Method::POST, &format!("/v1/pulls/{}/stop", rest.id)).send().await?;
    assert_eq!(late.status(), 409);
    Ok(())
}

#[tokio::test]
async fn before_any_worker_is_there_it_asks_nothing() -> Result<()> {
    let (mut app, sandbox) = TestApp::with_list(Settings::default()).await?;
    let team = a_team().create(&app.admin).await?;
    let id = app.ask_for_pull(&team, None).await?;
    let stop = app.request(&team, Method::POST, &format!("/v1/pulls/{id}/stop")).send().await?;
    assert_eq!(stop.status(), 202);
    app.start_worker()?;
    let pull = app.pulled(&team, id).await?;
    assert_eq!((pull.state.as_str(), pull.pages), ("stopped", 0));
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 0);
    Ok(())
}
