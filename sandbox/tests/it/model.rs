//! The model: what it says, what it is billed by, what goes wrong with it.

use anyhow::Result;
use sandbox::{Fault, ModelSays, Script, Vendor};
use serde_json::{Value, json};

use crate::asking::{KEY, all_knowing, client, completion, read};

async fn said(sandbox: &sandbox::Sandbox, message: &str) -> Result<Value> {
    let (status, answer) = read(completion(sandbox, message).bearer_auth(KEY).send().await?).await?;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["object"], "chat.completion");
    Ok(answer)
}

#[tokio::test]
async fn it_says_what_it_was_told_or_the_least_and_keeps_what_it_was_asked() -> Result<()> {
    let sandbox = all_knowing().await?;
    let answer = said(&sandbox, "blue").await?;
    let content = answer["choices"][0]["message"]["content"].as_str().unwrap_or_default();
    assert_eq!(serde_json::from_str::<Value>(content)?, json!({ "intent": "other", "confidence": 0 }));
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let says = ModelSays {
        containing: "green".into(),
        schema: "reading".into(),
        says: json!({ "intent": "question", "confidence": 80 }),
    };
    let put = client().put(format!("{}/model/answers", sandbox.control_url())).json(&json!([says]));
    assert_eq!(put.send().await?.status(), 204);
    let content = said(&sandbox, "very green").await?["choices"][0]["message"]["content"].clone();
    assert!(content.as_str().is_some_and(|content| content.contains("80")), "{content}");
    let asked = sandbox.model_asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].body["messages"][1]["content"], "very green");
    sandbox.reset();
    assert!(sandbox.model_asked().is_empty());
    Ok(())
}

#[tokio::test]
async fn usage_and_bill_agree() -> Result<()> {
    let sandbox = all_knowing().await?;
    let usage = said(&sandbox, "blue").await?["usage"].clone();
    let tokens = |name: &str| usage[name].as_u64().unwrap_or_default();
    let owed =
        (tokens("prompt_tokens") * 150_000 + tokens("completion_tokens") * 600_000).div_ceil(1_000_000);
    assert!(owed > 0, "{usage}");
    assert_eq!(sandbox.ledger().vendor(Vendor::Model).micro_dollars, owed);
    Ok(())
}

#[tokio::test]
async fn it_declines_and_rambles_when_ordered_to() -> Result<()> {
    let sandbox = all_knowing().await?;
    sandbox.script(Script::new(Fault::Declines).at(Vendor::Model).times(1))?;
    let message = said(&sandbox, "blue").await?["choices"][0]["message"].clone();
    assert!(message["content"].is_null() && message["refusal"].is_string(), "{message}");
    sandbox.script(Script::new(Fault::OffSchema).at(Vendor::Model).times(1))?;
    let message = said(&sandbox, "blue").await?["choices"][0]["message"].clone();
    let content = message["content"].as_str().unwrap_or_default();
    assert!(!content.is_empty() && serde_json::from_str::<Value>(content).is_err(), "{message}");
    assert!(sandbox.script(Script::new(Fault::Declines).at(Vendor::Twilio)).is_err());
    Ok(())
}

#[tokio::test]
async fn it_refuses_strangers_and_questions_that_are_none() -> Result<()> {
    let sandbox = all_knowing().await?;
    let (status, answer) = read(completion(&sandbox, "blue").bearer_auth("invalid").send().await?).await?;
    assert_eq!((status, answer["error"]["code"].as_str()), (401, Some("invalid_api_key")));
    let url = format!("{}/v1/chat/completions", sandbox.url(Vendor::Model));
    let post = |body: Value| client().post(&url).bearer_auth(KEY).json(&body).send();
    assert_eq!(post(json!({ "model": "small" })).await?.status(), 400);
    let (status, answer) = read(post(json!({ "model": "invalid", "messages": [] })).await?).await?;
    assert_eq!((status, answer["error"]["code"].as_str()), (404, Some("model_not_found")));
    Ok(())
}
