//! Somebody who takes webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, Router, routing};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// How long a webhook may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server for webhooks, gone with the test's runtime.
pub(crate) struct Receiver {
    pub(crate) url: String,
    arrivals: mpsc::Receiver<Value>,
}

#[derive(Clone)]
struct Box {
    arrivals: mpsc::Sender<Value>,
    refusals_left: Arc<AtomicU32>,
}

impl Receiver {
    /// One that refuses the first `refusals`.
    pub(crate) async fn start(refusals: u32) -> Result<Self> {
        let (sender, arrivals) = mpsc::channel(100);
        let state = Box { arrivals: sender, refusals_left: Arc::new(AtomicU32::new(refusals)) };
        let router = Router::new().route("/hook", routing::post(take)).with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, arrivals })
    }

    /// The next webhook.
    pub(crate) async fn next(&mut self) -> Result<Value> {
        let arrival =
            tokio::time::timeout(PATIENCE, self.arrivals.recv()).await.context("no webhook came")?;
        arrival.context("the receiver is gone")
    }
}

async fn take(State(state): State<Box>, Json(body): Json<Value>) -> StatusCode {
    let left =
        state.refusals_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if left.is_ok() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    match state.arrivals.send(body).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::GONE,
    }
}
