//! A connection to Temporal, as the service and the worker make it: by one address, under a name, payloads encrypted.
//!
//! It is a crate of its own for the compiler's sake. The client's calls are generic over how they are carried, two hundred of
//! them, and an `async fn` is compiled where it is awaited: every crate that awaited the connecting compiled all of them, for two
//! minutes each. Here they are behind a boxed future, once (`docs/adr/0021-one-crate-connects.md`).

use std::time::Duration;

use futures::future::BoxFuture;
use temporalio_client::errors::ClientConnectError;
use temporalio_client::tonic::Code;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, RetryOptions, Url};
use temporalio_common::data_converters::{DataConverter, DefaultFailureConverter, PayloadConverter};
use workflows::codec::{EncryptingCodec, KeyRing};

/// The configured address is no address.
#[derive(Debug, thiserror::Error)]
#[error("TEMPORAL_ADDRESS must be host:port or a URL; {0:?} is not")]
pub struct AddressError(pub String);

/// Temporal cannot be connected to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// It may be there when it is asked again.
    #[error("Temporal does not answer; check that it runs and that TEMPORAL_ADDRESS names it")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It refuses.
    #[error("Temporal cannot be used; check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Where Temporal is, who asks, and how what is said to it is encrypted.
#[derive(Clone)]
pub struct Target {
    connection: ConnectionOptions,
    client: ClientOptions,
}

impl Target {
    /// Temporal at `address` (`host:port` or a URL). It knows the caller as `role` and the number of the process.
    /// Payloads are encrypted under `keys`.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn at(address: &str, namespace: &str, role: &str, keys: KeyRing) -> Result<Self, AddressError> {
        let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let url = Url::parse(&url).map_err(|_| AddressError(address.to_owned()))?;
        let converter = DataConverter::new(
            PayloadConverter::default(),
            DefaultFailureConverter::default(),
            EncryptingCodec(keys),
        );
        Ok(Self {
            connection: ConnectionOptions::new(url)
                .identity(format!("{role}@{}", std::process::id()))
                .build(),
            client: ClientOptions::new(namespace).data_converter(converter).build(),
        })
    }

    /// The same for whoever cannot wait: connecting, and each call with its repetitions, takes no longer than `limit`.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.connection.connect_timeout = Some(limit);
        self.connection.retry_options =
            RetryOptions::builder().max_retries(2).max_elapsed_time(Some(limit)).build();
        self
    }

    /// Connects.
    pub fn connect(&self) -> BoxFuture<'static, Result<Client, ConnectError>> {
        let Self { connection, client } = self.clone();
        Box::pin(async move {
            let connection = Connection::connect(connection).await.map_err(of_connecting)?;
            Client::new(connection, client).map_err(|error| ConnectError::Refused(error.into()))
        })
    }
}

fn of_connecting(error: ClientConnectError) -> ConnectError {
    let is_away = match &error {
        ClientConnectError::TonicTransportError(_) | ClientConnectError::DnsResolutionError { .. } => true,
        ClientConnectError::SystemInfoCallError(status) => matches!(
            status.code(),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown
        ),
        _ => false,
    };
    if is_away { ConnectError::Away(error.into()) } else { ConnectError::Refused(error.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> KeyRing {
        KeyRing::parse("a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").expect("a ring")
    }

    #[test]
    fn an_address_that_is_none_is_refused_at_once() {
        assert!(Target::at("http://[", "default", "test", ring()).is_err());
        assert!(Target::at("127.0.0.1:7233", "default", "test", ring()).is_ok());
    }

    #[tokio::test]
    async fn where_nobody_listens_it_may_be_asked_again() {
        let target = Target::at("127.0.0.1:1", "default", "test", ring()).expect("an address");
        let error = target.within(Duration::from_secs(5)).connect().await.err();
        assert!(matches!(error, Some(ConnectError::Away(_))), "{error:?}");
    }
}
