//! Where the object store is and how we log in.

use std::fmt;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::ObjectStoreError;
use crate::Secret;

/// The region that is used where none is configured; stores that are not Amazon's do not care.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The S3 bucket that is used where none is configured.
pub const DEFAULT_BUCKET: &str = "lead-imports";

/// How often the SDK tries one request, the first time included.
pub(super) const ATTEMPTS: u32 = 3;

/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long one attempt may take until the answer begins: a part of 5 MiB at 90 KB/s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// What [`ObjectStore::connect`](super::ObjectStore::connect) needs to know.
#[derive(Clone)]
pub struct ObjectStoreConfig {
    /// `http://host:port` or `https://host`; none is Amazon S3 itself, in [`region`](Self::region).
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The S3 bucket that holds every object of this installation.
    pub bucket: String,
    /// The access key's id.
    pub access_key: String,
    /// The access key's secret.
    pub secret_key: Secret,
}

impl ObjectStoreConfig {
    /// The store at `endpoint` with the default region and bucket.
    pub fn at(
        endpoint: impl Into<String>,
        access_key: impl Into<String>,
        secret_key: impl Into<Secret>,
    ) -> Self {
        Self {
            endpoint: Some(endpoint.into()),
            region: DEFAULT_REGION.to_owned(),
            bucket: DEFAULT_BUCKET.to_owned(),
            access_key: access_key.into(),
            secret_key: secret_key.into(),
        }
    }

    pub(super) fn sdk_config(&self) -> Result<aws_sdk_s3::Config, ObjectStoreError> {
        self.check()?;
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region.clone()))
            .credentials_provider(Credentials::new(
                self.access_key.clone(),
                self.secret_key.expose(),
                None,
                None,
                "configuration",
            ))
            .force_path_style(true)
            .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .build(),
            )
            // Every body is signed with its SHA-256 already. The SDK's own CRC on top of it costs time and is
            // what S3's relatives trip over; operations that demand a checksum still get one.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        if let Some(endpoint) = &self.endpoint {
            config = config.endpoint_url(endpoint.trim_end_matches('/'));
        }
        Ok(config.build())
    }

    fn check(&self) -> Result<(), ObjectStoreError> {
        let wrong =
            |setting, reason: &str| Err(ObjectStoreError::Config { setting, reason: reason.to_owned() });
        if let Some(endpoint) = &self.endpoint {
            let host = endpoint.strip_prefix("http://").or_else(|| endpoint.strip_prefix("https://"));
            if host.is_none_or(|host| {
                host.is_empty() || host.starts_with(['/', ':']) || host.contains(['@', ' '])
            }) {
                return wrong(
                    "endpoint",
                    "it must be a URL without user and password, like http://127.0.0.1:8333 or https://s3.example.com",
                );
            }
        }
        let bucket_signs =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
        if !(3..=63).contains(&self.bucket.len()) || !self.bucket.bytes().all(bucket_signs) {
            return wrong("bucket", "it must have 3 to 63 lower-case letters, digits, dots and dashes");
        }
        if self.region.is_empty() {
            return wrong("region", "it is empty; us-east-1 suits stores that have no regions");
        }
        if self.access_key.is_empty() || self.secret_key.expose().is_empty() {
            return wrong("credentials", "both the access key and the secret key must be given");
        }
        Ok(())
    }
}

impl fmt::Debug for ObjectStoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStoreConfig")
            .field("endpoint", &self.endpoint)
            .field("region", &self.region)
            .field("bucket", &self.bucket)
            .field("access_key", &"[redacted]")
            .field("secret_key", &self.secret_key)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_credentials() {
        let shown =
            format!("{:?}", ObjectStoreConfig::at("http://localhost:8333", "AKIDEXAMPLE", "wJalrXUtn"));
        assert!(shown.contains("localhost:8333"));
        assert!(!shown.contains("AKID") && !shown.contains("wJal"), "{shown}");
    }

    #[test]
    fn says_which_setting_is_wrong() {
        let good = ObjectStoreConfig::at("http://localhost:8333/", "a", "s");
        assert!(good.sdk_config().is_ok());
        let wrong_setting = |config: ObjectStoreConfig| match config.sdk_config() {
            Err(ObjectStoreError::Config { setting, .. }) => setting,
            _ => "none",
        };
        assert_eq!(
            wrong_setting(ObjectStoreConfig { endpoint: Some("localhost:8333".into()), ..good.clone() }),
            "endpoint"
        );
        assert_eq!(
            wrong_setting(ObjectStoreConfig { endpoint: Some("http://".into()), ..good.clone() }),
            "endpoint"
        );
        assert_eq!(
            wrong_setting(ObjectStoreConfig { bucket: "Lead_Imports".into(), ..good.clone() }),
            "bucket"
        );
        assert_eq!(wrong_setting(ObjectStoreConfig { region: String::new(), ..good.clone() }), "region");
        assert_eq!(wrong_setting(ObjectStoreConfig { secret_key: "".into(), ..good }), "credentials");
    }
}
