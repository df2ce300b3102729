//! What is told, to whom, and with which signature.

use anyhow::{Context, Result};
use domain::id::{AlertId, TypedId};
use entities::alert::{self, NewAlert};
use entities::suppression::{self, OptOut, SuppressedKind, SuppressionMethod, SuppressionScope};
use providers::notice::NoticeSettings;
use reqwest::Method;
use serde_json::json;
use sqlx::Row as _;
use tests::campaigns::{Outreach, PATIENCE};
use tests::{a_team, wait_until};

use super::ear::Ear;
use super::{endpoint, happens, scene};

#[tokio::test]
async fn a_campaigns_life_is_told_signed_and_in_ids_alone() -> Result<()> {
    let mut outreach = Outreach::new(sandbox::Settings::default()).await?;
    outreach.app.worker_config.notices = NoticeSettings { private_addresses: true };
    outreach.app.start_worker()?;
    let ear = Ear::that_answers(&[]).await?;
    let (path, secret) = endpoint(&outreach.app, &outreach.team, &ear.url, &["campaign.*"]).await?;
    let people = outreach.people(2).await?;
    let id = outreach.create(&people, json!({ "name": "Zephyrina's" })).await?;
    outreach.release(id).await?;
    outreach.reaches(id, "completed", PATIENCE).await?;
    let states = ["staged", "approved", "scheduled", "running", "completed"];
    wait_until("all of it is told", PATIENCE, || async {
        let kinds = ear.kinds();
        states.iter().all(|state| kinds.contains(&format!("campaign.{state}")))
    })
    .await;
    let heard = ear.heard();
    assert_eq!(heard.len(), states.len(), "each once: {:?}", ear.kinds());
    for heard in &heard {
        heard.is_signed_by(&secret)?;
        assert_eq!(heard.data["campaign"], id.to_string());
        assert!(!heard.data.to_string().contains("Zephyrina"), "{heard:?}");
    }
    let told = outreach.app.get(&outreach.team, &format!("{path}/notices")).await?;
    let states: Vec<_> =
        told["items"].as_array().into_iter().flatten().map(|told| told["state"].clone()).collect();
    assert_eq!(states, vec![json!("told"); 5], "{told}");
    Ok(())
}

#[tokio::test]
async fn alerts_and_opt_outs_are_told_to_whoever_asked_and_to_no_other_team() -> Result<()> {
    let (app, team) = scene().await?;
    let other = a_team().create(&app.admin).await?;
    let (all, alerts, theirs) =
        (Ear::that_answers(&[]).await?, Ear::that_answers(&[]).await?, Ear::that_answers(&[]).await?);
    endpoint(&app, &team, &all.url, &[]).await?;
    endpoint(&app, &team, &alerts.url, &["alert.raised"]).await?;
    endpoint(&app, &other, &theirs.url, &[]).await?;

    let mut tx = app.db.team_bulk(team.id).await?;
    let detail = json!({ "percent": 80 });
    let new = NewAlert { kind: "budget.threshold", subject: "team", detail: &detail, dedup_key: "b1" };
    assert!(alert::raise(&mut tx, new).await?);
    assert!(!alert::raise(&mut tx, new).await?, "the same matter");
    let who = OptOut {
        kind: SuppressedKind::Phone,
        value: "+15125550148",
        scope: SuppressionScope::Team,
        subject: "",
        method: SuppressionMethod::Keyword,
        source: "signalhouse",
    };
    for _ in 0..2 {
        suppression::opt_out(&mut tx, &who, chrono::Utc::now()).await?;
    }
    tx.commit().await?;
    // What the program says to itself is nobody's business.
    happens(&app, &team, "relay.signal", "r1").await?;
    happens(&app, &team, "campaign.paused", "c1").await?;

    wait_until("all is told", PATIENCE, || async { all.heard().len() >= 3 && !alerts.heard().is_empty() })
        .await;
    let mut kinds = all.kinds();
    kinds.sort_unstable();
    assert_eq!(kinds, ["alert.raised", "campaign.paused", "contact.opted_out"]);
    assert_eq!(alerts.kinds(), ["alert.raised"]);
    assert!(theirs.heard().is_empty(), "{:?}", theirs.heard());
    for heard in all.heard() {
        assert!(!heard.data.to_string().contains("5125550148"), "{heard:?}");
    }
    let alert = &alerts.heard()[0];
    let row = sqlx::query("SELECT id FROM alerts WHERE team_id = $1").bind(team.id.uuid());
    let id: uuid::Uuid = row.fetch_one(app.admin.pool()).await?.get(0);
    assert_eq!(alert.data["alert"], AlertId::from_uuid(id).to_string(), "as the API has it");
    Ok(())
}

#[tokio::test]
async fn ids_are_rendered_alike_in_the_database_and_here() -> Result<()> {
    let database = tests::TestDb::new(tests::Services::shared().await).await?;
    let admin = database.admin().await?;
    let mut ids: Vec<uuid::Uuid> = (0..200).map(|_| uuid::Uuid::new_v4()).collect();
    ids.extend([uuid::Uuid::nil(), uuid::Uuid::max()]);
    for id in ids {
        let row = sqlx::query("SELECT typed_id('alrt', $1)").bind(id).fetch_one(admin.pool()).await?;
        let rendered: String = row.get(0);
        assert_eq!(rendered, AlertId::from_uuid(id).to_string());
    }
    Ok(())
}

#[tokio::test]
async fn the_secret_is_shown_once_and_what_is_no_endpoint_is_refused() -> Result<()> {
    let (app, team) = scene().await?;
    let (path, secret) = endpoint(&app, &team, "https://crm.example.com/x", &["alert.*"]).await?;
    let shown = app.get(&team, &path).await?;
    assert_eq!((shown["state"].as_str(), &shown["kinds"]), (Some("active"), &json!(["alert.*"])), "{shown}");
    let row =
        sqlx::query("SELECT secret_sealed FROM webhook_endpoints WHERE team_id = $1").bind(team.id.uuid());
    let sealed: Vec<u8> = row.fetch_one(app.admin.pool()).await?.get(0);
    let key = secret.strip_prefix("whsec_").context("a secret")?;
    assert!(!String::from_utf8_lossy(&sealed).contains(key), "it is kept encrypted");
    assert!(!app.get(&team, "/v1/webhook-endpoints").await?.to_string().contains(key));

    let refused = async |body: serde_json::Value| -> Result<u16> {
        let request = app.request(&team, Method::POST, "/v1/webhook-endpoints").json(&body);
        Ok(request.send().await?.status().as_u16())
    };
    assert_eq!(refused(json!({ "url": "https://crm.example.com/x" })).await?, 409, "one of an address");
    assert_eq!(refused(json!({ "url": "http://crm.example.com/x" })).await?, 422, "not encrypted");
    assert_eq!(refused(json!({ "url": "https://me:you@crm.example.com" })).await?, 422);
    assert_eq!(refused(json!({ "url": "https://a.example.com", "kinds": ["campaigns.*"] })).await?, 422);
    assert_eq!(app.request(&team, Method::DELETE, &path).send().await?.status(), 204);
    assert_eq!(app.request(&team, Method::GET, &path).send().await?.status(), 404);
    Ok(())
}
