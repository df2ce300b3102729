//! What the worker is told when it starts. Everything that is wrong is said at once.

use std::fmt;
use std::time::Duration;

use activities::campaign::SendPolicy;
use activities::enrich::VendorPolicy;
use providers::Secret;
use providers::email::SmtpSettings;
use providers::enrichment::EnrichmentSettings;
use providers::notice::NoticeSettings;
use providers::object_store::ObjectStoreConfig;
use providers::settings::{Settings, SettingsError};
use providers::sms::SmsSettings;
use providers::verify::VerifySettings;
use workflows::codec::KeyRing;
use workflows::task_queue;

/// How many activities run at once unless `REFINERY_WORKER_ACTIVITIES` says otherwise. Those of one file come to
/// three at the most (one chunk read, two normalized), so this is two or three files side by side.
const DEFAULT_ACTIVITIES: u32 = 8;

/// How many texts are under way at once in one batch unless `REFINERY_SEND_CONCURRENCY` says otherwise.
const DEFAULT_SEND_CONCURRENCY: u32 = 64;

/// The configuration of a worker. See `.env.sample` for the meaning of each variable in full.
///
/// Secrets may be given through a file instead: `NAME_FILE` names a file whose content, without the line end, is the
/// value of `NAME`.
#[derive(Clone)]
pub struct Config {
    /// `DATABASE_URL`: PostgreSQL, with user and password.
    pub database_url: Secret,
    /// `DATABASE_MAX_CONNECTIONS`: connections of this process to the database. By default two for each activity that
    /// may run, and two for the sweeps.
    pub database_max_connections: u32,
    /// `TEMPORAL_ADDRESS`: `host:port` or a URL of Temporal's front end.
    pub temporal_address: String,
    /// `TEMPORAL_NAMESPACE`. Default `default`.
    pub temporal_namespace: String,
    /// `S3_ENDPOINT`, `S3_REGION`, `S3_BUCKET`, `S3_ACCESS_KEY`, `S3_SECRET_KEY`.
    pub object_store: ObjectStoreConfig,
    /// `REFINERY_PAYLOAD_KEYS`: `id:base64,…`, the keys under which Temporal's payloads are encrypted.
    pub payload_keys: KeyRing,
    /// `REFINERY_TASK_QUEUE`: the queue to poll. Default `import`.
    pub task_queue: String,
    /// `REFINERY_WORKER_ACTIVITIES`: how many activities run at once. Default 8.
    pub activities: u32,
    /// Vendors of enrichment and the keys to them: see [`EnrichmentSettings::read`]. One without a key is not asked.
    pub vendors: EnrichmentSettings,
    /// How vendors are called: `REFINERY_VENDOR_CONCURRENCY`, `REFINERY_VENDOR_CALLS_PER_SECOND`,
    /// `REFINERY_VENDOR_TIMEOUT_MS`, `REFINERY_PUBLIC_URL`.
    pub vendor_policy: VendorPolicy,
    /// Whether and how e-mail addresses are checked: `REFINERY_EMAIL_CHECK`, `REFINERY_NAME_SERVERS`,
    /// `REFINERY_SMTP_CHECK_FROM`.
    pub email_check: VerifySettings,
    /// Vendors that carry texts and the keys to them: see [`SmsSettings::read`]. One without a key sends nothing.
    pub sms: SmsSettings,
    /// The mail server that takes e-mail: see [`SmtpSettings::read`]. Without one none is sent.
    pub smtp: Option<SmtpSettings>,
    /// How many texts are under way at once in one batch: `REFINERY_SEND_CONCURRENCY`. Default 64.
    pub send_concurrency: u32,
    /// Whom teams' webhook endpoints may be: `REFINERY_WEBHOOK_PRIVATE_ADDRESSES`.
    pub notices: NoticeSettings,
    /// How long things take in conversations: `REFINERY_CONVERSATION_IDLE_S` and `REFINERY_CONVERSATION_QUIET_DAYS`.
    pub conversation_pace: workflows::conversation::Pace,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`SettingsError`] with every fault there is.
    pub fn from_env() -> Result<Self, SettingsError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`, for tests and for programs that run more than one service.
    ///
    /// # Errors
    /// [`SettingsError`] with every fault there is.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut settings = Settings::new(lookup);
        let database_url = settings.database_url();
        let activities = settings.positive("REFINERY_WORKER_ACTIVITIES", DEFAULT_ACTIVITIES);
        let connections = settings.positive(
            "DATABASE_MAX_CONNECTIONS",
            default_connections(activities.unwrap_or(DEFAULT_ACTIVITIES)),
        );
        let temporal_address = settings.required("TEMPORAL_ADDRESS", "like 127.0.0.1:7233");
        let temporal_namespace = settings.or("TEMPORAL_NAMESPACE", "default");
        let object_store = settings.object_store();
        let keys = settings.secret("REFINERY_PAYLOAD_KEYS", "id:key,…, each key 32 random bytes in base64");
        let payload_keys = keys.and_then(|keys| match KeyRing::parse(keys.expose()) {
            Ok(ring) => Some(ring),
            Err(error) => {
                settings.fault("REFINERY_PAYLOAD_KEYS", &error.to_string());
                None
            }
        });
        let task_queue = settings.or("REFINERY_TASK_QUEUE", task_queue::IMPORT);
        let vendors = EnrichmentSettings::read(&mut settings);
        let vendor_policy = vendor_policy(&mut settings);
        let email_check = VerifySettings::read(&mut settings);
        let sms = SmsSettings::read(&mut settings);
        let smtp = SmtpSettings::read(&mut settings);
        let send_concurrency = settings.positive("REFINERY_SEND_CONCURRENCY", DEFAULT_SEND_CONCURRENCY);
        let notices = NoticeSettings::read(&mut settings);
        let conversation_pace = conversation_pace(&mut settings);
        settings.finish()?;
        match (database_url, connections, temporal_address, object_store, payload_keys, activities) {
            (
                Some(database_url),
                Some(database_max_connections),
                Some(temporal_address),
                Some(object_store),
                Some(payload_keys),
                Some(activities),
            ) => Ok(Self {
                database_url,
                database_max_connections,
                temporal_address,
                temporal_namespace,
                object_store,
                payload_keys,
                task_queue,
                activities,
                vendors,
                vendor_policy,
                email_check,
                sms,
                smtp,
                send_concurrency: send_concurrency.unwrap_or(DEFAULT_SEND_CONCURRENCY),
                notices,
                conversation_pace,
            }),
            // Whatever is missing was noted as a fault above.
            _ => Err(SettingsError { faults: vec!["a required variable is missing".to_owned()] }),
        }
    }

    /// The configuration of a worker in a program that knows where everything is, with default limits.
    pub fn new(
        database_url: Secret,
        temporal_address: impl Into<String>,
        object_store: ObjectStoreConfig,
        payload_keys: KeyRing,
    ) -> Self {
        Self {
            database_url,
            database_max_connections: default_connections(DEFAULT_ACTIVITIES),
            temporal_address: temporal_address.into(),
            temporal_namespace: "default".to_owned(),
            object_store,
            payload_keys,
            task_queue: task_queue::IMPORT.to_owned(),
            activities: DEFAULT_ACTIVITIES,
            vendors: EnrichmentSettings::default(),
            vendor_policy: VendorPolicy::default(),
            email_check: VerifySettings::default(),
            sms: SmsSettings::default(),
            smtp: None,
            send_concurrency: DEFAULT_SEND_CONCURRENCY,
            notices: NoticeSettings::default(),
            conversation_pace: workflows::conversation::Pace::default(),
        }
    }
}

impl Config {
    /// How texts are sent: what is claimed is held for three times as long as a call may take.
    pub fn send_policy(&self) -> SendPolicy {
        // A mail server takes its time with a message; what it has no time for is unknown, and looks just as lost.
        let mail = self.smtp.as_ref().map_or(Duration::ZERO, |smtp| smtp.timeout);
        let call_timeout = self.sms.timeout.max(mail) + Duration::from_secs(2);
        SendPolicy {
            concurrency: usize::try_from(self.send_concurrency).unwrap_or(usize::MAX),
            call_timeout,
            lease: call_timeout * 3,
            // When the vendor has had the time to write down what it took, it may be asked what became of it.
            missed_after: self.sms.settle,
            ..SendPolicy::default()
        }
    }
}

/// How long things take in conversations, where it is not as by default.
fn conversation_pace<L: Fn(&str) -> Option<String>>(
    settings: &mut Settings<L>,
) -> workflows::conversation::Pace {
    let mut pace = workflows::conversation::Pace::default();
    if let Some(seconds) = settings.positive("REFINERY_CONVERSATION_IDLE_S", 24 * 60 * 60) {
        pace.idle_ms = u64::from(seconds) * 1_000;
    }
    if let Some(days) = settings.positive("REFINERY_CONVERSATION_QUIET_DAYS", 30) {
        pace.quiet_ms = u64::from(days) * 24 * 60 * 60_000;
    }
    pace
}

/// How vendors are called, where it is not as by default.
fn vendor_policy<L: Fn(&str) -> Option<String>>(settings: &mut Settings<L>) -> VendorPolicy {
    let default = VendorPolicy::default();
    let number = |default: usize| u32::try_from(default).unwrap_or(u32::MAX);
    let concurrency = settings.positive("REFINERY_VENDOR_CONCURRENCY", number(default.concurrency));
    let calls_per_second = settings.positive("REFINERY_VENDOR_CALLS_PER_SECOND", default.calls_per_second);
    let timeout_ms = settings.positive("REFINERY_VENDOR_TIMEOUT_MS", 30_000);
    let public_url = settings.get("REFINERY_PUBLIC_URL");
    if public_url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        settings.fault("REFINERY_PUBLIC_URL", "must start with https:// (or http:// for a sandbox)");
    }
    VendorPolicy {
        concurrency: concurrency.and_then(|n| usize::try_from(n).ok()).unwrap_or(default.concurrency),
        calls_per_second: calls_per_second.unwrap_or(default.calls_per_second),
        call_timeout: timeout_ms.map_or(default.call_timeout, |ms| Duration::from_millis(ms.into())),
        public_url,
        ..default
    }
}

fn default_connections(activities: u32) -> u32 {
    activities.saturating_mul(2).saturating_add(2)
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("database_url", &self.database_url)
            .field("database_max_connections", &self.database_max_connections)
            .field("temporal_address", &self.temporal_address)
            .field("temporal_namespace", &self.temporal_namespace)
            .field("object_store", &self.object_store)
            .field("payload_keys", &self.payload_keys)
            .field("task_queue", &self.task_queue)
            .field("activities", &self.activities)
            .field("vendors", &self.vendors)
            .field("vendor_policy", &self.vendor_policy)
            .field("email_check", &self.email_check)
            .field("sms", &self.sms)
            .field("smtp", &self.smtp)
            .field("send_concurrency", &self.send_concurrency)
            .field("notices", &self.notices)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn good() -> BTreeMap<&'static str, &'static str> {
        BTreeMap::from([
            ("DATABASE_URL", "postgres://u:hunter2@localhost/db"),
            ("TEMPORAL_ADDRESS", "localhost:7233"),
            ("S3_ENDPOINT", "http://localhost:8333"),
            ("S3_ACCESS_KEY", "AKIDEXAMPLE"),
            ("S3_SECRET_KEY", "wJalrXUtn"),
            ("REFINERY_PAYLOAD_KEYS", "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ])
    }

    fn read(variables: &BTreeMap<&str, &str>) -> Result<Config, SettingsError> {
        Config::from_lookup(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn defaults_fill_what_is_not_said_and_nothing_secret_is_shown() {
        let config = read(&good()).expect("good");
        assert_eq!((config.task_queue.as_str(), config.temporal_namespace.as_str()), ("import", "default"));
        assert_eq!((config.activities, config.database_max_connections), (8, 18));
        let shown = format!("{config:?}");
        for secret in ["hunter2", "AKIDEXAMPLE", "wJalrXUtn", "AAAA"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn all_faults_are_said_at_once() {
        let faults = read(&BTreeMap::new()).expect_err("nothing is set").faults;
        for name in
            ["DATABASE_URL", "TEMPORAL_ADDRESS", "S3_ACCESS_KEY", "S3_SECRET_KEY", "REFINERY_PAYLOAD_KEYS"]
        {
            assert!(faults.iter().any(|fault| fault.starts_with(name)), "{name} in {faults:?}");
        }
        let mut bad = good();
        bad.insert("REFINERY_WORKER_ACTIVITIES", "none");
        bad.insert("REFINERY_PAYLOAD_KEYS", "short");
        assert_eq!(read(&bad).expect_err("two faults").faults.len(), 2);
    }
}
