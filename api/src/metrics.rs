//! Numbers for whoever watches the service, in Prometheus' text format. No label holds anything of a person or
//! a team.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entities::webhook_endpoint::{self, TellOutcome};

use crate::state::AppState;

/// How long the database may take to say what it counts.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// Upper ends of the buckets of request durations, in seconds.
const DURATIONS_S: [f64; 8] = [0.005, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0];

/// What the service counts.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    durations: Mutex<[u64; DURATIONS_S.len() + 1]>,
    duration_sum_us: AtomicU64,
    uploaded_bytes: AtomicU64,
    uploads: AtomicU64,
    listeners: AtomicI64,
    deliveries: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
}

/// Somebody who listens to events, for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Listener(Arc<Metrics>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Metrics {
    /// Counts a file taken in.
    pub(crate) fn uploaded(&self, bytes: u64) {
        self.uploads.fetch_add(1, Ordering::Relaxed);
        self.uploaded_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts somebody who listens to events, until the answer is dropped.
    pub(crate) fn listening(self: &Arc<Self>) -> Listener {
        self.listeners.fetch_add(1, Ordering::Relaxed);
        Listener(Arc::clone(self))
    }

    /// Counts what became of a delivery of a vendor's.
    pub(crate) fn delivered(&self, vendor: &'static str, outcome: &'static str) {
        let mut deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        *deliveries.entry((vendor, outcome)).or_default() += 1;
    }

    fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let key = (method.to_string(), route.to_owned(), status);
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        let seconds = took.as_secs_f64();
        let bucket = DURATIONS_S.iter().position(|end| seconds <= *end).unwrap_or(DURATIONS_S.len());
        self.durations.lock().unwrap_or_else(PoisonError::into_inner)[bucket] += 1;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.duration_sum_us.fetch_add(micros, Ordering::Relaxed);
    }

    /// All that is counted in this process, as text.
    pub(crate) fn render(&self) -> String {
        let mut out = String::from(
            "# HELP refinery_http_requests_total Requests answered.\n# TYPE refinery_http_requests_total counter\n",
        );
        // Writing to a String cannot fail.
        for ((method, route, status), count) in
            self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let _ = writeln!(
                out,
                "refinery_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            );
        }
        out.push_str(
            "# HELP refinery_http_request_duration_seconds Time to the head of the answer.\n\
             # TYPE refinery_http_request_duration_seconds histogram\n",
        );
        let durations = *self.durations.lock().unwrap_or_else(PoisonError::into_inner);
        let mut total = 0;
        for (count, end) in
            durations.iter().zip(DURATIONS_S.iter().map(f64::to_string).chain(["+Inf".to_owned()]))
        {
            total += count;
            let _ = writeln!(out, "refinery_http_request_duration_seconds_bucket{{le=\"{end}\"}} {total}");
        }
        let sum = Duration::from_micros(self.duration_sum_us.load(Ordering::Relaxed)).as_secs_f64();
        let _ = writeln!(out, "refinery_http_request_duration_seconds_sum {sum}");
        let _ = writeln!(out, "refinery_http_request_duration_seconds_count {total}");
        out.push_str(
            "# HELP refinery_hook_deliveries_total Deliveries of vendors, by what became of them.\n\
             # TYPE refinery_hook_deliveries_total counter\n",
        );
        for ((vendor, outcome), count) in
            self.deliveries.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let _ = writeln!(
                out,
                "refinery_hook_deliveries_total{{provider=\"{vendor}\",outcome=\"{outcome}\"}} {count}"
            );
        }
        let singles = [
            ("uploads_total", "counter", "Files taken in.", self.uploads.load(Ordering::Relaxed).to_string()),
            (
                "uploaded_bytes_total",
                "counter",
                "Bytes of files taken in.",
                self.uploaded_bytes.load(Ordering::Relaxed).to_string(),
            ),
            (
                "event_listeners",
                "gauge",
                "Open event streams.",
                self.listeners.load(Ordering::Relaxed).to_string(),
            ),
        ];
        for (name, kind, help, value) in singles {
            let _ = writeln!(
                out,
                "# HELP refinery_{name} {help}\n# TYPE refinery_{name} {kind}\nrefinery_{name} {value}"
            );
        }
        out
    }
}

/// Middleware: counts the request.
pub(crate) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    state.metrics.answered(&method, &route, response.status().as_u16(), began.elapsed());
    response
}

/// `GET /metrics`.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, description = "Prometheus text", content_type = "text/plain")))]
pub(crate) async fn show(State(state): State<AppState>) -> Response {
    let mut text = state.metrics.render();
    match tokio::time::timeout(DATABASE_TIMEOUT, webhook_endpoint::tallies(&state.db)).await {
        Ok(Ok(tallies)) => text.push_str(&render_tallies(&tallies)),
        // What this process counts is told whatever is away; a counter that is missing is what an alert can be made of.
        Ok(Err(error)) => tracing::warn!(%error, "what endpoints were told is not counted now"),
        Err(_late) => {
            tracing::warn!("what endpoints were told is not counted now: the database takes too long")
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// What all workers together have told teams' endpoints, as text.
fn render_tallies(tallies: &[(TellOutcome, u64)]) -> String {
    let mut out = String::from(
        "# HELP refinery_endpoint_notices_total What teams' own programs were told, by what became of it: told, failed (an \
         attempt that is repeated, as a rule), given_up (not tried any more).\n# TYPE refinery_endpoint_notices_total counter\n",
    );
    for (outcome, times) in tallies {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "refinery_endpoint_notices_total{{outcome=\"{}\"}} {times}", outcome.as_str());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_requests_durations_and_listeners() {
        let metrics = Arc::new(Metrics::default());
        metrics.answered(&Method::GET, "/v1/uploads/{id}", 200, Duration::from_millis(20));
        metrics.answered(&Method::GET, "/v1/uploads/{id}", 200, Duration::from_secs(100));
        metrics.uploaded(10);
        let listener = metrics.listening();
        let text = metrics.render();
        for line in [
            "refinery_http_requests_total{method=\"GET\",route=\"/v1/uploads/{id}\",status=\"200\"} 2",
            "refinery_http_request_duration_seconds_bucket{le=\"0.025\"} 1",
            "refinery_http_request_duration_seconds_bucket{le=\"60\"} 1",
            "refinery_http_request_duration_seconds_bucket{le=\"+Inf\"} 2",
            "refinery_uploaded_bytes_total 10",
            "refinery_event_listeners 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
        drop(listener);
        assert!(metrics.render().contains("refinery_event_listeners 0"));
    }
}
