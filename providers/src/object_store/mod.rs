//! Objects in an S3-compatible store: uploads as they came, their metadata, archives and bucket indexes.

mod config;
mod delete;
mod error;
mod filename;
mod list;
mod multipart;
mod object_key;
mod read;
mod stale;
mod upload;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use backon::{ExponentialBuilder, Retryable};

pub use config::{DEFAULT_BUCKET, DEFAULT_REGION, ObjectStoreConfig};
pub use error::{BoxError, ObjectStoreError};
pub use filename::{MAX_FILENAME_LEN, sanitize_csv_filename, sanitize_filename};
pub use list::ListedObject;
pub use object_key::{KeyPrefix, ObjectKey, ObjectKeyError};
pub use read::{Download, ObjectHead};
pub use upload::Stored;
pub use writer::{MultipartWriter, PART_SIZE, PARTS_IN_FLIGHT};

use config::ATTEMPTS;
use error::Attempt;

/// How long [`ObjectStore::ping`] waits for an answer.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// One S3 bucket and the right to use it. Cheap to clone; clones share connections.
///
/// Every call is tried three times by the SDK (standard mode: exponential backoff with jitter and a retry
/// quota) before it fails with a transient error, unless it says otherwise.
#[derive(Clone)]
pub struct ObjectStore {
    client: aws_sdk_s3::Client,
    bucket: Arc<str>,
    region: Arc<str>,
}

impl ObjectStore {
    /// A store with this configuration. Nothing is sent yet: [`ping`](Self::ping) and
    /// [`wait_ready`](Self::wait_ready) say whether it is there.
    ///
    /// # Errors
    /// [`ObjectStoreError::Config`] when a setting cannot be right.
    pub fn connect(config: &ObjectStoreConfig) -> Result<Self, ObjectStoreError> {
        Ok(Self {
            client: aws_sdk_s3::Client::from_conf(config.sdk_config()?),
            bucket: config.bucket.as_str().into(),
            region: config.region.as_str().into(),
        })
    }

    /// The S3 bucket all keys are in.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Asks once, for at most two seconds and without retries, whether the store answers, accepts our
    /// credentials and has our bucket.
    ///
    /// # Errors
    /// [`ObjectStoreError::Unavailable`], [`ObjectStoreError::Denied`], [`ObjectStoreError::NoBucket`].
    pub async fn ping(&self) -> Result<(), ObjectStoreError> {
        let once = aws_sdk_s3::config::Builder::new()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(PING_TIMEOUT).build());
        let request = self.client.head_bucket().bucket(self.bucket()).customize().config_override(once);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.attempt("looking for the bucket", None).failed(error)),
        }
    }

    /// Waits until the store answers (with or without our bucket), asking again for about `patience` while it
    /// cannot be reached.
    ///
    /// The SDK retries three times within a second or two, which is right for a request and too short for a
    /// store that is just starting; hence a backoff of our own here.
    ///
    /// # Errors
    /// [`ObjectStoreError::Unavailable`] when patience ran out, [`ObjectStoreError::Denied`] at once.
    pub async fn wait_ready(&self, patience: Duration) -> Result<(), ObjectStoreError> {
        let backoff = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_secs(1))
            .without_max_times()
            .with_total_delay(Some(patience));
        let answer = (|| self.ping()).retry(backoff).when(ObjectStoreError::is_transient).await;
        match answer {
            Err(ObjectStoreError::NoBucket { .. }) => Ok(()),
            other => other,
        }
    }

    /// Makes the S3 bucket unless it is there already.
    ///
    /// # Errors
    /// Any of the store's errors; [`ObjectStoreError::Denied`] also when the name is somebody else's.
    pub async fn ensure_bucket(&self) -> Result<(), ObjectStoreError> {
        match self.client.head_bucket().bucket(self.bucket()).send().await {
            Ok(_) => return Ok(()),
            Err(error) => match self.attempt("looking for the bucket", None).failed(error) {
                ObjectStoreError::NoBucket { .. } => {}
                other => return Err(other),
            },
        }
        // Amazon wants the region said for all regions but its first.
        let place = (&*self.region != DEFAULT_REGION).then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(&*self.region))
                .build()
        });
        let made = self
            .client
            .create_bucket()
            .bucket(self.bucket())
            .set_create_bucket_configuration(place)
            .send()
            .await;
        match made {
            Ok(_) => Ok(()),
            // Another process was faster.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_bucket_already_owned_by_you()) => {
                Ok(())
            }
            Err(error) => match self.ping().await {
                Ok(()) => Ok(()),
                Err(_) => Err(self.attempt("creating the bucket", None).failed(error)),
            },
        }
    }

    fn attempt<'a>(&'a self, action: &'static str, key: Option<&'a ObjectKey>) -> Attempt<'a> {
        Attempt { action, bucket: self.bucket(), key }
    }

    /// The backoff for what the SDK cannot retry: an answer whose body breaks off after its head was fine.
    fn body_backoff() -> ExponentialBuilder {
        ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(100))
            .with_max_times(ATTEMPTS as usize - 1)
    }
}

impl fmt::Debug for ObjectStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStore").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}
