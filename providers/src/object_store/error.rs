//! What can go wrong between us and the object store, and whether trying again may help.

use std::error::Error as StdError;
use std::io;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::ObjectKey;

/// An error of whatever kind, as a cause.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// Why the object store did not do what was asked. The texts name the key without the file name in it, so they
/// may be logged.
#[derive(Debug, thiserror::Error)]
pub enum ObjectStoreError {
    /// There is no such object.
    #[error("the object store has no object {key:?}: it was deleted or its upload never finished")]
    NotFound {
        /// Its key.
        key: ObjectKey,
    },
    /// The whole S3 bucket is not there.
    #[error("the object store has no bucket {bucket:?}: create it, or correct the configured bucket name")]
    NoBucket {
        /// The configured bucket.
        bucket: String,
    },
    /// The store cannot be reached, is too slow or is in trouble itself. Trying again later may help.
    #[error("the object store is unavailable ({action}): check that it runs and that the endpoint is right")]
    Unavailable {
        /// What was being done.
        action: &'static str,
        /// What the store or the connection said.
        #[source]
        source: BoxError,
    },
    /// The store does not accept these credentials for this.
    #[error("the object store refused {action}: check the access key, the secret key and their permissions")]
    Denied {
        /// What was being done.
        action: &'static str,
        /// What the store said.
        #[source]
        source: BoxError,
    },
    /// The body is longer than allowed. Nothing of it was kept.
    #[error("the body is longer than the {limit} bytes allowed: split the file")]
    TooLarge {
        /// The longest body allowed, in bytes.
        limit: u64,
    },
    /// The sender's body broke off or could not be read. Nothing of it was kept.
    #[error("the body could not be read to its end: send it again")]
    Body(#[source] BoxError),
    /// The configuration is not usable.
    #[error("the object store's {setting} is not usable: {reason}")]
    Config {
        /// Which setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Anything else: an answer that was not expected. Trying again does not help.
    #[error("the object store did not do {action} as expected")]
    Other {
        /// What was being done.
        action: &'static str,
        /// What happened.
        #[source]
        source: BoxError,
    },
}

impl ObjectStoreError {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether it is the object itself that is missing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// An answer that makes no sense.
    pub(super) fn unexpected(action: &'static str, what: impl Into<BoxError>) -> Self {
        Self::Other { action, source: what.into() }
    }
}

impl From<ObjectStoreError> for io::Error {
    /// So that a body can be read through `AsyncRead`; the error stays inside as the cause.
    fn from(error: ObjectStoreError) -> Self {
        let kind = match &error {
            ObjectStoreError::NotFound { .. } | ObjectStoreError::NoBucket { .. } => io::ErrorKind::NotFound,
            ObjectStoreError::Denied { .. } => io::ErrorKind::PermissionDenied,
            ObjectStoreError::Unavailable { .. } => io::ErrorKind::ConnectionAborted,
            ObjectStoreError::TooLarge { .. } => io::ErrorKind::FileTooLarge,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// What was being done, to whom: what an SDK error is turned into one of ours with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt<'a> {
    pub(super) action: &'static str,
    pub(super) bucket: &'a str,
    pub(super) key: Option<&'a ObjectKey>,
}

impl Attempt<'_> {
    /// Sorts an SDK error. The sorting goes by status first, because answers to HEAD have no body and so no
    /// code, and because S3's many relatives agree on statuses more than on codes.
    pub(super) fn failed<E>(self, error: SdkError<E, HttpResponse>) -> ObjectStoreError
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let action = self.action;
        let status = error.raw_response().map(|answer| answer.status().as_u16());
        match &error {
            SdkError::TimeoutError(_) | SdkError::ResponseError(_) => {
                ObjectStoreError::Unavailable { action, source: error.into() }
            }
            SdkError::DispatchFailure(failure) if !failure.is_user() => {
                ObjectStoreError::Unavailable { action, source: error.into() }
            }
            SdkError::ServiceError(service) => match (status, service.err().code(), self.key) {
                (_, Some("NoSuchBucket"), _) | (Some(404), _, None) => {
                    ObjectStoreError::NoBucket { bucket: self.bucket.to_owned() }
                }
                // The multipart upload was swept away or its completion was already answered: the whole write
                // may be done again.
                (_, Some("NoSuchUpload"), _) => {
                    ObjectStoreError::Unavailable { action, source: error.into() }
                }
                (Some(404), _, Some(key)) => ObjectStoreError::NotFound { key: key.clone() },
                (Some(401 | 403), _, _) => ObjectStoreError::Denied { action, source: error.into() },
                (Some(408 | 409 | 429 | 500 | 502..=599), _, _)
                | (_, Some("SlowDown" | "RequestTimeout"), _) => {
                    ObjectStoreError::Unavailable { action, source: error.into() }
                }
                _ => ObjectStoreError::Other { action, source: error.into() },
            },
            _ => ObjectStoreError::Other { action, source: error.into() },
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::config::http::HttpResponse;
    use aws_sdk_s3::error::ConnectorError;
    use aws_sdk_s3::operation::get_object::GetObjectError;
    use aws_sdk_s3::primitives::SdkBody;

    use super::*;

    fn key() -> ObjectKey {
        "team_01J9ZW4Q0C3T5V7X9YABCDEFGH/archive/x.csv.gz".parse().expect("a key")
    }

    fn answered(status: u16, code: &str, key: Option<&ObjectKey>) -> ObjectStoreError {
        let error = GetObjectError::generic(aws_sdk_s3::error::ErrorMetadata::builder().code(code).build());
        let raw = HttpResponse::new(status.try_into().expect("a status"), SdkBody::empty());
        Attempt { action: "reading", bucket: "b", key }.failed(SdkError::service_error(error, raw))
    }

    #[test]
    fn sorts_answers() {
        let key = key();
        assert!(answered(404, "NoSuchKey", Some(&key)).is_not_found());
        assert!(matches!(answered(404, "NoSuchBucket", Some(&key)), ObjectStoreError::NoBucket { .. }));
        assert!(matches!(answered(404, "", None), ObjectStoreError::NoBucket { .. }));
        assert!(matches!(
            answered(403, "SignatureDoesNotMatch", Some(&key)),
            ObjectStoreError::Denied { .. }
        ));
        assert!(matches!(answered(501, "NotImplemented", Some(&key)), ObjectStoreError::Other { .. }));
        assert!(!answered(400, "InvalidArgument", Some(&key)).is_transient());
        for status in [429, 500, 503, 504] {
            assert!(answered(status, "", Some(&key)).is_transient(), "{status}");
        }
    }

    #[test]
    fn a_refused_connection_is_transient_and_keeps_its_cause() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let error: SdkError<GetObjectError, HttpResponse> =
            SdkError::dispatch_failure(ConnectorError::io(refused.into()));
        let error = Attempt { action: "reading", bucket: "b", key: None }.failed(error);
        assert!(error.is_transient());
        assert!(error.source().is_some());
    }
}
