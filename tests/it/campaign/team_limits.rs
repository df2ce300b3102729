//! What a team sends altogether, whatever each of its campaigns may.

use anyhow::{Context, Result};
use reqwest::Method;
use sandbox::Settings;
use serde_json::json;
use tests::campaigns::{Outreach, PATIENCE, moments};

#[tokio::test]
async fn two_campaigns_share_the_pace_of_their_team() -> Result<()> {
    let outreach = Outreach::with_worker(Settings::default()).await?;
    let patch = outreach.app.request(&outreach.team, Method::PATCH, "/v1/team");
    let answer = patch.json(&json!({ "send_per_minute": 120 })).send().await?;
    assert_eq!(answer.status(), 200, "{}", answer.text().await?);
    let mut campaigns = Vec::new();
    for name in ["Spring", "Summer"] {
        let people = outreach.people(6).await?;
        campaigns.push(outreach.create(&people, json!({ "name": name })).await?);
    }
    for id in &campaigns {
        outreach.release(*id).await?;
    }
    for id in &campaigns {
        outreach.reaches(*id, "completed", PATIENCE).await?;
    }
    let moments = moments(&outreach.texts());
    assert_eq!(moments.len(), 12);
    let took = *moments.last().context("one")? - *moments.first().context("one")?;
    // Twelve at half a second: by their own limits, a hundred a second, they would be through at once.
    assert!(took.num_milliseconds() >= 4_500, "all went within {took}");
    Ok(())
}
