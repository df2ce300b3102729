//! What a server of chat completions answers.

use std::time::SystemTime;

use serde::Deserialize;
use serde_json::Value;

use super::{ModelAnswer, ModelFault, Usage};
use crate::retry_after::retry_after;
use crate::transport::Answer;

/// The longest code of a server that is kept.
const LONGEST_CODE: usize = 64;

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    model: String,
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

#[derive(Deserialize)]
struct Failed {
    error: Trouble,
}

/// Some servers give an object, as the vendor does, some only a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Trouble {
    Told {
        #[serde(default)]
        code: Value,
        #[serde(default, rename = "type")]
        kind: Option<String>,
    },
    Said(#[expect(dead_code, reason = "may repeat the question, and is not kept")] String),
}

impl Trouble {
    /// The code, or else the type, if it is as short and plain as codes are.
    fn code(&self) -> Option<String> {
        let Self::Told { code, kind } = self else { return None };
        let code = code.as_str().map(str::to_owned).or_else(|| kind.clone())?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        (!code.is_empty() && code.len() <= LONGEST_CODE && code.bytes().all(plain)).then_some(code)
    }
}

/// What an answer says.
pub(super) fn read(answer: &Answer) -> Result<ModelAnswer, ModelFault> {
    let trouble = serde_json::from_slice::<Failed>(&answer.body).ok().map(|failed| failed.error);
    let code = || {
        let told = trouble.as_ref().and_then(Trouble::code);
        told.unwrap_or_else(|| format!("http_{}", answer.status))
    };
    match answer.status {
        // Some put errors behind a 200.
        200..=299 if trouble.is_some() => Err(ModelFault::Unreadable),
        200..=299 => said(&answer.body),
        // What is bought is used up: waiting does not bring it back.
        429 if code() == "insufficient_quota" => Err(ModelFault::AccountStop { code: code() }),
        429 => Err(ModelFault::RateLimited { retry_after: retry_after(&answer.headers, SystemTime::now()) }),
        401..=403 => Err(ModelFault::AccountStop { code: code() }),
        // Whoever stands before the model lost patience with it; what it said meanwhile may be billed.
        504 => Err(ModelFault::Lost { why: "http_504" }),
        408 | 500..=599 => Err(ModelFault::Unreachable { detail: code() }),
        _ => Err(ModelFault::Refused { code: code() }),
    }
}

fn said(body: &[u8]) -> Result<ModelAnswer, ModelFault> {
    let completion: Completion = serde_json::from_slice(body).map_err(|_| ModelFault::Unreadable)?;
    let usage = completion
        .usage
        .map(|tokens| Usage { input_tokens: tokens.prompt_tokens, output_tokens: tokens.completion_tokens });
    let Some(choice) = completion.choices.into_iter().next() else { return Err(ModelFault::Unreadable) };
    let declined = choice.message.refusal.is_some_and(|words| !words.is_empty());
    match choice.finish_reason.as_deref() {
        _ if declined => return Err(ModelFault::Declined { usage }),
        Some("content_filter") => return Err(ModelFault::Declined { usage }),
        Some("length") => return Err(ModelFault::TooLong { usage }),
        _ => {}
    }
    let content: Option<Value> =
        choice.message.content.as_deref().and_then(|text| serde_json::from_str(text.trim()).ok());
    match content {
        Some(content) if content.is_object() => Ok(ModelAnswer { content, usage, model: completion.model }),
        _ => Err(ModelFault::NotJson { usage }),
    }
}
