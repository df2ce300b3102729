//! PostgreSQL, Temporal and S3 of the tests.

use std::sync::OnceLock;
use std::sync::mpsc;

use anyhow::{Context, Result, anyhow};
use providers::object_store::{ObjectStore, ObjectStoreConfig};
use stack::{Profile, Service, Stack, StackConfig};
use temporalio_client::Client;
use tokio::sync::OnceCell;
use workflows::codec::KeyRing;

use crate::database;
use crate::logs::CapturedLogs;

/// The key that payloads are encrypted under in tests: 32 bytes, of no use anywhere else.
pub const PAYLOAD_KEYS: &str = "test:dGhpcyBrZXkgaXMgbm8gc2VjcmV0IGF0IGFsbCEhISE=";

/// Services that run and answer, with a migrated database to copy.
#[derive(Debug)]
pub struct Services {
    stack: Stack,
    template: OnceCell<String>,
}

static SHARED: OnceLock<Result<Services, String>> = OnceLock::new();

impl Services {
    /// The services that all tests of this process share. The first caller starts them, or finds out that
    /// `DATABASE_URL`, `TEMPORAL_ADDRESS` and `S3_ENDPOINT` name others. They end with the process, however it ends.
    ///
    /// # Panics
    /// Where they cannot be started: no test can say anything then.
    pub async fn shared() -> &'static Self {
        CapturedLogs::of_this_process();
        let started = tokio::task::spawn_blocking(|| SHARED.get_or_init(start_shared)).await;
        match started {
            Ok(Ok(services)) => services,
            Ok(Err(error)) => panic!("the services of the tests do not start: {error}"),
            Err(error) => panic!("the services of the tests do not start: {error}"),
        }
    }

    /// Services of the caller alone, to be killed. They end when dropped.
    ///
    /// # Errors
    /// What kept them from starting.
    pub async fn own() -> Result<Self> {
        let mut config = StackConfig::from_env(Profile::Test)?;
        config.instance = None;
        config.database_url = None;
        config.temporal_address = None;
        config.s3 = None;
        Self::start(config).await
    }

    /// Services of the caller alone that keep what they are told as production does (`fsync` on), empty at the start:
    /// for measurements.
    ///
    /// # Errors
    /// What kept them from starting.
    pub async fn durable(instance: &str) -> Result<Self> {
        let mut config = StackConfig::from_env(Profile::Dev)?;
        config.instance = Some(instance.to_owned());
        config.database_url = None;
        config.temporal_address = None;
        config.s3 = None;
        Stack::reset(&config).await?;
        Self::start(config).await
    }

    async fn start(config: StackConfig) -> Result<Self> {
        let stack = Stack::start(config, |event| tracing::debug!(?event, "services of the tests")).await?;
        Ok(Self { stack, template: OnceCell::new() })
    }

    /// Kills a service as a power cut would, and leaves it down.
    ///
    /// # Errors
    /// For a service that is not ours.
    pub async fn kill(&self, service: Service) -> Result<()> {
        Ok(self.stack.kill9(service).await?)
    }

    /// Starts a killed service again and waits until it answers.
    ///
    /// # Errors
    /// Where it does not start.
    pub async fn restart(&self, service: Service) -> Result<()> {
        Ok(self.stack.restart(service).await?)
    }

    /// Ends the services and waits until they are gone.
    ///
    /// # Errors
    /// Where one does not end.
    pub async fn stop(self) -> Result<()> {
        Ok(self.stack.stop().await?)
    }

    /// The database server, as its owner.
    pub fn database_url(&self) -> &str {
        self.stack.database_url()
    }

    /// `host:port` of Temporal.
    pub fn temporal_address(&self) -> &str {
        self.stack.temporal_address()
    }

    /// How to reach the object store.
    pub fn object_store(&self) -> ObjectStoreConfig {
        let s3 = self.stack.s3();
        ObjectStoreConfig {
            endpoint: Some(s3.endpoint.clone()),
            region: s3.region.clone(),
            bucket: s3.bucket.clone(),
            access_key: s3.access_key.clone(),
            secret_key: s3.secret_key.as_str().into(),
        }
    }

    /// The object store.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub async fn store(&self) -> Result<ObjectStore> {
        let store = ObjectStore::connect(&self.object_store())?;
        store.ensure_bucket().await?;
        Ok(store)
    }

    /// The key ring of the tests.
    ///
    /// # Errors
    /// Never, as long as [`PAYLOAD_KEYS`] is a ring.
    pub fn payload_keys() -> Result<KeyRing> {
        Ok(KeyRing::parse(PAYLOAD_KEYS)?)
    }

    /// A client of Temporal that encrypts as the worker and the API do. It belongs to the calling test's runtime.
    ///
    /// # Errors
    /// Where Temporal cannot be used.
    pub async fn temporal(&self) -> Result<Client> {
        Ok(worker::connect_temporal(self.temporal_address(), "default", Self::payload_keys()?).await?)
    }

    /// The name of a migrated database with nothing in it, made when first asked for.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(crate) async fn template(&self) -> Result<&str> {
        let template = self.template.get_or_try_init(|| database::make_template(self.database_url())).await?;
        Ok(template)
    }
}

/// Starts the services on a thread that stays, since a test's own runtime ends with the test.
fn start_shared() -> Result<Services, String> {
    let (tell, told) = mpsc::sync_channel(1);
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = match runtime.context("no runtime") {
            Ok(runtime) => runtime,
            Err(error) => return drop(tell.send(Err(error))),
        };
        runtime.block_on(async move {
            let started = match StackConfig::from_env(Profile::Test) {
                Ok(config) => Services::start(config).await,
                Err(error) => Err(anyhow!(error)),
            };
            // The receiver waits for exactly this.
            drop(tell.send(started));
            std::future::pending::<()>().await;
        });
    };
    std::thread::Builder::new()
        .name("test-services".to_owned())
        .spawn(run)
        .map_err(|error| error.to_string())?;
    told.recv().map_err(|_| "their thread panicked".to_owned())?.map_err(|error| format!("{error:#}"))
}
