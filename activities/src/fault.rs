//! Why an activity did not do its work, and whether trying again may help.
//!
//! `Fault` is deliberately no `std::error::Error`: a bare `?` of one in an activity's body would be retried for
//! ever without a type, and so does not compile. [`Fault::into_activity_error`] is the only way out, and the one
//! place where the SDK's failures are built.

use std::error::Error as StdError;
use std::time::Duration;

use domain::FailureCode;
use entities::DbError;
use intake::ReadError;
use providers::object_store::ObjectStoreError;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::activities::ActivityError;

/// What may be done about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The same call may succeed later.
    Transient,
    /// It will not, whoever repeats it.
    Permanent,
    /// The workflow asked the activity to stop.
    Cancelled,
}

/// Why an activity did not do its work.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    code: FailureCode,
    /// What happened, where, and what to do. Stored in Temporal and shown to people: never a cell of a file.
    message: String,
    /// The same for the person who uploaded the file, where that may quote the file's header: it reaches the
    /// database as an encrypted detail, past logs and past what Temporal shows in the clear.
    for_uploader: Option<String>,
    /// When to try again, where that is known better than by trying.
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Fault {
    /// Something that may pass.
    pub fn transient(code: FailureCode, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let source = source.into();
        Self {
            kind: FaultKind::Transient,
            code,
            message: source.to_string(),
            for_uploader: None,
            retry_after: None,
            source: Some(source),
        }
    }

    /// Something that will not.
    pub fn permanent(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            kind: FaultKind::Permanent,
            code,
            message: message.into(),
            for_uploader: None,
            retry_after: None,
            source: None,
        }
    }

    /// The workflow asked to stop.
    pub fn cancelled() -> Self {
        Self {
            kind: FaultKind::Cancelled,
            code: FailureCode::UploadCancelled,
            message: "cancelled".to_owned(),
            for_uploader: None,
            retry_after: None,
            source: None,
        }
    }

    /// Has it tried again after so long, and not before.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Keeps what caused it, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What may be done about it.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// Its code.
    pub fn code(&self) -> FailureCode {
        self.code
    }

    /// What happened, where, and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Logs the fault with its causes, once, and hands it to Temporal.
    pub fn into_activity_error(self, activity: &'static str) -> ActivityError {
        let causes = self.causes();
        match self.kind {
            FaultKind::Cancelled => return ActivityError::cancelled(),
            FaultKind::Transient => {
                tracing::warn!(activity, code = %self.code, causes, "activity failed, will be tried again");
            }
            FaultKind::Permanent => {
                tracing::error!(activity, code = %self.code, causes, "activity failed for good");
            }
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place of the activities where failures are built"
        )]
        let failure = ApplicationFailure::builder(self.message)
            .type_name(self.code.as_str().to_owned())
            .non_retryable(self.kind == FaultKind::Permanent)
            .maybe_details(self.for_uploader)
            .maybe_next_retry_delay(self.retry_after)
            .build();
        ActivityError::application(failure)
    }

    fn causes(&self) -> String {
        let mut causes = self.message.clone();
        let mut next: Option<&(dyn StdError + 'static)> =
            self.source.as_ref().map(|source| source.as_ref() as &(dyn StdError + 'static));
        while let Some(cause) = next {
            causes.push_str(": ");
            causes.push_str(&cause.to_string());
            next = cause.source();
        }
        causes
    }
}

impl From<DbError> for Fault {
    fn from(error: DbError) -> Self {
        if error.is_transient() {
            Self::transient(FailureCode::SystemUnavailable, error)
        } else {
            Self::permanent(FailureCode::SystemInternal, error.to_string()).because(error)
        }
    }
}

impl From<ObjectStoreError> for Fault {
    fn from(error: ObjectStoreError) -> Self {
        if error.is_transient() {
            Self::transient(FailureCode::UploadStorageUnavailable, error)
        } else if error.is_not_found() {
            Self::permanent(
                FailureCode::UploadObjectMissing,
                "the stored file is not in object storage any more; upload it again",
            )
            .because(error)
        } else {
            Self::permanent(FailureCode::SystemInternal, error.to_string()).because(error)
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        let mut words = format!("expected {}, got {}", error.expected(), error.got());
        if let Some(line) = error.line() {
            words = format!("line {line}: {words}");
        }
        let mut fault = Self::permanent(error.code(), error.to_string());
        fault.for_uploader = Some(format!("{words}. {}", error.advice()));
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_temporal_what_may_be_retried_and_by_which_name() {
        let ActivityError::Application(failure) =
            Fault::permanent(FailureCode::UploadMissingColumns, "no such column").into_activity_error("test")
        else {
            panic!("an application failure");
        };
        assert_eq!(failure.type_name(), Some("upload.missing_columns"));
        assert!(failure.is_non_retryable());

        let ActivityError::Application(failure) =
            Fault::transient(FailureCode::SystemUnavailable, "gone").into_activity_error("test")
        else {
            panic!("an application failure");
        };
        assert!(!failure.is_non_retryable());
        assert!(matches!(Fault::cancelled().into_activity_error("test"), ActivityError::Cancelled { .. }));
    }

    #[test]
    fn keeps_the_causes() {
        let fault =
            Fault::permanent(FailureCode::SystemInternal, "outer").because(std::io::Error::other("inner"));
        assert_eq!(fault.causes(), "outer: inner");
    }
}
