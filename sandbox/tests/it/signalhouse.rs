//! SignalHouse over HTTP, as its callers see it.

use anyhow::{Context, Result};
use chrono::Utc;
use ring::hmac;
use sandbox::{ReportSettings, Sandbox, Settings, TextSettings, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, client, read, signalhouse_text};
use crate::inbox::{Inbox, Posted};

const TO: &str = "5125552001";

async fn started(reports: ReportSettings) -> Result<Sandbox> {
    let texts = TextSettings { reports, ..TextSettings::default() };
    Ok(Sandbox::start(Settings { texts, ..Settings::default() }).await?)
}

async fn send(sandbox: &Sandbox) -> Result<Value> {
    let (status, answer) =
        read(signalhouse_text(sandbox, TO, "Hello").bearer_auth(KEY).send().await?).await?;
    assert_eq!(status, 201);
    Ok(answer)
}

async fn get(sandbox: &Sandbox, path: &str) -> Result<(u16, Value)> {
    let url = format!("{}{path}", sandbox.url(Vendor::SignalHouse));
    read(client().get(url).bearer_auth(KEY).send().await?).await
}

async fn post(sandbox: &Sandbox, path: &str, body: Value) -> Result<(u16, Value)> {
    let url = format!("{}{path}", sandbox.url(Vendor::SignalHouse));
    read(client().post(url).bearer_auth(KEY).json(&body).send().await?).await
}

async fn subscribe(sandbox: &Sandbox, inbox: &Inbox) -> Result<(String, String)> {
    let events = ["MESSAGE_RECEIVED", "MESSAGE_DELIVERED", "MESSAGE_FAILED"];
    let hook = json!({"name": "ours", "url": inbox.url, "subscribedEvents": events, "authType": "HMAC"});
    let (status, hook) = post(sandbox, "/webhook", hook).await?;
    assert_eq!(status, 201);
    let text = |field: &str| hook[field].as_str().map(str::to_owned).context("a text");
    Ok((text("_id")?, text("signingSecret")?))
}

/// Whether it is signed by the secret, by both headers.
fn is_signed(posted: &Posted, secret: &str) -> bool {
    let timestamp = posted.header("x-signalhouse-timestamp");
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp}.{}", posted.body).as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let age = Utc::now().timestamp_millis() - timestamp.parse::<i64>().unwrap_or(0);
    (0..60_000).contains(&age)
        && posted.header("x-signalhouse-signature") == hex
        && posted.header("x-signalhouse-signature-v1").contains(&format!("v1={hex}"))
}

#[tokio::test]
async fn a_send_has_its_shape() -> Result<()> {
    let sandbox = started(ReportSettings::default()).await?;
    let answer = send(&sandbox).await?;
    assert_eq!(answer["requestedRecipientCount"], 1);
    assert_eq!((&answer["enqueuedCount"], &answer["dncBlockedNumbers"]), (&json!(1), &json!([])));
    let message = &answer["insertedMessages"][0];
    assert_eq!((&message["status"], &message["errorCode"]), (&json!("ENQUEUED"), &Value::Null));
    assert_eq!(message["recipientPhoneNumber"], format!("1{TO}"));
    for (body, words) in [
        (
            json!({"senderPhoneNumber": "15125550100", "recipientPhoneNumbers": ["15125552001"], "messageBody": "x"}),
            "recipientPhoneNumber",
        ),
        (
            json!({"senderPhoneNumber": "+15125550100", "recipientPhoneNumber": ["15125552001"], "messageBody": "x"}),
            "senderPhoneNumber",
        ),
        (json!({"senderPhoneNumber": "15125550100", "recipientPhoneNumber": ["15125552001"]}), "messageBody"),
    ] {
        let (status, answer) = post(&sandbox, "/message/sms", body).await?;
        assert_eq!(status, 400);
        assert!(answer["message"].as_str().unwrap_or_default().contains(words), "{answer}");
    }
    let unauthorized = signalhouse_text(&sandbox, TO, "x").bearer_auth("invalid").send().await?;
    assert_eq!(unauthorized.status(), 401);
    Ok(())
}

