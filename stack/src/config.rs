//! What to start, and where its data lives.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::StackError;

/// What the stack is for, which decides how careful it is with the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Development and the demo: everything that was answered survives a power cut; familiar ports where free.
    #[default]
    Dev,
    /// Tests: nothing is forced to the disk. What a service wrote survives `kill -9` of it all the same, because the
    /// kernel holds it; only a crash of the whole computer would lose it.
    Test,
}

/// How to reach an S3 object store.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Settings {
    /// Address with scheme and port, such as `http://127.0.0.1:8333`.
    pub endpoint: String,
    /// Access key id.
    pub access_key: String,
    /// Secret access key; never printed, not even by `Debug`.
    pub secret_key: String,
    /// Region that requests are signed for.
    pub region: String,
    /// Bucket that imports go to.
    pub bucket: String,
}

impl fmt::Debug for S3Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("access_key", &self.access_key)
            .field("secret_key", &"hidden")
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .finish()
    }
}

/// The region that is signed for unless `S3_REGION` says otherwise.
pub(crate) const DEFAULT_REGION: &str = "us-east-1";
/// The bucket used unless `S3_BUCKET` says otherwise.
pub(crate) const DEFAULT_BUCKET: &str = "lead-imports";

/// What [`crate::Stack::start`] starts.
///
/// Everything goes into [`StackConfig::home`]: the packages into `home/venv`, each instance's data, logs and passwords
/// into `home/<instance>`. One exception: PostgreSQL does not run as root. When root starts the stack in a folder that
/// other users may not enter (below `/root`, say), PostgreSQL's program and data go to a folder of their own below
/// `/var/tmp`, named after `home`, because the user it runs as could not reach them in `home`.
#[derive(Clone)]
pub struct StackConfig {
    /// The folder for packages, data and logs: `.stack` at the root of the repository.
    pub home: PathBuf,
    /// What the stack is for.
    pub profile: Profile,
    /// Name of the data folder below `home`, so that several stacks can run at once. `None`: `dev` for
    /// [`Profile::Dev`]; for [`Profile::Test`] the first of `test-1`, `test-2`… that no other process uses, cleared
    /// before the start.
    pub instance: Option<String>,
    /// PostgreSQL that runs elsewhere, instead of ours.
    pub database_url: Option<String>,
    /// Temporal that runs elsewhere (`host:port`), instead of ours.
    pub temporal_address: Option<String>,
    /// Object store that runs elsewhere, instead of ours.
    pub s3: Option<S3Settings>,
    /// Bucket that our object store is started with.
    pub bucket: String,
    /// Region that requests to our object store are signed for.
    pub region: String,
    /// Address of the codec endpoint that the Temporal UI decodes payloads with.
    pub temporal_ui_codec_endpoint: Option<String>,
}

impl fmt::Debug for StackConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StackConfig")
            .field("home", &self.home)
            .field("profile", &self.profile)
            .field("instance", &self.instance)
            .field("database_url", &self.database_url.as_ref().map(|_| "hidden"))
            .field("temporal_address", &self.temporal_address)
            .field("s3", &self.s3)
            .field("bucket", &self.bucket)
            .field("temporal_ui_codec_endpoint", &self.temporal_ui_codec_endpoint)
            .finish_non_exhaustive()
    }
}

impl StackConfig {
    /// Everything ours, below `home`.
    #[must_use]
    pub fn new(home: impl Into<PathBuf>, profile: Profile) -> Self {
        Self {
            home: home.into(),
            profile,
            instance: None,
            database_url: None,
            temporal_address: None,
            s3: None,
            bucket: DEFAULT_BUCKET.to_owned(),
            region: DEFAULT_REGION.to_owned(),
            temporal_ui_codec_endpoint: None,
        }
    }

