//! Somebody who takes signed webhooks, whole: headers and bytes.

use std::time::Duration;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Router, routing};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// How long a webhook may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A webhook as it came.
pub(crate) struct Posted {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Posted {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// A field of a form.
    pub(crate) fn field(&self, name: &str) -> String {
        let mut pairs = form_urlencoded::parse(self.body.as_bytes());
        pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

/// A server for webhooks, gone with the test's runtime.
pub(crate) struct Inbox {
    pub(crate) url: String,
    arrivals: mpsc::Receiver<Posted>,
}

#[derive(Clone)]
struct Desk {
    arrivals: mpsc::Sender<Posted>,
    /// What is answered, one after the other; then 200.
    answers: std::sync::Arc<std::sync::Mutex<Vec<u16>>>,
}

impl Inbox {
    /// One that answers these first, and then 200.
    pub(crate) async fn answering(answers: &[u16]) -> Result<Self> {
        let (sender, arrivals) = mpsc::channel(1_000);
        let answers = answers.iter().rev().copied().collect::<Vec<_>>();
        let desk = Desk { arrivals: sender, answers: std::sync::Arc::new(std::sync::Mutex::new(answers)) };
        let router = Router::new().route("/hook", routing::post(take)).with_state(desk);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, arrivals })
    }

    /// The next webhook.
    pub(crate) async fn next(&mut self) -> Result<Posted> {
        let arrival =
            tokio::time::timeout(PATIENCE, self.arrivals.recv()).await.context("no webhook came")?;
        arrival.context("the inbox is gone")
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let answer = desk.answers.lock().ok().and_then(|mut answers| answers.pop()).unwrap_or(200);
    let posted = Posted { headers, body: String::from_utf8_lossy(&body).into_owned() };
    match desk.arrivals.send(posted).await {
        Ok(()) => StatusCode::from_u16(answer).unwrap_or(StatusCode::OK),
        Err(_) => StatusCode::GONE,
    }
}
