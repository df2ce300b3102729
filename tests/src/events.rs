//! Server-sent events, as a browser reads them.

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Method, Response};
use serde_json::Value;

use crate::upload::PATIENCE;
use crate::{Team, TestApp};

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What it is called.
    pub name: String,
    /// What it says.
    pub data: Value,
}

/// An open stream of events.
#[derive(Debug)]
pub struct Events {
    response: Response,
    unread: String,
}

impl Events {
    /// The next event; none once the stream has ended.
    ///
    /// # Errors
    /// Where the stream breaks off within an event, or says nothing for as long as [`PATIENCE`].
    pub async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            if let Some((lines, rest)) = self.unread.split_once("\n\n") {
                let event = event(lines)?;
                self.unread = rest.to_owned();
                if event.is_some() {
                    return Ok(event);
                }
                continue;
            }
            let piece = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            match piece.context("no event, and no end")?? {
                Some(bytes) => self.unread.push_str(std::str::from_utf8(&bytes)?),
                None => {
                    ensure!(self.unread.is_empty(), "the stream ends within an event: {}", self.unread);
                    return Ok(None);
                }
            }
        }
    }
}

/// The event of these lines; none where they are a comment that keeps the connection alive.
fn event(lines: &str) -> Result<Option<Event>> {
    let (mut name, mut data) = (None, String::new());
    for line in lines.lines() {
        match line.split_once(": ") {
            Some(("event", value)) => name = Some(value.to_owned()),
            Some(("data", value)) => data.push_str(value),
            _ if line.starts_with(':') => {}
            _ => bail!("no line of an event: {line}"),
        }
    }
    let Some(name) = name else { return Ok(None) };
    Ok(Some(Event { name, data: serde_json::from_str(&data)? }))
}

impl TestApp {
    /// Listens to an upload.
    ///
    /// # Errors
    /// Where the API does not answer with a stream of events.
    pub async fn events(&self, team: &Team, id: &str) -> Result<Events> {
        let response = self
            .request(team, Method::GET, &format!("/v1/uploads/{id}/events"))
            .send()
            .await?
            .error_for_status()?;
        let kind = response.headers()["content-type"].to_str()?;
        ensure!(kind.starts_with("text/event-stream"), "no stream of events: {kind}");
        Ok(Events { response, unread: String::new() })
    }
}
