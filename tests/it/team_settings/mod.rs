//! What a team sets for itself, and what it may not.

use anyhow::Result;
use domain::id::TypedId as _;
use entities::membership::Role;
use entities::team_settings;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Services, Team, TestApp, a_team};

async fn patch(app: &TestApp, team: &Team, body: Value) -> Result<(u16, Value)> {
    let response = app.request(team, Method::PATCH, "/v1/team").json(&body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

#[tokio::test]
async fn an_admin_changes_what_is_the_teams_own_and_it_is_written_down() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (team, other) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    let changes = json!({
        "time_zone": "America/Chicago", "on_hold_hours": 6, "four_eyes": false, "approval_ttl_hours": 12,
        "error_rate_pause": 0.05, "target_sics": ["17", "1711"],
    });
    let (status, shown) = patch(&app, &team, changes.clone()).await?;
    assert_eq!(status, 200, "{shown}");
    for (name, value) in changes.as_object().into_iter().flatten() {
        assert_eq!(&shown["settings"][name], value, "{name}: {shown}");
    }
    assert_eq!(app.get(&team, "/v1/team").await?["settings"], shown["settings"]);
    assert_eq!(app.get(&other, "/v1/team").await?["settings"]["four_eyes"], true, "nobody else's");
    // The database reckons by it.
    let zone = "SELECT count(*) FROM teams WHERE id = $1 AND settings->>'time_zone' = 'America/Chicago'";
    assert_eq!(app.count(&team, zone).await?, 1);
    let audit = app.get(&team, "/v1/audit").await?;
    let entry = &audit["items"][0];
    assert_eq!(
        (entry["action"].as_str(), &entry["details"]["to"]),
        (Some("team.change_settings"), &changes),
        "{audit}"
    );

    let (status, shown) = patch(&app, &team, json!({ "four_eyes": null, "time_zone": null })).await?;
    assert_eq!((status, &shown["settings"]["four_eyes"]), (200, &json!(true)), "{shown}");
    assert_eq!(shown["settings"]["error_rate_pause"], 0.05, "what was not named stays");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_what_is_the_operators_and_who_is_no_admin_is_refused() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let before = app.get(&team, "/v1/team").await?;
    for (body, expected) in [
        (json!({ "time_zone": "Mars/Olympus" }), 422),
        (json!({ "error_rate_pause": 2 }), 422),
        (json!({ "approval_ttl_hours": "soon" }), 422),
        (json!({ "no_such_setting": 1 }), 422),
        (json!({ "storage_quota_bytes": 1 }), 403),
        (json!({ "four_eyes": false, "requests_per_minute_user": 1_000_000 }), 403),
    ] {
        let (status, problem) = patch(&app, &team, body.clone()).await?;
        assert_eq!(status, expected, "{body}: {problem}");
    }
    assert_eq!(app.get(&team, "/v1/team").await?, before, "nothing of it was changed");
    for role in [Role::Viewer, Role::Operator, Role::Approver] {
        let member = a_team().with_role(role).create(&app.admin).await?;
        assert_eq!(patch(&app, &member, json!({ "four_eyes": false })).await?.0, 403, "{role:?}");
    }
    // Not even past the API does the application change what is the operator's, or another team's.
    let mut tx = app.db.team_bulk(team.id).await?;
    let quota = json!({ "storage_quota_bytes": 1 });
    assert!(team_settings::change(&mut tx, quota.as_object().expect("an object")).await.is_err());
    let direct = sqlx::query("UPDATE teams SET settings = '{}' WHERE id = $1").bind(team.id.uuid());
    assert!(direct.execute(app.db.pool()).await.is_err());
    // The operator does.
    team_settings::change_as_operator(&app.admin, team.id, quota.as_object().expect("an object")).await?;
    assert_eq!(app.get(&team, "/v1/team").await?["settings"]["storage_quota_bytes"], 1);
    Ok(())
}
