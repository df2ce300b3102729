//! What the service is told when it starts. Everything that is wrong is said at once.

use std::fmt;
use std::net::SocketAddr;

use providers::Secret;
use providers::enrichment::EnrichmentSettings;
use providers::object_store::ObjectStoreConfig;
use providers::settings::Settings;
pub use providers::settings::SettingsError as ConfigError;
use workflows::codec::KeyRing;
use workflows::task_queue;

/// Where the service listens unless `REFINERY_BIND` says otherwise.
pub const DEFAULT_BIND: &str = "127.0.0.1:8080";

/// How many connections to the database are held at the most.
const DEFAULT_DATABASE_CONNECTIONS: u32 = 16;

/// The configuration of the HTTP service. See `.env.sample` for the meaning of each variable in full.
///
/// Secrets may be given through a file instead: `NAME_FILE` names a file whose content, without the line end,
/// is the value of `NAME`.
#[derive(Clone)]
pub struct Config {
    /// `REFINERY_BIND`: address and port to listen on; port 0 takes a free one. Default [`DEFAULT_BIND`].
    pub bind: SocketAddr,
    /// `DATABASE_URL`: PostgreSQL, with user and password.
    pub database_url: Secret,
    /// `DATABASE_MAX_CONNECTIONS`: connections of this process to the database, beside the six that vendors' deliveries have.
    /// Default 16.
    pub database_max_connections: u32,
    /// `TEMPORAL_ADDRESS`: `host:port` or a URL of Temporal's front end.
    pub temporal_address: String,
    /// `TEMPORAL_NAMESPACE`. Default `default`.
    pub temporal_namespace: String,
    /// `TEMPORAL_UI_URL`: where the Temporal UI is, for links to workflows and as the origin that may ask the
    /// codec endpoint.
    pub temporal_ui_url: Option<String>,
    /// `S3_ENDPOINT`, `S3_REGION`, `S3_BUCKET`, `S3_ACCESS_KEY`, `S3_SECRET_KEY`.
    pub object_store: ObjectStoreConfig,
    /// `REFINERY_PAYLOAD_KEYS`: `id:base64,…`, the keys under which Temporal's payloads are encrypted.
    pub payload_keys: KeyRing,
    /// `REFINERY_TASK_QUEUE`: the queue workers poll for uploads. Default `import`.
    pub task_queue: String,
    /// `REFINERY_CODEC_TOKEN`: opens `/codec/{token}/decode` to the Temporal UI of the local stack, which
    /// cannot send an API key. Unset, only API keys open the codec endpoint.
    pub codec_token: Option<Secret>,
    /// Vendors of enrichment, as the worker has them: see [`EnrichmentSettings::read`].
    pub vendors: EnrichmentSettings,
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault there is.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`, for tests and for programs that run more than one service.
    ///
    /// # Errors
    /// [`ConfigError`] with every fault there is.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut settings = Settings::new(lookup);
        let bind = settings.parsed("REFINERY_BIND", DEFAULT_BIND, "an address and port, like 127.0.0.1:8080");
        let database_url = settings.database_url();
        let connections = settings.positive("DATABASE_MAX_CONNECTIONS", DEFAULT_DATABASE_CONNECTIONS);
        let temporal_address = settings.required("TEMPORAL_ADDRESS", "like 127.0.0.1:7233");
        let temporal_namespace = settings.or("TEMPORAL_NAMESPACE", "default");
        let temporal_ui_url = settings.get("TEMPORAL_UI_URL");
        if temporal_ui_url.as_ref().is_some_and(|url| !is_http(url)) {
            settings.fault("TEMPORAL_UI_URL", "must start with http:// or https://");
        }
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
        let codec_token = settings.optional_secret("REFINERY_CODEC_TOKEN");
        if codec_token.as_ref().is_some_and(|token| !is_good_token(token.expose())) {
            settings
                .fault("REFINERY_CODEC_TOKEN", "must be at least 24 letters, digits, '-' and '_', at random");
        }
        let vendors = EnrichmentSettings::read(&mut settings);
        settings.finish()?;
        match (bind, database_url, connections, temporal_address, object_store, payload_keys) {
            (
                Some(bind),
                Some(database_url),
                Some(database_max_connections),
                Some(temporal_address),
                Some(object_store),
                Some(payload_keys),
            ) => Ok(Self {
                bind,
                database_url,
                database_max_connections,
                temporal_address,
                temporal_namespace,
                temporal_ui_url,
                object_store,
                payload_keys,
                task_queue,
                codec_token,
                vendors,
            }),
            // Whatever is missing was noted as a fault above.
            _ => Err(ConfigError { faults: vec!["a required variable is missing".to_owned()] }),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("bind", &self.bind)
            .field("database_url", &self.database_url)
            .field("temporal_address", &self.temporal_address)
            .field("temporal_namespace", &self.temporal_namespace)
            .field("object_store", &self.object_store)
            .field("payload_keys", &self.payload_keys)
            .field("task_queue", &self.task_queue)
            .field("codec_token", &self.codec_token)
            .finish_non_exhaustive()
    }
}

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn is_good_token(token: &str) -> bool {
    token.len() >= 24 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
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

    fn read(variables: &BTreeMap<&str, &str>) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| variables.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn defaults_fill_what_is_not_said_and_nothing_secret_is_shown() {
        let config = read(&good()).expect("good");
        assert_eq!(config.bind.to_string(), DEFAULT_BIND);
        assert_eq!((config.task_queue.as_str(), config.temporal_namespace.as_str()), ("import", "default"));
        assert_eq!(config.object_store.bucket, "lead-imports");
        let shown = format!("{config:?}");
        for secret in ["hunter2", "AKIDEXAMPLE", "wJalrXUtn"] {
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
        bad.insert("REFINERY_BIND", "8080");
        bad.insert("DATABASE_URL", "mysql://u:hunter2@h/d");
        bad.insert("REFINERY_CODEC_TOKEN", "short");
        bad.insert("DATABASE_MAX_CONNECTIONS", "0");
        let error = read(&bad).expect_err("four faults");
        assert_eq!(error.faults.len(), 4, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_secret_may_come_from_a_file_but_not_from_both() {
        let file = std::env::temp_dir().join(format!("refinery-api-config-{}", std::process::id()));
        std::fs::write(&file, "postgres://u:p@h/d\n").expect("writes");
        let path = file.to_string_lossy().into_owned();
        let mut variables = good();
        variables.insert("DATABASE_URL_FILE", &path);
        let both = read(&variables).expect_err("both are set");
        assert!(both.faults[0].contains("leave one"), "{both}");
        variables.remove("DATABASE_URL");
        assert_eq!(read(&variables).expect("from the file").database_url.expose(), "postgres://u:p@h/d");
        std::fs::remove_file(&file).expect("removes");
    }
}
