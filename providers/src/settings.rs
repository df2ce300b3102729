//! Reads settings one by one and remembers everything that is wrong, so that a person hears of it at once.

use std::str::FromStr;

use crate::Secret;
use crate::object_store::{DEFAULT_BUCKET, DEFAULT_REGION, ObjectStoreConfig};

/// Everything that is wrong with the settings of a process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration has {} fault(s):\n  {}", faults.len(), faults.join("\n  "))]
pub struct SettingsError {
    /// One sentence a fault: the variable, what is wrong and what would be right. Never a secret.
    pub faults: Vec<String>,
}

/// Reads variables through a lookup and collects the faults.
#[derive(Debug)]
pub struct Settings<L> {
    lookup: L,
    faults: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Settings<L> {
    /// Settings behind `lookup`, which answers a variable's value by its name.
    pub fn new(lookup: L) -> Self {
        Self { lookup, faults: Vec::new() }
    }

    /// Notes that the variable `name` is wrong; `what` says how it would be right.
    pub fn fault(&mut self, name: &str, what: &str) {
        self.faults.push(format!("{name}: {what}"));
    }

    /// What was wrong, where anything was.
    ///
    /// # Errors
    /// [`SettingsError`] with every fault noted so far.
    pub fn finish(self) -> Result<(), SettingsError> {
        if self.faults.is_empty() { Ok(()) } else { Err(SettingsError { faults: self.faults }) }
    }

    /// The value, where there is one that is not blank.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// The value, or `default`.
    pub fn or(&self, name: &str, default: &str) -> String {
        self.get(name).unwrap_or_else(|| default.to_owned())
    }

    /// The value; none is a fault.
    pub fn required(&mut self, name: &str, hint: &str) -> Option<String> {
        let value = self.get(name);
        if value.is_none() {
            self.fault(name, &format!("is not set; it must be {hint}"));
        }
        value
    }

    /// The value or `default`, read as a `T`; one that is none is a fault.
    pub fn parsed<T: FromStr>(&mut self, name: &str, default: &str, hint: &str) -> Option<T> {
        let value = self.or(name, default).parse().ok();
        if value.is_none() {
            self.fault(name, &format!("must be {hint}"));
        }
        value
    }

    /// The value or `default`, a number from 1.
    pub fn positive(&mut self, name: &str, default: u32) -> Option<u32> {
        let value = self.or(name, &default.to_string()).parse().ok().filter(|number| *number > 0);
        if value.is_none() {
            self.fault(name, "must be a number from 1");
        }
        value
    }

    /// The value of `name`, or the content of the file that `{name}_FILE` names; neither is a fault.
    pub fn secret(&mut self, name: &str, hint: &str) -> Option<Secret> {
        let before = self.faults.len();
        let secret = self.optional_secret(name);
        if secret.is_none() && self.faults.len() == before {
            self.fault(name, &format!("is not set, nor is {name}_FILE; it must be {hint}"));
        }
        secret
    }

    /// The value of `name`, or the content of the file that `{name}_FILE` names; both are a fault.
    pub fn optional_secret(&mut self, name: &str) -> Option<Secret> {
        let from_file = self.get(&format!("{name}_FILE"));
        match (self.get(name), from_file) {
            (Some(_), Some(_)) => {
                self.fault(name, &format!("is set, and {name}_FILE too; leave one of them out"));
                None
            }
            (Some(value), None) => Some(value.into()),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(content) => Some(content.trim_end_matches(['\r', '\n']).into()),
                Err(error) => {
                    self.fault(&format!("{name}_FILE"), &format!("cannot be read: {error}"));
                    None
                }
            },
            (None, None) => None,
        }
    }

    /// The value or `default`, the address of a vendor: scheme, host and port alone, without a slash at the end. Anything
    /// else is a fault.
    pub fn base_url(&mut self, name: &str, default: &str) -> Option<String> {
        let url = self.or(name, default).trim_end_matches('/').to_owned();
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '@', '?', ' '])) {
            self.fault(name, &format!("must be scheme, host and port alone, like {default}"));
            return None;
        }
        Some(url)
    }

    /// `DATABASE_URL`: PostgreSQL, with user and password.
    pub fn database_url(&mut self) -> Option<Secret> {
        let url = self.secret("DATABASE_URL", "like postgres://user:password@host:5432/database")?;
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.expose().starts_with(scheme)) {
            self.fault("DATABASE_URL", "must start with postgres:// or postgresql://");
        }
        Some(url)
    }

    /// `S3_ENDPOINT`, `S3_REGION`, `S3_BUCKET`, `S3_ACCESS_KEY`, `S3_SECRET_KEY`.
    pub fn object_store(&mut self) -> Option<ObjectStoreConfig> {
        let endpoint = self.get("S3_ENDPOINT");
        if endpoint.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            self.fault("S3_ENDPOINT", "must start with http:// or https://; leave it out for Amazon S3");
        }
        let region = self.or("S3_REGION", DEFAULT_REGION);
        let bucket = self.or("S3_BUCKET", DEFAULT_BUCKET);
        let access_key = self.required("S3_ACCESS_KEY", "the id of the access key");
        let secret_key = self.secret("S3_SECRET_KEY", "the secret of the access key");
        Some(ObjectStoreConfig { endpoint, region, bucket, access_key: access_key?, secret_key: secret_key? })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings<impl Fn(&str) -> Option<String> + use<>> {
        let pairs: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::new(move |name: &str| pairs.get(name).cloned())
    }

    #[test]
    fn every_fault_is_kept_and_none_shows_a_secret() {
        let mut settings = settings(&[("DATABASE_URL", "mysql://u:hunter2@h/d"), ("N", "0"), ("P", "x")]);
        settings.database_url();
        assert!(settings.object_store().is_none());
        assert_eq!(settings.positive("N", 4), None);
        assert_eq!(settings.parsed::<u16>("P", "1", "a port"), None);
        let error = settings.finish().expect_err("faults");
        assert_eq!(error.faults.len(), 5, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn blank_counts_as_not_set() {
        let mut settings = settings(&[("A", "  "), ("B", " b ")]);
        assert_eq!((settings.or("A", "default").as_str(), settings.or("B", "").as_str()), ("default", "b"));
        assert_eq!(settings.positive("N", 4), Some(4));
        settings.finish().expect("nothing is wrong");
    }
}
