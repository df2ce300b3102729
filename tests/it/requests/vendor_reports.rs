//! What vendors report is believed by its signature, done once, and answered at once.

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Services, Team, TestApp, a_team};
use uuid::Uuid;

const SECRET: &str = "test-signing-secret";

/// HMAC-SHA256 (RFC 2104) of a text, as hex: written here again, so that one mistake does not agree with itself.
fn hmac(secret: &str, text: &[u8]) -> String {
    let mut key = [0u8; 64];
    key[..secret.len()].copy_from_slice(secret.as_bytes());
    let pad = |with: u8| key.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    hex::encode(Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

struct Door<'a> {
    app: &'a TestApp,
    path: String,
}

impl<'a> Door<'a> {
    async fn make(app: &'a TestApp, team: &Team) -> Result<Self> {
        let body = json!({
            "provider": "signalhouse", "public_url": "https://refinery.example.com", "secrets": [SECRET],
        });
        let made = app.request(team, Method::POST, "/v1/webhooks").json(&body).send().await?;
        ensure!(made.status() == StatusCode::CREATED, "{}", made.text().await?);
        let made: Value = made.json().await?;
        let url = made["url"].as_str().context("an address")?;
        let path = url.strip_prefix("https://refinery.example.com").context("where we are")?.to_owned();
        Ok(Self { app, path })
    }

    /// Delivers, signed so many milliseconds ago with this secret.
    async fn deliver(&self, id: &str, secret: &str, age_ms: i64, body: &Value) -> Result<StatusCode> {
        let body = body.to_string();
        let timestamp = Utc::now().timestamp_millis() - age_ms;
        let signature = hmac(secret, format!("{timestamp}.{body}").as_bytes());
        let response = self
            .app
            .anonymous(Method::POST, &self.path)
            .header("content-type", "application/json")
            .header("x-signalhouse-signature-v1", format!("t={timestamp},v1={signature}"))
            .header("x-signalhouse-delivery-id", id)
            .body(body)
            .send()
            .await?;
        Ok(response.status())
    }
}

fn delivered(message: &str) -> Value {
    json!({
        "timestamp": Utc::now().timestamp_millis(), "event": "MESSAGE_DELIVERED", "identifier": message,
        "metaData": { "status": "DELIVERED", "segmentCount": 1 },
    })
}

fn wrote(message: &str, text: &str) -> Value {
    json!({
        "timestamp": Utc::now().timestamp_millis(), "event": "MESSAGE_RECEIVED", "identifier": message,
        "metaData": { "Message": {
            "direction": "INBOUND", "senderPhoneNumber": "15125550123", "recipientPhoneNumber": "15125550100",
            "messageBody": text,
        } },
    })
}

async fn count(app: &TestApp, sql: &'static str) -> Result<i64> {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(app.admin.pool()).await?;
    Ok(count)
}

#[tokio::test]
async fn a_delivery_is_kept_once_whatever_is_repeated() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let door = Door::make(&app, &team).await?;
    let id = Uuid::new_v4().to_string();
    for _ in 0..3 {
        let status = door.deliver(&id, SECRET, 0, &delivered("msg_1")).await?;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    // The same report in another delivery, as from the vendor's own record.
    let other = Uuid::new_v4().to_string();
    assert_eq!(door.deliver(&other, SECRET, 0, &delivered("msg_1")).await?, StatusCode::NO_CONTENT);
    assert_eq!(count(&app, "SELECT count(*) FROM webhook_deliveries").await?, 2);
    assert_eq!(count(&app, "SELECT count(*) FROM message_events").await?, 1);
    let clear =
        count(&app, "SELECT count(*) FROM webhook_deliveries WHERE position('msg_1'::bytea IN raw) > 0")
            .await?;
    assert_eq!(clear, 0, "what was delivered is kept encrypted");
    Ok(())
}

#[tokio::test]
async fn what_is_not_signed_well_is_not_believed_and_nothing_is_kept() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let door = Door::make(&app, &team).await?;
    let body = delivered("msg_1");
    assert_eq!(door.deliver("1", "another secret", 0, &body).await?, StatusCode::UNAUTHORIZED);
    assert_eq!(door.deliver("1", SECRET, 301_000, &body).await?, StatusCode::UNAUTHORIZED, "too old");
    assert_eq!(door.deliver("1", SECRET, -301_000, &body).await?, StatusCode::UNAUTHORIZED, "to come");
    let unsigned = app.anonymous(Method::POST, &door.path).json(&body).send().await?;
    assert_eq!(unsigned.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(count(&app, "SELECT count(*) FROM webhook_deliveries").await?, 0);

    let token = door.path.rsplit('/').next().context("a token")?.to_owned();
    for path in [
        format!("/hooks/twilio/{token}"),
        format!("/hooks/signalhouse/{}", "A".repeat(43)),
        "/hooks/signalhouse/short".to_owned(),
        format!("/hooks/nobody/{token}"),
    ] {
        let response = app.anonymous(Method::POST, &path).json(&body).send().await?;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
    // A closed door is no door.
    let doors = app.get(&team, "/v1/webhooks").await?;
    let id = doors["items"][0]["id"].as_str().context("an id")?;
    let closed = app.request(&team, Method::DELETE, &format!("/v1/webhooks/{id}")).send().await?;
    assert_eq!(closed.status(), StatusCode::NO_CONTENT);
    assert_eq!(door.deliver("1", SECRET, 0, &body).await?, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn a_doors_secrets_are_set_later_and_rotated_without_a_gap() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let body = json!({ "provider": "signalhouse", "public_url": "https://refinery.example.com" });
    let made: Value =
        app.request(&team, Method::POST, "/v1/webhooks").json(&body).send().await?.json().await?;
    let url = made["url"].as_str().context("an address")?;
    let path = url.strip_prefix("https://refinery.example.com").context("where we are")?.to_owned();
    let door = Door { app: &app, path };
    let set = async |secrets: &[&str]| -> Result<StatusCode> {
        let id = made["id"].as_str().context("an id")?;
        let request = app.request(&team, Method::PUT, &format!("/v1/webhooks/{id}/secrets"));
        Ok(request.json(&json!({ "secrets": secrets })).send().await?.status())
    };
    let delivered_with = async |secret: &str| {
        let id = Uuid::new_v4().to_string();
        door.deliver(&id, secret, 0, &delivered(&id)).await
    };
    assert_eq!(delivered_with(SECRET).await?, StatusCode::UNAUTHORIZED, "no secret is known yet");

    assert_eq!(set(&[SECRET]).await?, StatusCode::NO_CONTENT);
    assert_eq!(delivered_with(SECRET).await?, StatusCode::NO_CONTENT);
    assert_eq!(set(&["the next one", SECRET]).await?, StatusCode::NO_CONTENT);
    for secret in ["the next one", SECRET] {
        assert_eq!(delivered_with(secret).await?, StatusCode::NO_CONTENT, "both while they are rotated");
    }
    assert_eq!(set(&["the next one"]).await?, StatusCode::NO_CONTENT);
    assert_eq!(delivered_with(SECRET).await?, StatusCode::UNAUTHORIZED, "the old one is gone");
    assert_eq!(delivered_with("the next one").await?, StatusCode::NO_CONTENT);

    for wrong in [&[][..], &["one", "two", "three"]] {
        assert_eq!(set(wrong).await?, StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    }
    assert_eq!(
        delivered_with("the next one").await?,
        StatusCode::NO_CONTENT,
        "what was refused changed nothing"
    );
    let doors = app.get(&team, "/v1/webhooks").await?.to_string();
    assert!(!doors.contains("the next one") && !doors.contains(&door.path), "{doors}");
    Ok(())
}

#[tokio::test]
async fn a_word_that_opts_out_suppresses_before_the_answer_and_start_takes_it_back() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let team = a_team().create(&app.admin).await?;
    let door = Door::make(&app, &team).await?;
    assert_eq!(door.deliver("0", SECRET, 0, &wrote("in_0", "Who is this?")).await?, StatusCode::NO_CONTENT);
    assert_eq!(app.get(&team, "/v1/suppressions").await?["items"].as_array().map(Vec::len), Some(0));

    assert_eq!(door.deliver("1", SECRET, 0, &wrote("in_1", " Stop! ")).await?, StatusCode::NO_CONTENT);
    let book = app.get(&team, "/v1/suppressions").await?;
    let entry = &book["items"][0];
    assert_eq!(
        (&entry["value"], &entry["reason"], &entry["method"]),
        (&json!("+15125550123"), &json!("opt_out"), &json!("keyword"))
    );
    let other = a_team().create(&app.admin).await?;
    assert_eq!(
        app.get(&other, "/v1/suppressions").await?["items"].as_array().map(Vec::len),
        Some(0),
        "the token's team"
    );

    assert_eq!(door.deliver("2", SECRET, 0, &wrote("in_2", "START")).await?, StatusCode::NO_CONTENT);
    assert_eq!(app.get(&team, "/v1/suppressions").await?["items"].as_array().map(Vec::len), Some(0));
    assert_eq!(count(&app, "SELECT count(*) FROM messages WHERE direction = 'inbound'").await?, 3);
    assert_eq!(count(&app, "SELECT count(*) FROM messages WHERE classification = 'opt-out'").await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_book_goes_out_and_comes_in_as_a_list() -> Result<()> {
    let app = TestApp::without_worker(Services::shared().await).await?;
    let (team, other) = (a_team().create(&app.admin).await?, a_team().create(&app.admin).await?);
    let list =
        "value,reason,scope,subject\n(512) 555-0123,dnc,,\nann@example.com,,,\n+15125550124,opt_out,,\n";
    let import = async |team: &Team, list: String| -> Result<(StatusCode, Value)> {
        let response = app
            .request(team, Method::POST, "/v1/suppressions/import")
            .header("content-type", "text/csv")
            .body(list)
            .send()
            .await?;
        Ok((response.status(), response.json().await?))
    };
    let (status, answer) = import(&team, list.to_owned()).await?;
    assert_eq!((status, &answer["new"]), (StatusCode::OK, &json!(3)), "{answer}");
    let exported = app.request(&team, Method::GET, "/v1/suppressions.csv").send().await?.text().await?;
    assert_eq!(exported.lines().count(), 4, "{exported}");
    let (status, answer) = import(&other, exported).await?;
    assert_eq!((status, &answer["new"]), (StatusCode::OK, &json!(3)), "what goes out comes in: {answer}");
    let (status, answer) = import(&team, "value\n+15125550125\nnobody\n".to_owned()).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!answer.to_string().contains("nobody"), "{answer}");
    assert_eq!(
        app.get(&team, "/v1/suppressions").await?["items"].as_array().map(Vec::len),
        Some(3),
        "all or nothing"
    );
    Ok(())
}