#[tokio::test]
async fn the_list_wants_group_and_dates() -> Result<()> {
    let sandbox = started(ReportSettings { after_ms: 0, ..ReportSettings::default() }).await?;
    let answer = send(&sandbox).await?;
    let id = answer["insertedMessages"][0]["_id"].as_str().context("an id")?.to_owned();
    assert_eq!(get(&sandbox, "/message?groupId=G").await?.0, 400);
    let today = Utc::now().format("%Y-%m-%d");
    let dates = format!("groupId=G&startDate={today}&endDate={today}");
    let (_, page) = get(&sandbox, &format!("/message?{dates}&recipientPhoneNumber=1{TO}")).await?;
    assert_eq!((&page["totalCount"], &page["data"][0]["_id"]), (&json!(1), &json!(id)));
    let (_, none) = get(&sandbox, &format!("/message?{dates}&recipientPhoneNumber=15125552002")).await?;
    assert_eq!(none["data"], json!([]));
    let now = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let later = format!("groupId=G&startDate={now}&endDate={now}&dateBounds=exact");
    assert_eq!(get(&sandbox, &format!("/message?{later}")).await?.1["data"], json!([]));
    let (_, one) = get(&sandbox, &format!("/message?id={id}")).await?;
    assert_eq!(one["data"][0]["status"], "DELIVERED");
    let (_, reports) =
        post(&sandbox, "/message/delivery-report", json!({"messageIds": [id, "nobody's"]})).await?;
    assert_eq!(
        (reports["data"].as_array().map(Vec::len), &reports["data"][0]["status"]),
        (Some(1), &json!("DELIVERED"))
    );
    Ok(())
}

#[tokio::test]
async fn webhooks_are_signed_wrapped_or_flat_and_tried_again() -> Result<()> {
    let sandbox = started(ReportSettings::default()).await?;
    let mut inbox = Inbox::answering(&[503]).await?;
    let (_, secret) = subscribe(&sandbox, &inbox).await?;
    let answer = send(&sandbox).await?;
    let (refused, taken) = (inbox.next().await?, inbox.next().await?);
    assert_eq!(refused.header("x-signalhouse-delivery-id"), taken.header("x-signalhouse-delivery-id"));
    assert_eq!(refused.body, taken.body);
    for posted in [&refused, &taken] {
        assert!(is_signed(posted, &secret));
    }
    let delivered: Value = serde_json::from_str(&taken.body)?;
    assert_eq!(delivered["event"], "MESSAGE_DELIVERED");
    assert_eq!(delivered["identifier"], answer["insertedMessages"][0]["_id"]);
    assert_eq!(
        (&delivered["metaData"]["status"], &delivered["metaData"]["segmentCount"]),
        (&json!("DELIVERED"), &json!(1))
    );
    sandbox.text_in(Vendor::SignalHouse, TO, "5125550100", "Stop!").context("a text")?;
    let inbound = inbox.next().await?;
    assert!(is_signed(&inbound, &secret));
    assert_ne!(inbound.header("x-signalhouse-delivery-id"), taken.header("x-signalhouse-delivery-id"));
    let inbound: Value = serde_json::from_str(&inbound.body)?;
    let message = &inbound["metaData"]["Message"];
    assert_eq!((&inbound["event"], &message["messageBody"]), (&json!("MESSAGE_RECEIVED"), &json!("Stop!")));
    assert_eq!(message["senderPhoneNumber"], format!("1{TO}"));
    Ok(())
}

