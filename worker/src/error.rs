//! Why a worker did not start, or broke off.

/// Why a worker did not start, or broke off.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The database cannot be used.
    #[error("the database cannot be used; check DATABASE_URL, and whether `refinery migrate` has run")]
    Database(#[from] entities::DbError),
    /// Object storage cannot be used.
    #[error("object storage cannot be used; check the S3_ variables")]
    ObjectStore(#[from] providers::object_store::ObjectStoreError),
    /// Vendors cannot be called from here.
    #[error("the vendors of enrichment cannot be called from this machine")]
    Vendors(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The configured address is no address.
    #[error(transparent)]
    Address(#[from] temporal::AddressError),
    /// Temporal refuses us.
    #[error(transparent)]
    Temporal(#[from] temporal::ConnectError),
    /// The search attributes that workflows set cannot be made known to Temporal.
    #[error(
        "Temporal does not know the search attributes {missing} and does not let them be added; add them by hand: \
         temporal operator search-attribute create --type Keyword --name …"
    )]
    SearchAttributes {
        /// Those that are missing.
        missing: String,
        /// What Temporal said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The SDK's worker cannot be made.
    #[error("the worker cannot be set up")]
    SetUp(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The SDK's worker broke off.
    #[error("the worker broke off")]
    Broke(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The worker's thread cannot be started, or panicked.
    #[error("the worker's thread {0}")]
    Thread(String),
}
