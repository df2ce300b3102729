//! Connections to what a worker needs, waiting for whatever is not there yet.

use std::sync::Arc;
use std::time::Duration;

use activities::campaign::Texters;
use activities::{Mailer, Models, Resources, Vendors};
use backon::{ExponentialBuilder, Retryable};
use entities::{Database, DbError};
use providers::email::{EmailProvider, Smtp, SmtpSettings};
use providers::enrichment::EnrichmentProviders;
use providers::lists::ListSources;
use providers::model::ModelClient;
use providers::notice::Notifier;
use providers::object_store::{ObjectStore, ObjectStoreError};
use providers::sms::SmsProviders;
use providers::verify::{EmailVerifier, VerifySettings};
use temporal::{ConnectError, Target};
use temporalio_client::Client;
use workflows::codec::KeyRing;

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
/// [`WorkerError::Database`] and [`WorkerError::ObjectStore`] for what waiting does not cure, [`WorkerError::Vendors`].
pub async fn resources(config: &Config) -> Result<Resources, WorkerError> {
    let db = (|| Database::connect_to_copy(config.database_url.expose(), config.database_max_connections))
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
    let lists = ListSources::connect(&config.vendors).map_err(|error| WorkerError::Vendors(error.into()))?;
    let providers = EnrichmentProviders::connect(config.vendors.clone())
        .map_err(|error| WorkerError::Vendors(error.into()))?;
    let vendors = Vendors::new(&providers, config.payload_keys.clone(), config.vendor_policy.clone());
    let mailboxes = mailboxes(&config.email_check);
    let sms =
        SmsProviders::connect(config.sms.clone()).map_err(|error| WorkerError::Vendors(error.into()))?;
    let texters = Texters::new(sms.iter().cloned(), config.send_policy());
    let notifier = Notifier::new(config.notices);
    let models = Models::new(ModelClient::new(config.notices));
    let keys = config.payload_keys.clone();
    let mail = config.smtp.clone().map(mail_server).transpose()?;
    let mail = Mailer::new(mail, config.vendor_policy.public_url.clone(), keys.clone());
    Ok(Resources { db, store, vendors, lists, mailboxes, texters, mail, models, notifier, keys })
}

/// The mail server that takes e-mail.
fn mail_server(settings: SmtpSettings) -> Result<Arc<dyn EmailProvider>, WorkerError> {
    let server = Smtp::new(settings).map_err(|error| WorkerError::Vendors(error.into()))?;
    Ok(Arc::new(server))
}

/// Who says whether e-mail addresses take mail, where anybody is to be asked.
fn mailboxes(settings: &VerifySettings) -> Option<EmailVerifier> {
    match settings.verifier() {
        Ok(verifier) => verifier,
        Err(error) => {
            tracing::warn!(%error, "e-mail addresses are not checked");
            None
        }
    }
}

/// Connects to Temporal, waiting for it. Payloads are encrypted under `keys`.
///
/// # Errors
/// [`WorkerError::Address`], and [`WorkerError::Temporal`] for what waiting does not cure.
pub async fn connect_temporal(address: &str, namespace: &str, keys: KeyRing) -> Result<Client, WorkerError> {
    let target = Target::at(address, namespace, "refinery-worker", keys)?;
    let connected = (|| target.connect())
        .retry(patience())
        .when(|error| matches!(error, ConnectError::Away(_)))
        .notify(waiting("Temporal"))
        .await;
    Ok(connected?)
}
