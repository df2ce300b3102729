//! What comes later: in two shapes, late, twice, out of order, and to be polled.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sandbox::{Fault, Identity, Sandbox, Script, Settings, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, ann, client, introduce_ann, numbered, question, read, settings};
use crate::receiver::Receiver;

async fn ask_for_phones(sandbox: &Sandbox, who: &Identity, wish: &str, receiver: &Receiver) -> Result<Value> {
    let request =
        question(sandbox, Vendor::Apollo, who).query(&[(wish, "true"), ("webhook_url", &receiver.url)]);
    let (status, answer) = read(request.send().await?).await?;
    assert_eq!(status, 200, "{answer}");
    Ok(answer)
}

async fn poll(sandbox: &Sandbox, id: &Value) -> Result<(u16, Value)> {
    let url = format!("{}/api/v1/webhook_result/{id}", sandbox.url(Vendor::Apollo));
    read(client().get(url).header("x-api-key", KEY).send().await?).await
}

fn person_of(webhook: &Value) -> Option<&str> {
    webhook["people"][0]["id"].as_str()
}

async fn knowing(delay: Duration) -> Result<Sandbox> {
    let sandbox = Sandbox::start(Settings { webhook_delay: delay, ..settings() }).await?;
    introduce_ann(&sandbox);
    Ok(sandbox)
}

#[tokio::test]
async fn the_native_shape() -> Result<()> {
    let sandbox = knowing(Duration::from_millis(20)).await?;
    let mut receiver = Receiver::start(0).await?;
    let answer = ask_for_phones(&sandbox, &ann(), "reveal_phone_number", &receiver).await?;
    assert!(answer["request_id"].is_i64());
    assert!(answer.get("waterfall").is_none());
    let webhook = receiver.next().await?;
    insta::assert_json_snapshot!("apollo_native", webhook);
    assert_eq!(person_of(&webhook), answer["person"]["id"].as_str());
    assert_eq!(poll(&sandbox, &answer["request_id"]).await?, (200, webhook));
    let book = sandbox.ledger().vendor(Vendor::Apollo).clone();
    assert_eq!((book.billed_units, book.micro_dollars), (9, 900_000));
    assert!(book.paid_again().is_empty(), "the match and the number are two things");
    Ok(())
}

#[tokio::test]
async fn the_waterfall_has_two_forms_of_another_shape() -> Result<()> {
    let sandbox = knowing(Duration::ZERO).await?;
    let mut receiver = Receiver::start(0).await?;
    let (mut flat, mut nested) = (0, 0);
    for number in 0..20 {
        let answer = ask_for_phones(&sandbox, &numbered(number), "run_waterfall_phone", &receiver).await?;
        assert_eq!(answer["waterfall"], json!({"status": "accepted"}));
        let webhook = receiver.next().await?;
        assert_eq!(webhook["request_id"], answer["request_id"]);
        assert_eq!(webhook["target_fields"], json!(["mobile"]));
        let person = &webhook["people"][0];
        flat += u32::from(person["phone_numbers"].is_array());
        nested += u32::from(person["waterfall"]["phone_numbers"].is_array());
    }
    assert!(flat > 0 && nested > 0 && flat + nested == 20, "{flat} and {nested}");
    Ok(())
}

#[tokio::test]
async fn a_result_is_pending_until_its_time() -> Result<()> {
    let sandbox = knowing(Duration::from_secs(3_600)).await?;
    let receiver = Receiver::start(0).await?;
    let answer = ask_for_phones(&sandbox, &ann(), "reveal_phone_number", &receiver).await?;
    let (status, pending) = poll(&sandbox, &answer["request_id"]).await?;
    assert_eq!((status, &pending["error_code"]), (404, &json!("result_pending")));
    let left = pending["retry_after_seconds"].as_u64().context("seconds")?;
    assert!((3_500..=3_600).contains(&left), "{left}");
    let (status, unknown) = poll(&sandbox, &json!(1)).await?;
    assert_eq!((status, &unknown["error_code"]), (404, &json!("request_id_unknown")));
    Ok(())
}

#[tokio::test]
async fn late() -> Result<()> {
    let sandbox = knowing(Duration::ZERO).await?;
    let mut receiver = Receiver::start(0).await?;
    sandbox.script(Script::new(Fault::WebhookLate { ms: 500 }).times(1))?;
    let began = Instant::now();
    ask_for_phones(&sandbox, &ann(), "reveal_phone_number", &receiver).await?;
    receiver.next().await?;
    assert!(began.elapsed() >= Duration::from_millis(500));
    Ok(())
}

#[tokio::test]
async fn twice() -> Result<()> {
    let sandbox = knowing(Duration::ZERO).await?;
    let mut receiver = Receiver::start(0).await?;
    sandbox.script(Script::new(Fault::WebhookTwice).times(1))?;
    ask_for_phones(&sandbox, &ann(), "reveal_phone_number", &receiver).await?;
    assert_eq!(receiver.next().await?, receiver.next().await?);
    assert_eq!(sandbox.ledger().vendor(Vendor::Apollo).billed_units, 9, "billed once");
    Ok(())
}

#[tokio::test]
async fn out_of_order() -> Result<()> {
    let sandbox = knowing(Duration::ZERO).await?;
    let mut receiver = Receiver::start(0).await?;
    sandbox.script(Script::new(Fault::WebhookOutOfOrder).times(1))?;
    let first = ask_for_phones(&sandbox, &ann(), "reveal_phone_number", &receiver).await?;
    let second = ask_for_phones(&sandbox, &numbered(1), "reveal_phone_number", &receiver).await?;
    let order = [receiver.next().await?, receiver.next().await?];
    assert_eq!(
        order.each_ref().map(person_of),
        [second["person"]["id"].as_str(), first["person"]["id"].as_str()]
    );
    Ok(())
}

#[tokio::test]
async fn what_is_refused_is_tried_again() -> Result<()> {
    let sandbox = knowing(Duration::ZERO).await?;
    let mut receiver = Receiver::start(2).await?;
    ask_for_phones(&sandbox, &ann(), "reveal_phone_number", &receiver).await?;
    assert_eq!(receiver.next().await?["status"], "success");
    Ok(())
}

#[tokio::test]
async fn for_nobody_nothing_comes() -> Result<()> {
    let mut settings = settings();
    settings.vendor_mut(Vendor::Apollo).hit_rate = 0.0;
    let sandbox = Sandbox::start(settings).await?;
    let receiver = Receiver::start(0).await?;
    let answer = ask_for_phones(&sandbox, &numbered(1), "reveal_phone_number", &receiver).await?;
    assert_eq!(answer["person"], Value::Null);
    let again = ask_for_phones(&sandbox, &numbered(1), "reveal_phone_number", &receiver).await?;
    assert_ne!(answer["request_id"], again["request_id"], "each request has an id of its own");
    let (_, polled) = poll(&sandbox, &answer["request_id"]).await?;
    assert_eq!(polled["error_code"], "request_id_unknown");
    assert_eq!(sandbox.ledger().micro_dollars, 0);
    Ok(())
}
