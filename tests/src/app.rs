//! The whole system for one test: database, objects, worker and API of its own.

use anyhow::{Context, Result};
use api::{Parts, Temporal};
use entities::Database;
use providers::enrichment::{EnrichmentProviders, EnrichmentSettings};
use providers::object_store::ObjectStore;
use reqwest::{Method, RequestBuilder};
use temporalio_client::Client;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;
use workflows::campaign::Pace;

use crate::faults::{FaultyWorker, Mischief};
use crate::{Services, Team, TestDb};

/// Database connections of a test's API and of the test itself.
const CONNECTIONS: u32 = 6;

/// The system, as one test sees it.
///
/// It has a database, a task queue and an address nobody else has; teams made in it are nobody else's, and neither
/// are their objects. Dropped, it stops the worker and the API and drops the database.
#[derive(Debug)]
pub struct TestApp {
    /// The owner's connections to the database.
    pub admin: Database,
    /// The application's connections to the database.
    pub db: Database,
    /// Object storage.
    pub store: ObjectStore,
    /// Temporal, with encrypted payloads.
    pub temporal: Client,
    /// How a worker of this test is configured.
    pub worker_config: worker::Config,
    base_url: String,
    http: reqwest::Client,
    _stop_api: DropGuard,
    // What polls the test's queue.
    worker: Option<worker::Thread>,
    faulty_worker: Option<FaultyWorker>,
    // Dropped last: everything else is connected to it.
    database: TestDb,
}

impl TestApp {
    /// The system on the shared services, with a worker.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn start() -> Result<Self> {
        let mut app = Self::without_worker(Services::shared().await).await?;
        app.start_worker()?;
        Ok(app)
    }

    /// The system with a worker whose activities fail in a certain way.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn with_mischief(mischief: Mischief) -> Result<Self> {
        let mut app = Self::without_worker(Services::shared().await).await?;
        app.start_faulty_worker(mischief)?;
        Ok(app)
    }

    /// The system on `services`, without a worker: uploads wait.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn without_worker(services: &Services) -> Result<Self> {
        Self::with_vendors(services, EnrichmentSettings::default()).await
    }

    /// The system on `services`, without a worker, that knows these vendors of enrichment. What they send later comes to
    /// this test's API.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn with_vendors(services: &Services, vendors: EnrichmentSettings) -> Result<Self> {
        Self::build(services, vendors, crate::campaigns::BRISK).await
    }

    /// The system on `services`, without a worker, whose campaigns go at `pace`.
    ///
    /// # Errors
    /// Where a part of it does not start.
    pub async fn at_pace(services: &Services, pace: Pace) -> Result<Self> {
        Self::build(services, EnrichmentSettings::default(), pace).await
    }

    async fn build(services: &Services, vendors: EnrichmentSettings, campaign_pace: Pace) -> Result<Self> {
        let database = TestDb::new(services).await?;
        let admin = database.admin().await?;
        let db = database.app(CONNECTIONS).await?;
        let store = services.store().await?;
        let temporal = services.temporal().await?;
        let mut worker_config = worker::Config::new(
            database.url().into(),
            services.temporal_address(),
            services.object_store(),
            Services::payload_keys()?,
        );
        worker_config.task_queue = format!("test-{}", Uuid::new_v4().simple());

        let listener = TcpListener::bind("127.0.0.1:0").await.context("a port for the API")?;
        let base_url = format!("http://{}", listener.local_addr()?);
        worker_config.vendors = vendors.clone();
        worker_config.vendor_policy = crate::vendors::brisk(&base_url);
        let parts = Parts {
            db: db.clone(),
            hooks_db: database.app(CONNECTIONS).await?,
            store: store.clone(),
            temporal: Temporal::connected(temporal.clone()),
            task_queue: worker_config.task_queue.clone(),
            payload_keys: Services::payload_keys()?,
            codec_token: None,
            temporal_ui_url: None,
            temporal_namespace: "default".to_owned(),
            vendors: EnrichmentProviders::connect(vendors)?,
            campaign_pace,
            conversation_pace: crate::replies::BRISK,
            deliveries_per_minute: api::DELIVERIES_PER_MINUTE,
        };
        let stop_api = CancellationToken::new();
        tokio::spawn(api::serve_on(listener, parts, stop_api.clone().cancelled_owned()));
        Ok(Self {
            admin,
            db,
            store,
            temporal,
            worker_config,
            base_url,
            http: reqwest::Client::new(),
            _stop_api: stop_api.drop_guard(),
            worker: None,
            faulty_worker: None,
            database,
        })
    }

    /// Starts a worker inside this process.
    ///
    /// # Errors
    /// Where it has no thread.
    pub fn start_worker(&mut self) -> Result<()> {
        self.worker = Some(worker::Thread::start(self.worker_config.clone())?);
        Ok(())
    }

    /// Starts a worker inside this process whose activities fail.
    ///
    /// # Errors
    /// Where it has no thread.
    pub fn start_faulty_worker(&mut self, mischief: Mischief) -> Result<()> {
        self.faulty_worker = Some(FaultyWorker::start(self.worker_config.clone(), mischief)?);
        Ok(())
    }

    /// The database's address, as its owner.
    pub fn database_url(&self) -> &str {
        self.database.url()
    }

    /// The queue of this test.
    pub fn queue(&self) -> &str {
        &self.worker_config.task_queue
    }

    /// The address of a path of the API.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// A request without a key.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// A request with a team's key.
    pub fn request(&self, team: &Team, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(&team.key)
    }

    /// What the API answers to a GET, as JSON.
    ///
    /// # Errors
    /// Where it does not answer with success and JSON.
    pub async fn get(&self, team: &Team, path: &str) -> Result<serde_json::Value> {
        let response = self.request(team, Method::GET, path).send().await?.error_for_status()?;
        Ok(response.json().await?)
    }
}
