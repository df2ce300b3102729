//! Connections to what a worker needs, waiting for whatever is not there yet.

use std::time::Duration;

use activities::Resources;
use backon::{ExponentialBuilder, Retryable};
use entities::{Database, DbError};
use providers::object_store::{ObjectStore, ObjectStoreError};
use temporalio_client::errors::ClientConnectError;
use temporalio_client::tonic::Code;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, Url};
use temporalio_common::data_converters::{DataConverter, DefaultFailureConverter, PayloadConverter};
use workflows::codec::{EncryptingCodec, KeyRing};

use crate::{Config, WorkerError};

/// Between two looks at a service that is not there: soon at first, then every five seconds, without end. A worker
/// without its services has nothing better to do, and whoever runs it reads why in its log.
fn patience() -> ExponentialBuilder {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(100))
        .with_max_delay(Duration::from_secs(5))
        .with_jitter()
        .without_max_times()
}

fn waiting<E: std::error::Error>(service: &'static str) -> impl FnMut(&E, Duration) {
    move |error, wait| {
        tracing::warn!(service, %error, again_in_ms = wait.as_millis(), "waiting for a service that does not answer");
    }
}

/// Connects to the database and the object store, waiting for either.
///
/// # Errors
/// [`WorkerError::Database`] and [`WorkerError::ObjectStore`] for what waiting does not cure.
pub async fn resources(config: &Config) -> Result<Resources, WorkerError> {
    let db = (|| Database::connect(config.database_url.expose(), config.database_max_connections))
        .retry(patience())
        .when(DbError::is_transient)
        .notify(waiting("database"))
        .await?;
    let store = ObjectStore::connect(&config.object_store)?;
    (|| store.ensure_bucket())
        .retry(patience())
        .when(ObjectStoreError::is_transient)
        .notify(waiting("object storage"))
        .await?;
    Ok(Resources { db, store })
}

/// Connects to Temporal, waiting for it. Payloads are encrypted under `keys`.
///
/// # Errors
/// [`WorkerError::Address`], and [`WorkerError::Temporal`] for what waiting does not cure.
pub async fn connect_temporal(address: &str, namespace: &str, keys: KeyRing) -> Result<Client, WorkerError> {
    let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
    let url = Url::parse(&url).map_err(|_| WorkerError::Address(address.to_owned()))?;
    let options =
        ConnectionOptions::new(url).identity(format!("refinery-worker@{}", std::process::id())).build();
    let connection = (|| Connection::connect(options.clone()))
        .retry(patience())
        .when(is_transient)
        .notify(waiting("Temporal"))
        .await
        .map_err(|error| WorkerError::Temporal(error.into()))?;
    let converter = DataConverter::new(
        PayloadConverter::default(),
        DefaultFailureConverter::default(),
        EncryptingCodec(keys),
    );
    let client = ClientOptions::new(namespace).data_converter(converter).build();
    Client::new(connection, client).map_err(|error| WorkerError::Temporal(error.into()))
}

/// Whether Temporal may be there when it is asked again.
fn is_transient(error: &ClientConnectError) -> bool {
    match error {
        ClientConnectError::TonicTransportError(_) | ClientConnectError::DnsResolutionError { .. } => true,
        ClientConnectError::SystemInfoCallError(status) => {
            matches!(
                status.code(),
                Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown
            )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_at_once() {
        let ring = KeyRing::parse("a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a ring");
        let error = connect_temporal("http://[", "default", ring).await.err();
        assert!(matches!(error, Some(WorkerError::Address(_))), "{error:?}");
    }
}
