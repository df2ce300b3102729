//! Starting the system, watching it, stopping it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use entities::Database;
use providers::Secret;
use providers::email::SmtpSettings;
use providers::enrichment::{EnrichmentProviders, EnrichmentSettings, TwilioAccess, VendorAccess};
use providers::notice::NoticeSettings;
use providers::object_store::{ObjectStore, ObjectStoreConfig};
use providers::settings::Settings;
use providers::sms::{SignalHouseAccess, SmsSettings, TwilioMessagesAccess};
use sandbox::{Sandbox, Vendor};
use stack::{Profile, Stack, StackConfig, StackError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use workflows::codec::KeyRing;
use workflows::task_queue;

use super::account;
use super::keep::{Kept, write_private};
use super::narrate::Narrator;
use super::reports;
use crate::exit::UsageError;
use crate::{logging, speak};

/// Where the API listens when the port is free.
const FAMILIAR_PORT: u16 = 8080;

/// The namespace of the development server.
const NAMESPACE: &str = "default";

/// How many connections the API holds at the most.
const API_CONNECTIONS: u32 = 16;

/// The whole system, running: local stack, worker and API.
pub(crate) struct Local {
    stack: Stack,
    /// The vendors of enrichment, made up; `None` where real ones are configured.
    sandbox: Option<Sandbox>,
    worker: worker::Thread,
    api: JoinHandle<Result<(), api::ServeError>>,
    stop_api: CancellationToken,
    /// `http://127.0.0.1:port`.
    pub(crate) api_url: String,
    /// Opens the API for the demo team.
    pub(crate) api_key: String,
    log: PathBuf,
    env: PathBuf,
}

impl Local {
    /// Starts everything, in the order in which one needs the other, and says so; `None` when told to stop meanwhile.
    ///
    /// # Errors
    /// Whatever keeps a part from starting, with what to do. Nothing is left running.
    pub(crate) async fn start(reset: bool, stop: &CancellationToken) -> anyhow::Result<Option<Self>> {
        tokio::select! {
            biased;
            () = stop.cancelled() => Ok(None),
            local = Self::bring_up(reset) => local.map(Some),
        }
    }

    async fn bring_up(reset: bool) -> anyhow::Result<Self> {
        let mut config = StackConfig::from_env(Profile::Dev).map_err(usage)?;
        // The Temporal UI must know the address of the codec endpoint when it starts, so the port comes first.
        let listener = listen().await?;
        let api_url = format!("http://{}", listener.local_addr().context("the API's port")?);
        let codec_token = hex_token();
        config.temporal_ui_codec_endpoint = Some(format!("{api_url}/codec/{codec_token}"));
        if reset {
            Stack::reset(&config).await.map_err(anyhow::Error::new)?;
            speak::note("The data of earlier starts is cleared.");
        }
        speak::note("Starting PostgreSQL, Temporal and S3 …");
        let mut narrator = Narrator::default();
        let stack = Stack::start(config, |event| narrator.tell(event)).await.map_err(usage)?;
        let log = stack.folder().join("logs").join("refinery.log");
        logging::to_file(&log)?;

        let file = stack.folder().join("refinery.json");
        let mut kept = Kept::load_or_make(&file)?;
        if let Some(keys) = variable("REFINERY_PAYLOAD_KEYS") {
            kept.payload_keys = keys;
        }
        let payload_keys = KeyRing::parse(&kept.payload_keys).context("REFINERY_PAYLOAD_KEYS")?;

        let owner = Database::admin(stack.database_url()).await.context("the database cannot be used")?;
        let steps =
            migrations::migrate(owner.connection()).await.context("the database cannot be migrated")?;
        if !steps.is_empty() {
            speak::note(format!("  the database has its schema ({} steps)", steps.len()));
        }
        let api_key = account::key(&owner, kept.api_key.as_deref()).await?;
        if kept.api_key.as_deref() != Some(&api_key) {
            kept.api_key = Some(api_key.clone());
            kept.save(&file)?;
        }
        owner.close().await;

        let database_url = Secret::from(stack.database_url());
        let object_store = object_store(&stack);
        let queue = variable("REFINERY_TASK_QUEUE").unwrap_or_else(|| task_queue::IMPORT.to_owned());
        let mut settings = worker::Config::new(
            database_url.clone(),
            stack.temporal_address(),
            object_store.clone(),
            payload_keys.clone(),
        );
        settings.task_queue.clone_from(&queue);
        let (sandbox, vendors, texters, smtp) = vendors(&api_url).await?;
        settings.vendors.clone_from(&vendors);
        settings.sms = texters;
        settings.smtp = smtp;
        // Whatever listens on this computer may be told: nobody else's teams are here.
        settings.notices = NoticeSettings { private_addresses: true };
        settings.vendor_policy.public_url = variable("REFINERY_PUBLIC_URL").or_else(|| Some(api_url.clone()));
        let store = ObjectStore::connect(&object_store)?;
        store.ensure_bucket().await.context("object storage cannot be used")?;
        let worker = worker::Thread::start(settings)?;
        let parts = api::Parts {
            db: Database::connect(stack.database_url(), API_CONNECTIONS).await?,
            hooks_db: Database::connect(stack.database_url(), api::HOOK_CONNECTIONS).await?,
            store,
            temporal: api::Temporal::at(stack.temporal_address(), NAMESPACE, payload_keys)?,
            task_queue: queue,
            payload_keys: KeyRing::parse(&kept.payload_keys)?,
            codec_token: Some(codec_token.into()),
            temporal_ui_url: stack
                .temporal_ui_url()
                .map(str::to_owned)
                .or_else(|| variable("TEMPORAL_UI_URL")),
            temporal_namespace: NAMESPACE.to_owned(),
            vendors: EnrichmentProviders::connect(vendors).context("the vendors cannot be called")?,
            campaign_pace: workflows::campaign::Pace::default(),
            conversation_pace: workflows::conversation::Pace::default(),
            deliveries_per_minute: api::DELIVERIES_PER_MINUTE,
        };
        let stop_api = CancellationToken::new();
        let api = tokio::spawn(api::serve_on(listener, parts, stop_api.clone().cancelled_owned()));
        speak::note("  worker and API run");
        if let Some(sandbox) = &sandbox {
            let vendor = sandbox.url(Vendor::SignalHouse);
            let made = reports::come_back(vendor, &api_url, &api_key, kept.webhook.as_deref()).await;
            kept.webhook = Some(made.context("the made-up vendor of texts cannot be told where to report")?);
            let before = kept.twilio_webhook.as_deref();
            let made = reports::each_by_itself(TWILIO_TOKEN, &api_url, &api_key, before).await;
            kept.twilio_webhook = Some(made.context("the made-up Twilio has nowhere to report to")?);
            kept.save(&file)?;
            speak::note(
                "  delivery reports and replies of the made-up vendors of texts come back to the API",
            );
        }

        let env = stack.folder().join("env");
        let local = Self { stack, sandbox, worker, api, stop_api, api_url, api_key, log, env };
        write_private(&local.env, &local.variables(&kept.payload_keys))?;
        Ok(local)
    }

    /// Where everything is, in lines for the person in front.
    pub(crate) fn places(&self) -> impl Iterator<Item = String> {
        let ui = self.stack.temporal_ui_url().map(|url| format!("Temporal UI   {url}"));
        [
            Some(format!("API           {}/docs", self.api_url)),
            ui,
            self.sandbox.as_ref().map(|sandbox| {
                format!("Vendors       made up; {} says what they can be told", sandbox.control_url())
            }),
            Some(format!("API key       {}   (team Demo)", self.api_key)),
            Some(format!(
                "Try           curl -H 'Authorization: Bearer {}' {}/v1/uploads",
                self.api_key, self.api_url
            )),
            Some(format!("Log           {}", shown(&self.log))),
            Some(format!("Environment   {}   (for the other commands: set -a; . {0})", shown(&self.env))),
        ]
        .into_iter()
        .flatten()
    }

    /// Waits until a part ends by itself, and tells which. Never returns while all run.
    pub(crate) async fn broke(&mut self) -> anyhow::Error {
        tokio::select! {
            error = self.stack.died() => anyhow::Error::new(error),
            ended = self.worker.ended() => match ended {
                Ok(()) => anyhow::anyhow!("the worker ended; see {}", shown(&self.log)),
                Err(error) => anyhow::Error::new(error),
            },
            served = &mut self.api => match served {
                Ok(Ok(())) => anyhow::anyhow!("the API ended; see {}", shown(&self.log)),
                Ok(Err(error)) => anyhow::Error::new(error),
                Err(panic) => anyhow::Error::new(panic).context("the API broke off"),
            },
        }
    }

    /// Stops everything, the last started first, and waits until it is gone.
    ///
    /// # Errors
    /// What could not be stopped; its watchdog will.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop_api.cancel();
        // One that broke off has said so before.
        if !self.api.is_finished() {
            match self.api.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the API did not end well"),
                Err(error) => tracing::warn!(%error, "the API broke off"),
            }
        }
        if let Err(error) = self.worker.stop().await {
            tracing::warn!(%error, "the worker did not end well");
        }
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
        self.stack.stop().await.context("the local stack did not stop in order")
    }

    fn variables(&self, payload_keys: &str) -> String {
        let s3 = self.stack.s3();
        let ui = self.stack.temporal_ui_url().unwrap_or_default();
        let lines = [
            ("DATABASE_URL", self.stack.database_url()),
            ("TEMPORAL_ADDRESS", self.stack.temporal_address()),
            ("TEMPORAL_UI_URL", ui),
            ("S3_ENDPOINT", &s3.endpoint),
            ("S3_REGION", &s3.region),
            ("S3_BUCKET", &s3.bucket),
            ("S3_ACCESS_KEY", &s3.access_key),
            ("S3_SECRET_KEY", &s3.secret_key),
            ("REFINERY_PAYLOAD_KEYS", payload_keys),
            ("REFINERY_API_URL", &self.api_url),
            ("REFINERY_API_KEY", &self.api_key),
        ];
        let line = |(name, value): &(&str, &str)| format!("{name}='{}'\n", value.replace('\'', "'\\''"));
        format!("# The local stack of this start.\n{}", lines.iter().map(line).collect::<String>())
    }
}

