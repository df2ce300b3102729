//! Runs that nobody asks for at the moment: of files that are through, of leads on hold, and those whose start got lost.

use anyhow::{Context, Result};
use domain::id::EnrichmentId;
use entities::enrichment::leads::{self, Ended, LeadOutcome, Which};
use entities::enrichment::{self, NewEnrichment, Origin};
use reqwest::Method;
use sandbox::{Sandbox, Settings, Vendor};
use serde_json::{Value, json};
use tests::vendors::PATIENCE;
use tests::{Services, Team, TestApp, a_team, lists, wait_until};
use workflows::enrichment::workflow_id;

use super::{introduce, scene};

const ANN: (&str, &str) = ("Ann", "Quimby");

/// The team's only run of this origin.
async fn the_run(app: &TestApp, team: &Team, origin: &str) -> Result<Value> {
    let page = app.get(team, "/v1/enrichments").await?;
    let runs: Vec<Value> = page["items"].as_array().into_iter().flatten().cloned().collect();
    let mut of_it = runs.into_iter().filter(|run| run["origin"] == origin);
    let run = of_it.next().with_context(|| format!("a run of {origin}: {page}"))?;
    assert!(of_it.next().is_none(), "one run: {page}");
    Ok(run)
}

async fn has_run(app: &TestApp, team: &Team, origin: &str) -> bool {
    app.get(team, "/v1/enrichments")
        .await
        .is_ok_and(|page| page["items"].as_array().into_iter().flatten().any(|run| run["origin"] == origin))
}

fn id_of(run: &Value) -> Result<EnrichmentId> {
    Ok(run["id"].as_str().context("an id")?.parse()?)
}

#[tokio::test]
async fn the_leads_of_a_file_are_enriched_when_it_is_through_where_that_is_wanted() -> Result<()> {
    let (app, team, _sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    for (number, wish) in ["?enrich=true", ""].into_iter().enumerate() {
        let path = format!("/v1/uploads{wish}");
        let (list, _) = lists::list(40, 7 + number as u64);
        let request = app.request(&team, Method::POST, &path).header("x-filename", format!("{number}.csv"));
        let response = request.header("content-type", "text/csv").body(list).send().await?;
        assert_eq!(response.status(), 202, "{wish}");
        let upload: Value = response.json().await?;
        let id = upload["id"].as_str().context("an id")?.to_owned();
        wait_until("the file is through", PATIENCE, || async {
            let now = app.get(&team, &format!("/v1/uploads/{id}")).await;
            now.is_ok_and(|now| now["status"] == "completed")
        })
        .await;
    }
    let run = the_run(&app, &team, "upload").await?;
    let through = app.enriched(&team, id_of(&run)?).await?;
    assert_eq!(through.state.as_str(), "completed", "{through:?}");
    let of_file = "SELECT count(*) FROM leads l WHERE l.team_id = $1 AND l.data_source_id =
                   (SELECT data_source_id FROM enrichments WHERE team_id = $1 AND origin = 'upload')";
    assert_eq!(app.count(&team, of_file).await?, i64::from(through.leads));
    assert!(through.leads > 0);
    Ok(())
}

#[tokio::test]
async fn who_may_not_enrich_cannot_have_a_file_enriched() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let response = app
        .request(&team, Method::POST, "/v1/uploads?enrich=perhaps")
        .header("content-type", "text/csv")
        .body(lists::list(5, 3).0)
        .send()
        .await?;
    assert_eq!(response.status(), 422);
    Ok(())
}

/// A run of these leads that has been under way since before anybody can say.
async fn begun_by_nobody(app: &TestApp, team: &Team, which: Which, origin: Origin) -> Result<EnrichmentId> {
    let tx = app.db.team(team.id).await?;
    let new = NewEnrichment {
        what: json!({}),
        wanted: json!({}),
        origin,
        campaign: None,
        budget: None,
        created_by: None,
    };
    let id = enrichment::create(&tx, new).await?.id.0;
    leads::fill(&tx, id, &which).await?;
    tx.commit().await?;
    let mut tx = app.db.team_bulk(team.id).await?;
    enrichment::start(&mut tx, id, &workflow_id(id)).await?;
    tx.commit().await?;
    Ok(id)
}

/// The system with BatchData, which knows Ann, and no worker yet.
async fn asleep() -> Result<(TestApp, Team, Sandbox)> {
    let sandbox = Sandbox::start(Settings::default()).await?;
    let access = tests::vendors::access(&sandbox, &[Vendor::BatchData]);
    let app = TestApp::with_vendors(Services::shared().await, access).await?;
    let team = a_team().create(&app.admin).await?;
    introduce(&sandbox, 0, ANN, &[Vendor::BatchData]);
    Ok((app, team, sandbox))
}

#[tokio::test]
async fn a_run_whose_start_got_lost_is_started_and_only_once() -> Result<()> {
    let (mut app, team, sandbox) = asleep().await?;
    let leads = app.owners(&team, &[ANN]).await?;
    let id = begun_by_nobody(&app, &team, Which::Leads(leads), Origin::Request).await?;
    let fresh = enrichment::to_begin(&app.db, std::time::Duration::from_secs(30)).await?;
    assert!(!fresh.contains(&(team.id, id)), "whoever took the request has half a minute");
    sqlx::query("UPDATE enrichments SET started_at = now() - interval '1 minute'")
        .execute(app.admin.pool())
        .await?;
    app.start_worker()?;
    let run = app.enriched(&team, id).await?;
    assert_eq!((run.state.as_str(), run.contactable + run.enriched), ("completed", 1), "{run:?}");
    assert!(run.begun_at.is_some());
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 1);
    Ok(())
}

#[tokio::test]
async fn leads_on_hold_are_asked_about_again_after_a_day() -> Result<()> {
    let (mut app, team, sandbox) = asleep().await?;
    let lead = app.owners(&team, &[ANN]).await?[0];
    let held = begun_by_nobody(&app, &team, Which::Leads(vec![lead]), Origin::Request).await?;
    let mut tx = app.db.team_bulk(team.id).await?;
    let ended = Ended { position: 1, outcome: LeadOutcome::OnHold, last_rung: None, reason: None };
    leads::record(&mut tx, held, &[ended]).await?;
    enrichment::end(&mut tx, held, enrichment::EnrichmentState::Completed, None).await?;
    tx.commit().await?;
    assert!(
        !enrichment::teams_on_hold(&app.db).await?.contains(&team.id),
        "it has only just been put on hold"
    );
    sqlx::query("UPDATE enrichment_leads SET updated_at = now() - interval '25 hours'")
        .execute(app.admin.pool())
        .await?;
    assert!(enrichment::teams_on_hold(&app.db).await?.contains(&team.id));

    app.start_worker()?;
    wait_until("the clock asks", PATIENCE, || has_run(&app, &team, "schedule")).await;
    let run = app.enriched(&team, id_of(&the_run(&app, &team, "schedule").await?)?).await?;
    assert_eq!((run.state.as_str(), run.leads, run.on_hold), ("completed", 1, 0), "{run:?}");
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 1);
    assert!(!enrichment::teams_on_hold(&app.db).await?.contains(&team.id), "nobody is on hold any more");
    Ok(())
}
