//! Something of everything that a campaign is made of, made as a caller makes it.

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use domain::campaign::{Channel, ConsentBasis, Limits, OnWindowClose, Step};
use domain::id::{TemplateId, TestSendId, TypedId as _};
use entities::campaign::{self, Audience, Draft};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Team, TestApp};

/// What a POST answers with.
async fn posted(app: &TestApp, team: &Team, path: &str, body: Value) -> Result<Value> {
    let response = app.request(team, Method::POST, path).json(&body).send().await?;
    let status = response.status();
    let answer: Value = response.json().await?;
    ensure!(status.is_success(), "{path}: {status} {answer}");
    Ok(answer)
}

async fn made(app: &TestApp, team: &Team, path: &str, body: Value) -> Result<String> {
    let answer = posted(app, team, path, body).await?;
    Ok(answer["id"].as_str().with_context(|| format!("{path}: {answer}"))?.to_owned())
}

async fn first(app: &TestApp, team: &Team, path: &str) -> Result<String> {
    let page = app.get(team, path).await?;
    Ok(page["items"][0]["id"].as_str().with_context(|| format!("{path}: {page}"))?.to_owned())
}

/// A draft that nobody has begun to preview.
async fn a_campaign(app: &TestApp, team: &Team, template: TemplateId) -> Result<String> {
    let draft = Draft {
        name: "Plumbers of Texas".to_owned(),
        channel: Channel::Sms,
        audience: Audience::Leads(Vec::new()),
        sent_from: None,
        sdr_profile: None,
        tags: Vec::new(),
        starts_at: None,
        expires_at: None,
        on_window_close: OnWindowClose::Hold,
        windows: json!({}),
        limits: Limits::default(),
        consent_basis: ConsentBasis::ExpressWritten,
        consent_evidence: json!({}),
        steps: vec![Step { template, delay_minutes: 0, only_silent: true }],
    };
    let mut tx = app.db.team_bulk(team.id).await?;
    let id = campaign::create(&mut tx, &draft, Some(team.user)).await?;
    tx.commit().await?;
    Ok(id.to_string())
}

/// A part of a path, and the id of the team's own thing that goes there.
pub(super) async fn things(app: &TestApp, team: &Team) -> Result<Vec<(&'static str, String)>> {
    let template =
        json!({ "name": "opener", "channel": "sms", "body": "Hi {{first_name|there}}. STOP to opt out" });
    let template = made(app, team, "/v1/templates", template).await?;
    let sender = json!({ "channel": "sms", "provider": "signalhouse", "address": "+15125550100" });
    let sender = made(app, team, "/v1/senders", sender).await?;
    let profile = made(app, team, "/v1/sdr-profiles", json!({ "name": "Gianna", "role": "opener" })).await?;
    posted(app, team, "/v1/suppressions", json!({ "items": [{ "value": "(512) 555-0123" }] })).await?;
    let consent = json!({
        "kind": "phone", "value": "+15125550124", "basis": "express_written", "text_shown": "I agree to texts",
        "source": "a form", "method": "web_form", "given_at": Utc::now() - chrono::TimeDelta::days(1),
    });
    posted(app, team, "/v1/consents", json!({ "items": [consent] })).await?;
    let switch = json!({ "scope": "sender", "subject": sender, "reason": "a drill" });
    let switch = made(app, team, "/v1/kill-switches", switch).await?;
    let door = json!({
        "provider": "signalhouse", "public_url": "https://refinery.example.com", "secrets": ["a signing secret"],
    });
    let door = made(app, team, "/v1/webhooks", door).await?;
    let endpoint = json!({ "url": "https://crm.example.com/refinery", "kinds": ["campaign.*"] });
    let endpoint = made(app, team, "/v1/webhook-endpoints", endpoint).await?;
    let campaign = a_campaign(app, team, template.parse()?).await?;
    let number = json!({ "provider": "twilio", "campaign": campaign, "area_codes": [] });
    ensure!(posted(app, team, "/v1/number-orders", number).await.is_err(), "the campaign has no leads");
    let number = json!({ "provider": "twilio", "area_codes": ["512"] });
    let number = made(app, team, "/v1/number-orders", number).await?;
    let own = json!({ "name": "Ann", "value": "+15125550177", "sender": sender });
    let own = made(app, team, "/v1/test-recipients", own).await?;
    let mut tx = app.db.team_bulk(team.id).await?;
    let test = "SELECT id FROM test_sends WHERE team_id = $1";
    let test: Option<(uuid::Uuid,)> = tx.first(sqlx::query_as(test).bind(team.id.uuid())).await?;
    tx.commit().await?;
    let test = TestSendId::from_uuid(test.context("a code is sent")?.0).to_string();
    Ok(vec![
        ("/number-orders/", number),
        ("/test-recipients/", own),
        ("/test-sends/", test),
        ("/webhook-endpoints/", endpoint),
        ("/campaigns/", campaign),
        ("/templates/", template),
        ("/senders/", sender),
        ("/sdr-profiles/", profile),
        ("/suppressions/", first(app, team, "/v1/suppressions").await?),
        ("/consents/", first(app, team, "/v1/consents").await?),
        ("/kill-switches/", switch),
        ("/webhooks/", door),
    ])
}
