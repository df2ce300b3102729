//! What an operator puts right: an account that was stopped, a call of which nobody knows what came, a campaign that pays.

use anyhow::{Context, Result};
use domain::id::CampaignId;
use entities::{fresh_id, provider_account};
use reqwest::Method;
use sandbox::{Fault, Script, Settings, StopReason, Vendor};
use serde_json::json;

use super::{introduce, scene};

const ANN: (&str, &str) = ("Ann", "Quimby");
const BOB: (&str, &str) = ("Robert", "Zelnik");

#[tokio::test]
async fn a_stopped_account_is_resumed_by_the_operator_and_by_no_team() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    introduce(&sandbox, 0, ANN, &[Vendor::BatchData]);
    sandbox.script(
        Script::new(Fault::AccountStop { reason: StopReason::default() }).at(Vendor::BatchData).times(1),
    )?;
    let leads = app.owners(&team, &[ANN]).await?;
    assert_eq!(app.enrich_through(&team, &leads).await?.on_hold, 1);

    let resume = |vendor: &str| app.request(&team, Method::POST, &format!("/v1/providers/{vendor}/resume"));
    assert_eq!(resume("nobody").send().await?.status(), 404);
    let response = resume("batchdata").send().await?;
    assert_eq!(response.status(), 403, "the account is everybody's");
    let refused: serde_json::Value = response.json().await?;
    let detail = refused["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("refinery providers resume batchdata"), "it says what to do: {detail}");
    assert!(provider_account::resume(&app.admin, "batchdata").await?);
    let shown = app.get(&team, "/v1/providers").await?;
    assert_eq!(shown["items"][0]["state"], "active", "{shown}");
    assert_eq!(resume("batchdata").send().await?.status(), 409, "it may be called");
    assert_eq!(app.enrich_through(&team, &leads).await?.on_hold, 0);
    Ok(())
}

#[tokio::test]
async fn whoever_has_the_bill_says_what_a_call_cost() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    for (number, name) in [ANN, BOB].into_iter().enumerate() {
        introduce(&sandbox, number, name, &[Vendor::BatchData]);
    }
    let leads = app.owners(&team, &[ANN, BOB]).await?;
    for lead in &leads {
        // Nobody knows whether it arrived; the vendor knows that it did not.
        sandbox.script(Script::new(Fault::Cut { processed: false }).at(Vendor::BatchData).times(1))?;
        assert_eq!(app.enrich_through(&team, &[*lead]).await?.on_hold, 1);
    }
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    let unknown = app.get(&team, "/v1/provider-calls/unknown").await?;
    let calls: Vec<&str> =
        unknown["items"].as_array().into_iter().flatten().filter_map(|call| call["id"].as_str()).collect();
    let [later, earlier] = calls[..] else { anyhow::bail!("two calls: {unknown}") };
    let most = unknown["items"][0]["cost_micros"].as_i64().context("a cost")?;
    let spent = "SELECT spent_micros FROM budgets WHERE team_id = $1 AND scope = 'team'";
    assert_eq!(app.count(&team, spent).await?, 2 * most, "they count in full");

    let resolve = async |call: &str, cost: i64| -> Result<u16> {
        let path = format!("/v1/provider-calls/{call}/resolve");
        let body = json!({ "cost_micros": cost });
        Ok(app.request(&team, Method::POST, &path).json(&body).send().await?.status().as_u16())
    };
    assert_eq!(resolve(earlier, -1).await?, 422);
    assert_eq!(resolve(earlier, 0).await?, 204);
    assert_eq!(resolve(later, 10_000).await?, 204);
    assert_eq!(resolve(later, 10_000).await?, 409, "once");
    assert_eq!(app.count(&team, spent).await?, 10_000, "the budget knows what it cost");
    let day = "SELECT spent_micros FROM budgets WHERE team_id = $1 AND scope = 'day' AND subject = '' AND day IS NOT NULL";
    assert_eq!(app.count(&team, day).await?, 10_000);

    // What never arrived is asked again; what was charged is not.
    let run = app.enrich_through(&team, &leads).await?;
    assert_eq!(run.on_hold, 0, "{run:?}");
    let ledger = sandbox.ledger();
    assert_eq!(ledger.vendor(Vendor::BatchData).requests, 3);
    assert_eq!(app.count(&team, spent).await?.cast_unsigned(), ledger.micro_dollars + 10_000);
    Ok(())
}

#[tokio::test]
async fn a_campaign_pays_no_more_than_it_has() -> Result<()> {
    let (app, team, sandbox) = scene(Settings::default(), &[Vendor::BatchData]).await?;
    introduce(&sandbox, 0, ANN, &[Vendor::BatchData]);
    let leads = app.owners(&team, &[ANN]).await?;
    let stranger: CampaignId = fresh_id();
    let body = json!({ "leads": leads, "campaign": stranger });
    let response = app.request(&team, Method::POST, "/v1/enrichments").json(&body).send().await?;
    assert_eq!(response.status(), 404, "there is no such campaign");

    let campaign: CampaignId = fresh_id();
    sqlx::query(
        "INSERT INTO campaigns (team_id, id, name, channel, what, consent_basis) VALUES ($1, $2, 'spring', 'sms', '{}', 'none')",
    )
    .bind(domain::id::TypedId::uuid(team.id))
    .bind(domain::id::TypedId::uuid(campaign))
    .execute(app.admin.pool())
    .await?;
    let limit = json!({ "scope": "campaign", "subject": campaign, "limit_micros": 10_000 });
    let response = app.request(&team, Method::PUT, "/v1/budgets").json(&limit).send().await?;
    assert_eq!(response.status(), 200);
    let body = json!({ "leads": leads, "campaign": campaign });
    let response = app.request(&team, Method::POST, "/v1/enrichments").json(&body).send().await?;
    assert_eq!(response.status(), 202);
    let run: serde_json::Value = response.json().await?;
    let run = app.enriched(&team, run["id"].as_str().context("an id")?.parse()?).await?;
    assert_eq!((run.state.as_str(), run.on_hold), ("completed", 1), "{run:?}");
    assert_eq!(sandbox.ledger().vendor(Vendor::BatchData).requests, 0);
    Ok(())
}