#[tokio::test]
async fn a_webhook_that_is_refused_for_good_is_lost_but_written_down() -> Result<()> {
    let sandbox = started(ReportSettings::default()).await?;
    let mut inbox = Inbox::answering(&[400]).await?;
    subscribe(&sandbox, &inbox).await?;
    send(&sandbox).await?;
    inbox.next().await?;
    crate::asking::until("it is given up", || {
        sandbox.ledger().vendor(Vendor::SignalHouse).webhooks_lost == 1
    })
    .await;
    let (_, page) = get(&sandbox, "/notification?groupId=G&eventTypes=MESSAGE_DELIVERED").await?;
    assert_eq!((&page["totalCount"], &page["data"][0]["event"]), (&json!(1), &json!("MESSAGE_DELIVERED")));
    assert_eq!(get(&sandbox, "/notification?groupId=G&eventTypes=MESSAGE_FAILED").await?.1["totalCount"], 0);
    assert_eq!(get(&sandbox, "/notification").await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn while_a_secret_rotates_both_are_good() -> Result<()> {
    let sandbox = started(ReportSettings::default()).await?;
    let mut inbox = Inbox::answering(&[]).await?;
    let (id, old) = subscribe(&sandbox, &inbox).await?;
    let (_, rotated) =
        post(&sandbox, &format!("/webhook/{id}/rotate-secret"), json!({"graceSeconds": 600})).await?;
    let new = rotated["signingSecret"].as_str().context("a secret")?.to_owned();
    send(&sandbox).await?;
    let posted = inbox.next().await?;
    assert!(is_signed(&posted, &old), "the older header stays with the older secret");
    assert_eq!(posted.header("x-signalhouse-signature-v1").matches("v1=").count(), 2);
    let (_, rotated) =
        post(&sandbox, &format!("/webhook/{id}/rotate-secret"), json!({"graceSeconds": 0})).await?;
    let newest = rotated["signingSecret"].as_str().context("a secret")?.to_owned();
    assert_ne!(new, newest);
    send(&sandbox).await?;
    assert!(is_signed(&inbox.next().await?, &newest));
    Ok(())
}

#[tokio::test]
async fn reports_come_twice_or_never() -> Result<()> {
    let sandbox = started(ReportSettings { twice: 1.0, ..ReportSettings::default() }).await?;
    let mut inbox = Inbox::answering(&[]).await?;
    subscribe(&sandbox, &inbox).await?;
    send(&sandbox).await?;
    let (first, second) = (inbox.next().await?, inbox.next().await?);
    assert_eq!(first.header("x-signalhouse-delivery-id"), second.header("x-signalhouse-delivery-id"));

    let sandbox = started(ReportSettings { missing: 1.0, ..ReportSettings::default() }).await?;
    let mut inbox = Inbox::answering(&[]).await?;
    subscribe(&sandbox, &inbox).await?;
    send(&sandbox).await?;
    sandbox.text_in(Vendor::SignalHouse, TO, "5125550100", "Hello?").context("a text")?;
    assert!(inbox.next().await?.body.contains("MESSAGE_RECEIVED"), "and no report before it");
    Ok(())
}

#[tokio::test]
async fn numbers_are_offered_bought_and_listed() -> Result<()> {
    let sandbox = started(ReportSettings::default()).await?;
    let (_, offers) = get(&sandbox, "/number/available?npa=512&limit=3").await?;
    assert_eq!(offers["data"].as_array().map(Vec::len), Some(3));
    let number = offers["data"][0]["phoneNumber"].clone();
    let (status, _) =
        post(&sandbox, "/number", json!({"phoneNumbers": [number], "subgroupId": "S1"})).await?;
    assert_eq!(status, 202);
    let (_, own) = get(&sandbox, "/number?groupId=G").await?;
    assert_eq!((&own["data"][0]["phoneNumber"], &own["data"][0]["status"]), (&number, &json!("READY")));
    assert_eq!(sandbox.ledger().vendor(Vendor::SignalHouse).micro_dollars, 1_000_000);
    Ok(())
}
