//! Servers that answer in every way.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Secret;
use crate::notice::NoticeSettings;
use crate::testing::{Play, Server, any_json, nobody};
use crate::transport::Answer;

fn question() -> ModelQuestion {
    ModelQuestion {
        instructions: "Say what is meant.".to_owned(),
        message: "blue [name]".to_owned(),
        schema_name: "reading",
        schema: json!({ "type": "object" }),
        most_tokens: 60,
    }
}

async fn ask(url: &str) -> Result<ModelAnswer, ModelFault> {
    let client = ModelClient::new(NoticeSettings { private_addresses: true });
    let base_url = format!("{url}/v1/").parse().expect("an address");
    let account = ModelAccount { base_url, model: "small".to_owned(), key: Some(Secret::from("sk-hush")) };
    assert!(!format!("{account:?} {:?}", question()).contains("hush"));
    client.with_timeout(Duration::from_millis(400)).ask(&account, &question()).await
}

fn completion(message: Value, finish: &str) -> String {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_700_000_000, "model": "small-2026",
        "choices": [{ "index": 0, "message": message, "finish_reason": finish, "logprobs": null }],
        "usage": { "prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28 },
    })
    .to_string()
}

const USAGE: Option<Usage> = Some(Usage { input_tokens: 21, output_tokens: 7 });

#[tokio::test]
async fn it_is_asked_as_chat_completions_are_and_answers_an_object() {
    let said = json!({ "role": "assistant", "content": "{\"intent\":\"question\",\"confidence\":81}", "refusal": null });
    let server = Server::that(Play::ok(&completion(said, "stop"))).await;
    let answer = ask(&server.url).await.expect("an answer");
    assert_eq!(answer.content, json!({ "intent": "question", "confidence": 81 }));
    assert_eq!((answer.usage, answer.model.as_str()), (USAGE, "small-2026"));
    assert!(!format!("{answer:?}").contains("intent"), "{answer:?}");
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").expect("a request");
    assert!(head.starts_with("POST /v1/chat/completions HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("authorization: bearer sk-hush"), "{head}");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["model"], "small");
    assert_eq!(body["messages"][1], json!({ "role": "user", "content": "blue [name]" }));
    assert_eq!(body["response_format"]["json_schema"]["name"], "reading");
    assert_eq!(
        (&body["response_format"]["json_schema"]["strict"], &body["max_completion_tokens"]),
        (&json!(true), &json!(60))
    );
}

#[tokio::test]
async fn each_way_of_not_answering_is_told_apart_and_says_what_it_cost() {
    let told = |code: &str| {
        json!({ "error": { "message": "blue", "type": "x", "param": null, "code": code } }).to_string()
    };
    let refusal = json!({ "role": "assistant", "content": null, "refusal": "I cannot help with that." });
    let words = json!({ "role": "assistant", "content": "I think they ask something." });
    let cases = [
        (
            Play::status(429, &told("rate_limit_exceeded")).with("retry-after", "7"),
            ModelFault::RateLimited { retry_after: Some(Duration::from_secs(7)) },
        ),
        (
            Play::status(429, &told("insufficient_quota")),
            ModelFault::AccountStop { code: "insufficient_quota".to_owned() },
        ),
        (
            Play::status(401, &told("invalid_api_key")),
            ModelFault::AccountStop { code: "invalid_api_key".to_owned() },
        ),
        (
            Play::status(404, &told("model_not_found")),
            ModelFault::Refused { code: "model_not_found".to_owned() },
        ),
        // A code that is a sentence may repeat the question, and is not kept.
        (Play::status(400, &told("blue Ann")), ModelFault::Refused { code: "http_400".to_owned() }),
        (Play::status(503, "<html>"), ModelFault::Unreachable { detail: "http_503".to_owned() }),
        (Play::status(504, "<html>"), ModelFault::Lost { why: "http_504" }),
        (Play::status(307, "").with("location", "/x"), ModelFault::Refused { code: "http_307".to_owned() }),
        (Play::ok("{\"choices\":"), ModelFault::Unreadable),
        (Play::ok(&told("server_error")), ModelFault::Unreadable),
        (Play::ok("{\"choices\":[]}"), ModelFault::Unreadable),
        (Play::ok(&completion(refusal, "stop")), ModelFault::Declined { usage: USAGE }),
        (Play::ok(&completion(words.clone(), "stop")), ModelFault::NotJson { usage: USAGE }),
        (Play::ok(&completion(words, "length")), ModelFault::TooLong { usage: USAGE }),
        (Play::Cut, ModelFault::Lost { why: "connection_lost" }),
        (Play::Hang, ModelFault::Lost { why: "timed_out" }),
    ];
    for (play, expected) in cases {
        let shown = format!("{play:?}");
        let server = Server::that(play).await;
        let fault = ask(&server.url).await.expect_err("no answer");
        assert_eq!(fault, expected, "{shown}");
        assert!(!fault.to_string().contains("blue"), "{fault}");
    }
    let away = ask(&nobody().await).await.expect_err("nobody is there");
    assert!(matches!(away, ModelFault::Unreachable { .. }) && away.is_free(), "{away:?}");
    assert!(!ModelFault::Lost { why: "timed_out" }.is_free());
}

#[tokio::test]
async fn a_private_network_is_not_asked_unless_the_operator_says_so() {
    let server = Server::that(Play::ok("{}")).await;
    let client = ModelClient::new(NoticeSettings::default());
    let base_url = server.url.parse().expect("an address");
    let account = ModelAccount { base_url, model: "small".to_owned(), key: None };
    let fault = client.ask(&account, &question()).await.expect_err("not reached");
    assert!(matches!(fault, ModelFault::Unreachable { .. }), "{fault:?}");
    assert!(server.requests().is_empty());
}

proptest! {
    #[test]
    fn whatever_a_server_answers_is_read_without_panicking(
        status in 100u16..600,
        body in any_json(&["choices", "message", "content", "refusal", "usage", "prompt_tokens", "error", "code", "finish_reason"]),
    ) {
        let answer = Answer {
            status,
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::from(body.to_string()),
        };
        if let Ok(answer) = reply::read(&answer) {
            prop_assert!(answer.content.is_object());
        }
    }
}
