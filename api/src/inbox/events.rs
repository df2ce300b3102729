//! `GET /v1/inbox/events`: what changes in the inbox as it happens, as server-sent events.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::InboxItemId;
use domain::role::Permission;
use entities::inbox_item;
use futures::Stream;
use futures::stream;
use serde::Serialize;

use crate::auth::Caller;
use crate::metrics::Listener;
use crate::problem::Problem;
use crate::state::AppState;

use super::list::{BucketCount, counted};
use super::view::InboxItem;

/// How often is looked for a change while somebody listens.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many looks in a row may fail before the stream ends: a minute.
const FAILURES: u32 = 120;
/// How long a change may take from being made to being committed, and is seen all the same, in seconds.
const OVERLAP: i64 = 10;
/// How many items one event tells of.
const MOST: usize = 100;
/// How many items that changed are looked at.
const LOOK: u32 = 1_000;

/// Changes of the inbox as server-sent events: `inbox` with the items that changed and how much waits in each bucket. The
/// first one comes at once, without items.
#[utoipa::path(
    get, path = "/v1/inbox/events", tag = "inbox",
    responses((status = 200, description = "Events until the caller hangs up", content_type = "text/event-stream", body = String)),
)]
pub(crate) async fn events(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    caller.may(Permission::Read)?;
    let mut watch = Watch {
        _listener: state.metrics.listening(),
        since: Utc::now() - TimeDelta::seconds(6 * OVERLAP),
        state,
        caller,
        told: HashMap::new(),
        first: true,
        failures: 0,
    };
    watch.begin().await?;
    Ok(Sse::new(stream::unfold(watch, Watch::change)).keep_alive(KeepAlive::default()))
}

/// What an event says.
#[derive(Serialize)]
struct Told {
    items: Vec<InboxItem>,
    buckets: Vec<BucketCount>,
}

struct Watch {
    _listener: Listener,
    state: AppState,
    caller: Caller,
    /// Changes made since then are looked for.
    since: DateTime<Utc>,
    /// What was told of those that are looked for still.
    told: HashMap<InboxItemId, DateTime<Utc>>,
    first: bool,
    failures: u32,
}

impl Watch {
    /// What is there already is for the list.
    async fn begin(&mut self) -> Result<(), Problem> {
        let mut tx = self.caller.bulk_transaction(&self.state).await?;
        let before = inbox_item::changed_since(&mut tx, self.since, LOOK, Utc::now()).await?;
        tx.commit().await?;
        self.told = before.items.into_iter().map(|item| (item.id, item.updated_at)).collect();
        Ok(())
    }

    /// Waits for the next change and tells it.
    async fn change(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        loop {
            if !self.first {
                tokio::select! {
                    () = self.state.stopping.cancelled() => return None,
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
            match self.look().await {
                Ok(None) => self.failures = 0,
                Ok(Some(event)) => {
                    self.failures = 0;
                    return Some((Ok(event), self));
                }
                Err(problem) if problem.status().as_u16() == 503 && self.failures < FAILURES => {
                    self.failures += 1;
                }
                Err(problem) => {
                    tracing::warn!(team = %self.caller.team, code = problem.code(), "an event stream of the inbox ends early");
                    return None;
                }
            }
        }
    }

    async fn look(&mut self) -> Result<Option<Event>, Problem> {
        let mut tx = self.caller.bulk_transaction(&self.state).await?;
        let seen = inbox_item::changed_since(&mut tx, self.since, LOOK, Utc::now()).await?;
        tx.commit().await?;
        let full = seen.items.len() as u64 == u64::from(LOOK);
        let last = seen.items.last().map(|item| item.updated_at);
        let mut items = Vec::new();
        for item in seen.items {
            if items.len() < MOST && self.told.get(&item.id) != Some(&item.updated_at) {
                self.told.insert(item.id, item.updated_at);
                items.push(InboxItem::from(item));
            }
        }
        // What could not be told this time is looked for again.
        if items.len() < MOST {
            let caught_up = seen.seen_at - TimeDelta::seconds(OVERLAP);
            let since = last.filter(|_| full).unwrap_or(caught_up).max(self.since);
            self.since = since;
            self.told.retain(|_, at| *at > since);
        }
        if items.is_empty() && !self.first {
            return Ok(None);
        }
        self.first = false;
        let told = Told { items, buckets: counted(&self.state, &self.caller).await? };
        let body = serde_json::to_string(&told).map_err(Problem::internal)?;
        Ok(Some(Event::default().event("inbox").data(body)))
    }
}