fn object_store(stack: &Stack) -> ObjectStoreConfig {
    let s3 = stack.s3();
    ObjectStoreConfig {
        endpoint: Some(s3.endpoint.clone()),
        region: s3.region.clone(),
        bucket: s3.bucket.clone(),
        access_key: s3.access_key.clone(),
        secret_key: s3.secret_key.clone().into(),
    }
}

/// The account at the made-up Twilio.
const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";

/// Its token, by which it signs what it reports.
const TWILIO_TOKEN: &str = "any";

/// The made-up vendors, if they are, and how all of them are reached.
type World = (Option<Sandbox>, EnrichmentSettings, SmsSettings, Option<SmtpSettings>);

/// The vendors of the environment; where none is configured, made-up ones that cost nothing and reach nobody.
async fn vendors(api_url: &str) -> anyhow::Result<World> {
    let mut settings = Settings::new(variable);
    let configured = EnrichmentSettings::read(&mut settings);
    let texters = SmsSettings::read(&mut settings);
    let smtp = SmtpSettings::read(&mut settings);
    settings.finish().map_err(|error| UsageError(error.to_string()))?;
    let carries_texts = texters.signalhouse.is_some() || texters.twilio.is_some();
    if carries_texts || smtp.is_some() || configured != EnrichmentSettings::default() {
        speak::note(format!(
            "  vendors of the environment are asked, and paid; they answer later to {api_url}"
        ));
        return Ok((None, configured, texters, smtp));
    }
    let world = Sandbox::start(sandbox::Settings::default()).await.context("the sandbox did not start")?;
    let access = |vendor: Vendor| VendorAccess { base_url: world.url(vendor).to_owned(), key: "any".into() };
    let made_up = EnrichmentSettings {
        melissa: Some(access(Vendor::Melissa)),
        batchdata: Some(access(Vendor::BatchData)),
        realestateapi: Some(access(Vendor::RealEstateApi)),
        apollo: Some(access(Vendor::Apollo)),
        twilio_lookup: Some(TwilioAccess {
            base_url: world.url(Vendor::Twilio).to_owned(),
            account_sid: ACCOUNT_SID.to_owned(),
            auth_token: TWILIO_TOKEN.into(),
        }),
    };
    let texters = SmsSettings {
        signalhouse: Some(SignalHouseAccess {
            base_url: world.url(Vendor::SignalHouse).to_owned(),
            api_key: "any".into(),
            group_id: Some("any".to_owned()),
            subgroup_id: Some("any".to_owned()),
        }),
        twilio: Some(TwilioMessagesAccess {
            base_url: world.url(Vendor::Twilio).to_owned(),
            account_sid: ACCOUNT_SID.to_owned(),
            auth_token: TWILIO_TOKEN.into(),
            messaging_service_sid: None,
        }),
        ..texters
    };
    let smtp = mail_server(world.smtp_url())?;
    Ok((Some(world), made_up, texters, Some(smtp)))
}

