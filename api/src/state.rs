//! What every handler works with.

use std::num::NonZeroU32;
use std::ops::Deref;
use std::sync::Arc;

use entities::Database;
use providers::Secret;
use providers::enrichment::EnrichmentProviders;
use providers::object_store::ObjectStore;
use tokio_util::sync::CancellationToken;
use workflows::codec::KeyRing;

use crate::metrics::Metrics;
use crate::rate_limit::RateLimits;
use crate::temporal::Temporal;

/// What the service is made of. `refinery dev` and tests put it together from what they have.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The database, as the application's role.
    pub db: Database,
    /// The database for vendors' deliveries: connections of their own, so that nothing that people ask holds up a vendor, whose
    /// patience is a few seconds.
    pub hooks_db: Database,
    /// Object storage.
    pub store: ObjectStore,
    /// Temporal.
    pub temporal: Temporal,
    /// The queue workers poll for uploads.
    pub task_queue: String,
    /// The keys under which Temporal's payloads are encrypted.
    pub payload_keys: KeyRing,
    /// What opens the codec endpoint without an API key.
    pub codec_token: Option<Secret>,
    /// Where the Temporal UI is.
    pub temporal_ui_url: Option<String>,
    /// The namespace workflows are in.
    pub temporal_namespace: String,
    /// The vendors of enrichment, for what they cost and give; the service asks them nothing.
    pub vendors: EnrichmentProviders,
    /// How long things take in the campaigns that are started here.
    pub campaign_pace: workflows::campaign::Pace,
    /// How long things take in the conversations that are begun anew here.
    pub conversation_pace: workflows::conversation::Pace,
    /// How many deliveries of a vendor one address takes in a minute: [`crate::DELIVERIES_PER_MINUTE`] but in tests.
    pub deliveries_per_minute: NonZeroU32,
}

/// [`Parts`] and what is counted; shared by all requests.
#[derive(Debug, Clone)]
pub(crate) struct AppState(Arc<Inner>);

/// The inside of [`AppState`].
#[derive(Debug)]
pub(crate) struct Inner {
    parts: Parts,
    /// Who made how many requests.
    pub(crate) limits: RateLimits,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
    /// Cancelled when the service stops, so that event streams end.
    pub(crate) stopping: CancellationToken,
}

impl AppState {
    /// The state of a service made of `parts`.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            limits: RateLimits::default(),
            metrics: Arc::default(),
            stopping: CancellationToken::new(),
        }))
    }

    /// Where a workflow is shown in the Temporal UI, if one is configured.
    pub(crate) fn workflow_url(&self, workflow_id: &str) -> Option<String> {
        let ui = self.temporal_ui_url.as_deref()?.trim_end_matches('/');
        Some(format!(
            "{ui}/namespaces/{}/workflows/{}",
            self.temporal_namespace,
            workflow_id.replace(':', "%3A")
        ))
    }
}

impl Deref for AppState {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}
