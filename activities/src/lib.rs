#![doc = include_str!("../README.md")]

pub mod campaign;
pub mod conversation;
pub mod deliverable;
pub mod enrich;
pub mod fault;
pub mod heartbeat;
pub mod model;
pub mod pull;
pub mod relay;
pub mod sending;
pub mod sweeps;
pub mod upload;
pub mod upload_undo;

use entities::Database;
use providers::lists::ListSources;
use providers::notice::Notifier;
use providers::object_store::ObjectStore;
use providers::verify::EmailVerifier;
use workflows::codec::KeyRing;

pub use enrich::Vendors;
pub use fault::Fault;
pub use model::Models;
pub use sending::{Mailer, Texters};

/// What activities work with.
#[derive(Debug, Clone)]
pub struct Resources {
    /// The database, as the application role.
    pub db: Database,
    /// Object storage.
    pub store: ObjectStore,
    /// Vendors that can be asked about leads.
    pub vendors: Vendors,
    /// Lists that can be pulled.
    pub lists: ListSources,
    /// Says whether e-mail addresses take mail; `None` where nobody is to be asked.
    pub mailboxes: Option<EmailVerifier>,
    /// Vendors that carry texts.
    pub texters: Texters,
    /// Who carries e-mail.
    pub mail: Mailer,
    /// What asks teams' language models.
    pub models: Models,
    /// What tells teams' endpoints.
    pub notifier: Notifier,
    /// The keys under which secrets are kept in the database.
    pub keys: KeyRing,
}
