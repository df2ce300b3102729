//! Chat completions in the shape of OpenAI's API: `POST /v1/chat/completions` with structured answers. Tokens are counted as four
//! characters each, and billed with the answer.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::faults::{Fault, StopReason, Twist};
use crate::front::{Account, Refusal, Reply, Served, Storefront, Visit, gateway_page};
use crate::ledger::Charge;
use crate::model::Desk;
use crate::settings::VendorSettings;
use crate::vendor::Vendor;
use crate::vendors::is_nobodys;
use crate::world::Chance;

const PATH: &str = "/v1/chat/completions";

pub(super) struct Model {
    desk: Arc<Desk>,
    settings: VendorSettings,
}

impl Model {
    pub(super) fn new(desk: Arc<Desk>, settings: VendorSettings) -> Self {
        Self { desk, settings }
    }

    fn complete(&self, body: &Value, model: &str, messages: &[Value], twist: &Twist) -> Served {
        let said = |role: &str| {
            let of_role = |message: &&Value| message["role"] == role;
            let last = messages.iter().rev().find(of_role);
            last.and_then(|message| message["content"].as_str()).unwrap_or_default()
        };
        let message = said("user");
        let answer = self.desk.answer(body, message, &body["response_format"]["json_schema"]);
        let (content, refusal) = match twist {
            Twist { declines: true, .. } => (Value::Null, json!("I'm sorry, I can't help with that.")),
            Twist { off_schema: true, .. } => (json!("Sure! I would say they are interested."), Value::Null),
            _ => (json!(answer), Value::Null),
        };
        let input =
            tokens(&messages.iter().map(|message| message["content"].to_string()).collect::<String>());
        let output = tokens(content.as_str().or(refusal.as_str()).unwrap_or_default());
        let most = body["max_completion_tokens"].as_u64().or(body["max_tokens"].as_u64()).unwrap_or(u64::MAX);
        let finish = if output > most { "length" } else { "stop" };
        let subject = Chance::of(0, &[message]).hex(16);
        let owed =
            input * self.settings.price("million_input") + output * self.settings.price("million_output");
        let charge = Charge {
            subject: subject.clone(),
            what: "completion",
            units: 1,
            micro_dollars: owed.div_ceil(1_000_000),
        };
        Served {
            asked: vec![subject.clone()],
            charges: vec![charge],
            deliveries: Vec::new(),
            reply: Reply::ok(&json!({
                "id": format!("chatcmpl-{subject}"),
                "object": "chat.completion",
                "created": chrono::Utc::now().timestamp(),
                "model": model,
                "choices": [{
                    "index": 0,
                    "message": { "role": "assistant", "content": content, "refusal": refusal, "annotations": [] },
                    "logprobs": null,
                    "finish_reason": finish,
                }],
                "usage": {
                    "prompt_tokens": input,
                    "completion_tokens": output.min(most),
                    "total_tokens": input + output.min(most),
                    "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
                    "completion_tokens_details": { "reasoning_tokens": 0 },
                },
                "service_tier": "default",
                "system_fingerprint": "fp_sandbox",
            })),
        }
    }
}

/// How many tokens a text is, about.
fn tokens(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

impl Storefront for Model {
    fn vendor(&self) -> Vendor {
        Vendor::Model
    }

    fn admit(&self, visit: &Visit) -> Result<Account, Reply> {
        let key = visit.bearer();
        if is_nobodys(key) {
            let words = format!("Incorrect API key provided: {key}.");
            return Err(problem(
                StatusCode::UNAUTHORIZED,
                "invalid_request_error",
                "invalid_api_key",
                &words,
            ));
        }
        Ok(Account { scope: key.to_owned(), key: key.to_owned() })
    }

    fn serve(&self, visit: &Visit, _account: &Account, twist: &Twist) -> Served {
        if visit.path != PATH || visit.method != Method::POST {
            let words = format!("Invalid URL ({} {})", visit.method, visit.path);
            return problem(StatusCode::NOT_FOUND, "invalid_request_error", "not_found", &words).into();
        }
        let bad = |words: &str| {
            let kind = "invalid_request_error";
            problem(StatusCode::BAD_REQUEST, kind, "invalid_value", words).into()
        };
        let body: Value = match visit.json() {
            Ok(body) => body,
            Err(_) => return bad("We could not parse the JSON body of your request."),
        };
        let (Some(model), Some(messages)) = (body["model"].as_str(), body["messages"].as_array()) else {
            return bad("Missing required parameter: 'model' or 'messages'.");
        };
        if model.contains("invalid") {
            let words = format!("The model `{model}` does not exist or you do not have access to it.");
            let kind = "invalid_request_error";
            return problem(StatusCode::NOT_FOUND, kind, "model_not_found", &words).into();
        }
        let wanted = &body["response_format"];
        if wanted["type"] == "json_schema" && !wanted["json_schema"]["schema"].is_object() {
            return bad("Missing required parameter: 'response_format.json_schema.schema'.");
        }
        self.complete(&body, model, messages, twist)
    }

    fn refuse(&self, _visit: &Visit, refusal: &Refusal) -> Reply {
        match *refusal {
            Refusal::RateLimited { retry_after } => {
                let words = "Rate limit reached for requests. Please try again later.";
                problem(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", words)
                    .retry_after(retry_after)
            }
            Refusal::AccountStop(StopReason::Balance) => {
                let words = "You exceeded your current quota, please check your plan and billing details.";
                let kind = "insufficient_quota";
                problem(StatusCode::TOO_MANY_REQUESTS, kind, "insufficient_quota", words)
            }
            Refusal::AccountStop(_) => {
                let words = "The account associated with this API key has been deactivated.";
                let kind = "invalid_request_error";
                problem(StatusCode::UNAUTHORIZED, kind, "account_deactivated", words)
            }
            Refusal::Outage(StatusCode::INTERNAL_SERVER_ERROR) => {
                let words = "The server had an error while processing your request.";
                problem(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "server_error", words)
            }
            Refusal::Outage(status) => gateway_page(status),
            // As proxies before models have it.
            Refusal::ErrorInside => {
                problem(StatusCode::OK, "server_error", "upstream_error", "The upstream model failed.")
            }
        }
    }

    fn suffers(&self, fault: &Fault) -> bool {
        fault.befalls_any() || matches!(fault, Fault::Declines | Fault::OffSchema)
    }

    fn forget(&self) {
        self.desk.forget();
    }
}

fn problem(status: StatusCode, kind: &str, code: &str, message: &str) -> Reply {
    let error = json!({ "message": message, "type": kind, "param": null, "code": code });
    Reply::json(status, &json!({ "error": error }))
}
