//! Starting and stopping the service.

use std::future::Future;
use std::io;
use std::time::Duration;

use entities::{Database, DbError};
use providers::enrichment::{EnrichmentProviders, NoCertificates};
use providers::object_store::{ObjectStore, ObjectStoreError};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::router;
use crate::state::{AppState, Parts};
use crate::temporal::{Temporal, TemporalError};

/// How long requests under way may take after the service was told to stop.
pub const GRACE: Duration = Duration::from_secs(30);

/// Connections to the database for vendors' deliveries, beside those of everything else. Each has one for a few milliseconds.
pub const HOOK_CONNECTIONS: u32 = 6;

/// How long a start waits for object storage.
const STORAGE_PATIENCE: Duration = Duration::from_secs(15);

/// Why the service did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Database(#[from] DbError),
    /// Object storage cannot be used.
    #[error("object storage cannot be used")]
    ObjectStore(#[from] ObjectStoreError),
    /// Temporal's address makes no sense.
    #[error("Temporal cannot be used")]
    Temporal(#[from] TemporalError),
    /// The address cannot be listened on.
    #[error("cannot listen on {bind}; is the port taken? REFINERY_BIND says where to listen")]
    Bind {
        /// The configured address.
        bind: std::net::SocketAddr,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Vendors cannot be named from here.
    #[error("the vendors of enrichment cannot be used on this machine")]
    Vendors(#[from] NoCertificates),
    /// The listener failed.
    #[error("the HTTP service broke off")]
    Serve(#[source] io::Error),
}

/// Runs the service as `config` says until `shutdown` is done. Requests under way then get [`GRACE`] to finish.
///
/// Temporal may be away: uploads are taken, and started later.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let listener = TcpListener::bind(config.bind)
        .await
        .map_err(|source| ServeError::Bind { bind: config.bind, source })?;
    let parts = Parts {
        db: Database::connect(config.database_url.expose(), config.database_max_connections).await?,
        hooks_db: Database::connect(config.database_url.expose(), HOOK_CONNECTIONS).await?,
        store: ObjectStore::connect(&config.object_store)?,
        temporal: Temporal::at(
            &config.temporal_address,
            &config.temporal_namespace,
            config.payload_keys.clone(),
        )?,
        task_queue: config.task_queue,
        payload_keys: config.payload_keys,
        codec_token: config.codec_token,
        temporal_ui_url: config.temporal_ui_url,
        temporal_namespace: config.temporal_namespace,
        vendors: EnrichmentProviders::connect(config.vendors)?,
        campaign_pace: workflows::campaign::Pace::default(),
        conversation_pace: workflows::conversation::Pace::default(),
        deliveries_per_minute: crate::rate_limit::DELIVERIES_PER_MINUTE,
    };
    prepare_storage(&parts.store).await?;
    serve_on(listener, parts, shutdown).await
}

/// Waits for storage that is just starting and makes the S3 bucket. Where it stays away, the service starts all
/// the same, answers uploads with 503 and goes on waiting: leads and blocks do not need it.
async fn prepare_storage(store: &ObjectStore) -> Result<(), ObjectStoreError> {
    match store.wait_ready(STORAGE_PATIENCE).await {
        Ok(()) => store.ensure_bucket().await,
        Err(error) if error.is_transient() => {
            tracing::warn!(cause = %error, "object storage does not answer; uploads are refused until it does");
            let store = store.clone();
            tokio::spawn(async move {
                let mut ready = Err(error);
                while ready.as_ref().is_err_and(ObjectStoreError::is_transient) {
                    ready = match store.wait_ready(STORAGE_PATIENCE).await {
                        Ok(()) => store.ensure_bucket().await,
                        waiting => waiting,
                    };
                }
                match ready {
                    Ok(()) => tracing::info!("object storage answers"),
                    Err(error) => tracing::error!(cause = %error, "object storage cannot be used"),
                }
            });
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Runs a service made of `parts` on `listener` until `shutdown` is done: for programs and tests that have the
/// parts already.
///
/// # Errors
/// [`ServeError::Serve`].
pub async fn serve_on(
    listener: TcpListener,
    parts: Parts,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let state = AppState::new(parts);
    let stopping = state.stopping.clone();
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "the HTTP service listens");
    }
    let told = stopping.clone();
    tokio::spawn(async move {
        shutdown.await;
        told.cancel();
    });
    let server = axum::serve(listener, router::of_state(state))
        .with_graceful_shutdown(stopping.clone().cancelled_owned());
    tokio::select! {
        served = server => served.map_err(ServeError::Serve),
        () = async { stopping.cancelled().await; tokio::time::sleep(GRACE).await } => {
            tracing::warn!(grace_s = GRACE.as_secs(), "requests were still under way and are cut off");
            Ok(())
        }
    }
}