/// The made-up mail server.
fn mail_server(url: &str) -> anyhow::Result<SmtpSettings> {
    let mut settings = Settings::new(|name: &str| (name == "REFINERY_SMTP_URL").then(|| url.to_owned()));
    let read = SmtpSettings::read(&mut settings);
    settings.finish().map_err(anyhow::Error::new)?;
    read.context("the made-up mail server has no address")
}

/// Where `REFINERY_BIND` says, else the familiar port, else any that is free.
async fn listen() -> anyhow::Result<TcpListener> {
    if let Some(bind) = variable("REFINERY_BIND") {
        let address: SocketAddr = bind
            .parse()
            .map_err(|_| UsageError(format!("REFINERY_BIND must be like 127.0.0.1:8080; {bind:?} is not")))?;
        return TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"));
    }
    match TcpListener::bind((Ipv4Addr::LOCALHOST, FAMILIAR_PORT)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no free port for the API"),
    }
}

/// What opens the codec endpoint to the Temporal UI, for this start only.
fn hex_token() -> String {
    rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// A path as short as it can be said from here.
fn shown(path: &std::path::Path) -> String {
    match std::env::current_dir() {
        Ok(here) => path.strip_prefix(here).unwrap_or(path).display().to_string(),
        // The folder is gone from under us: the whole path it is.
        Err(_) => path.display().to_string(),
    }
}

/// A wrong variable is the caller's fault, anything else is not.
fn usage(error: StackError) -> anyhow::Error {
    match error {
        StackError::Environment { .. } => anyhow::Error::new(UsageError(error.to_string())),
        other => anyhow::Error::new(other),
    }
}
