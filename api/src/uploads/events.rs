//! `GET /v1/uploads/{id}/events`: progress as it happens, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use domain::id::{DataSourceId, TeamId};
use domain::role::Permission;
use entities::data_source::SourceStatus;
use futures::Stream;
use futures::stream;

use crate::auth::Caller;
use crate::extract::Id;
use crate::metrics::Listener;
use crate::problem::Problem;
use crate::state::AppState;

use super::get;
use super::view::Upload;

/// How often is looked for a change while somebody listens.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How many looks in a row may fail before the stream ends: a minute.
const FAILURES: u32 = 120;

/// Progress of an upload as server-sent events: `progress` with the upload as JSON whenever something changed,
/// and a last one called `end` once nothing will change any more.
#[utoipa::path(
    get, path = "/v1/uploads/{id}/events", tag = "uploads", params(("id" = String, Path)),
    responses((status = 200, description = "Events until the upload has come to an end", content_type = "text/event-stream", body = String)),
)]
pub(crate) async fn events(
    State(state): State<AppState>,
    caller: Caller,
    Id(id): Id<DataSourceId>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    caller.may(Permission::Read)?;
    let first = get::now(&state, caller.team, id).await?;
    let watch = Watch {
        _listener: state.metrics.listening(),
        state,
        team: caller.team,
        id,
        next: Some(first),
        told: String::new(),
        failures: 0,
        ended: false,
    };
    Ok(Sse::new(stream::unfold(watch, Watch::change)).keep_alive(KeepAlive::default()))
}

struct Watch {
    _listener: Listener,
    state: AppState,
    team: TeamId,
    id: DataSourceId,
    /// What was seen and not told yet.
    next: Option<Upload>,
    /// What was told last.
    told: String,
    failures: u32,
    ended: bool,
}

impl Watch {
    /// Waits for the next change and tells it.
    async fn change(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.ended {
            return None;
        }
        loop {
            let seen = match self.next.take() {
                Some(first) => first,
                None => self.look().await?,
            };
            self.ended = !matches!(seen.status, SourceStatus::Uploaded | SourceStatus::Processing);
            let body = match serde_json::to_string(&seen) {
                Ok(body) => body,
                Err(error) => {
                    tracing::error!(source = %self.id, cause = %error, "an upload could not be written as JSON");
                    return None;
                }
            };
            if self.ended || body != self.told {
                self.told.clone_from(&body);
                let name = if self.ended { "end" } else { "progress" };
                return Some((Ok(Event::default().event(name).data(body)), self));
            }
        }
    }

    /// Looks again, a little later. `None` where the service stops, the upload is gone, or nothing answers.
    async fn look(&mut self) -> Option<Upload> {
        loop {
            tokio::select! {
                () = self.state.stopping.cancelled() => return None,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            match get::now(&self.state, self.team, self.id).await {
                Ok(upload) => {
                    self.failures = 0;
                    return Some(upload);
                }
                Err(problem) if problem.status().as_u16() == 503 && self.failures < FAILURES => {
                    self.failures += 1
                }
                Err(problem) => {
                    tracing::warn!(source = %self.id, code = problem.code(), "an event stream ends early");
                    return None;
                }
            }
        }
    }
}
