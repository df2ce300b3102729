//! A program of a team: it listens, remembers, and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use providers::notice::EndpointSecret;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Something that was told.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) data: Value,
    timestamp: String,
    signature: String,
    body: Vec<u8>,
}

impl Heard {
    /// It is signed by who has this secret, now.
    pub(super) fn is_signed_by(&self, secret: &str) -> Result<()> {
        let expected = EndpointSecret::parse(secret)?.sign(&self.id, &self.timestamp, &self.body);
        ensure!(self.signature == expected, "{} is not {expected}", self.signature);
        let at: i64 = self.timestamp.parse()?;
        ensure!((chrono::Utc::now().timestamp() - at).abs() < 300, "{at} is not now");
        Ok(())
    }
}

#[derive(Default)]
struct Memory {
    heard: Mutex<Vec<Heard>>,
    answers: Mutex<VecDeque<StatusCode>>,
}

/// A program of a team.
pub(super) struct Ear {
    pub(super) url: String,
    memory: Arc<Memory>,
    serving: JoinHandle<()>,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Ear {
    /// Listens; answers with these, one after the other, and with 204 then.
    pub(super) async fn that_answers(answers: &[u16]) -> Result<Self> {
        let memory = Arc::new(Memory::default());
        for status in answers {
            memory.answers.lock().expect("nobody panicked").push_back(StatusCode::from_u16(*status)?);
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let service = Router::new().fallback(hear).with_state(memory.clone());
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, service).await {
                panic!("the ear is deaf: {error}");
            }
        });
        Ok(Self { url, memory, serving })
    }

    /// What it was told so far, taken or not.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.memory.heard.lock().expect("nobody panicked").clone()
    }

    /// The kinds of it, in order.
    pub(super) fn kinds(&self) -> Vec<String> {
        self.heard().into_iter().map(|heard| heard.kind).collect()
    }
}

async fn hear(State(memory): State<Arc<Memory>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let heard = read(&headers, &body).expect("a notice as the standard has it");
    memory.heard.lock().expect("nobody panicked").push(heard);
    memory.answers.lock().expect("nobody panicked").pop_front().unwrap_or(StatusCode::NO_CONTENT)
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<Heard> {
    let header = |name: &str| -> Result<String> {
        Ok(headers.get(name).with_context(|| format!("no {name}"))?.to_str()?.to_owned())
    };
    let told: Value = serde_json::from_slice(body)?;
    Ok(Heard {
        id: header("webhook-id")?,
        timestamp: header("webhook-timestamp")?,
        signature: header("webhook-signature")?,
        kind: told["type"].as_str().context("a type")?.to_owned(),
        data: told["data"].clone(),
        body: body.to_vec(),
    })
}