    /// Reads `DATABASE_URL`, `TEMPORAL_ADDRESS` and `S3_ENDPOINT` with `S3_ACCESS_KEY` and `S3_SECRET_KEY` (each replaces
    /// one service), `S3_REGION`, `S3_BUCKET`, `REFINERY_STACK_HOME` (otherwise `.stack` at the root of the repository
    /// that the current folder is in) and `REFINERY_STACK_INSTANCE`. A variable set to nothing counts as not set.
    ///
    /// # Errors
    ///
    /// [`StackError::Environment`] for `S3_ENDPOINT` without its keys or an instance name that is no folder name;
    /// [`StackError::File`] when there is no current folder.
    pub fn from_env(profile: Profile) -> Result<Self, StackError> {
        let current = env::current_dir().map_err(StackError::file("enter", Path::new(".")))?;
        Self::from_lookup(profile, &current, |name| env::var(name).ok())
    }

    fn from_lookup(
        profile: Profile,
        current: &Path,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, StackError> {
        let lookup = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
        let home = lookup("REFINERY_STACK_HOME")
            .map_or_else(|| repository_root(current).join(".stack"), PathBuf::from);
        let mut config = Self::new(home, profile);
        config.instance = lookup("REFINERY_STACK_INSTANCE");
        if let Some(name) = &config.instance
            && !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        {
            return Err(StackError::Environment {
                variable: "REFINERY_STACK_INSTANCE",
                problem: "only letters, digits, - and _ make a name".to_owned(),
            });
        }
        config.database_url = lookup("DATABASE_URL");
        config.temporal_address = lookup("TEMPORAL_ADDRESS");
        config.bucket = lookup("S3_BUCKET").unwrap_or(config.bucket);
        config.region = lookup("S3_REGION").unwrap_or(config.region);
        if let Some(endpoint) = lookup("S3_ENDPOINT") {
            let need = |variable: &'static str| {
                lookup(variable).ok_or_else(|| StackError::Environment {
                    variable,
                    problem: "it must be set along with S3_ENDPOINT".to_owned(),
                })
            };
            config.s3 = Some(S3Settings {
                endpoint,
                access_key: need("S3_ACCESS_KEY")?,
                secret_key: need("S3_SECRET_KEY")?,
                region: config.region.clone(),
                bucket: config.bucket.clone(),
            });
        }
        Ok(config)
    }
}

/// The nearest folder upwards that holds the repository, else the current one.
fn repository_root(current: &Path) -> PathBuf {
    current
        .ancestors()
        .find(|folder| folder.join(".git").exists() || folder.join("Cargo.lock").exists())
        .unwrap_or(current)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<StackConfig, StackError> {
        let lookup =
            |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        StackConfig::from_lookup(Profile::Dev, Path::new("/nowhere/here"), lookup)
    }

    #[test]
    fn nothing_set_means_everything_ours() {
        let config = config(&[("DATABASE_URL", " ")]).expect("a usable environment");
        assert_eq!(config.home, Path::new("/nowhere/here/.stack"));
        assert_eq!((config.database_url, config.temporal_address, config.s3), (None, None, None));
        assert_eq!((config.bucket.as_str(), config.region.as_str()), ("lead-imports", "us-east-1"));
    }

    #[test]
    fn an_endpoint_without_keys_names_the_missing_variable() {
        let error =
            config(&[("S3_ENDPOINT", "http://x:1"), ("S3_ACCESS_KEY", "a")]).expect_err("no secret key");
        assert!(error.to_string().contains("S3_SECRET_KEY"), "{error}");
    }

    #[test]
    fn secrets_are_not_printed() {
        let pairs = [
            ("S3_ENDPOINT", "http://x:1"),
            ("S3_ACCESS_KEY", "a"),
            ("S3_SECRET_KEY", "quiet"),
            ("DATABASE_URL", "postgres://u:quiet@h/d"),
        ];
        let printed = format!("{:?}", config(&pairs).expect("a usable environment"));
        assert!(!printed.contains("quiet"), "{printed}");
    }

    #[test]
    fn an_instance_name_cannot_leave_home() {
        assert!(config(&[("REFINERY_STACK_INSTANCE", "../x")]).is_err());
        assert_eq!(
            config(&[("REFINERY_STACK_INSTANCE", "b-2")]).expect("fine").instance.as_deref(),
            Some("b-2")
        );
    }
}
