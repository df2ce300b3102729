//! What every vendor of the waterfall can do.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use domain::named_enum;

use super::{CallOutcome, Capabilities, LateAnswer, MissingInput, Subject, Wanted};

named_enum! {
    /// A vendor. Its word is what the database and the API know it by.
    ProviderId {
        /// Melissa Personator: addresses, address keys, appended contacts.
        Melissa = "melissa",
        /// BatchData skip trace: owners of properties and their contacts.
        BatchData = "batchdata",
        /// RealEstateAPI skip trace: likewise.
        RealEstateApi = "realestateapi",
        /// Apollo: people in business.
        Apollo = "apollo",
        /// Twilio Lookup: what kind of line a number is.
        TwilioLookup = "twilio_lookup",
        /// TransUnion TLOxp. By contract only.
        Tlo = "tlo",
        /// Idiodata. By contract only.
        Idiodata = "idiodata",
    }
}

/// What goes with one call beside the question.
#[derive(Clone, PartialEq, Eq)]
pub struct CallContext {
    /// Where a vendor that answers later is to send the rest: an HTTPS address nobody can guess, made for this call
    /// alone. Without one, such a vendor is asked only for what it can answer at once.
    pub callback_url: Option<String>,
    /// How long the whole call may take, from the first byte to the last. Opening the connection has a limit of its own
    /// inside of it.
    pub timeout: Duration,
}

impl Default for CallContext {
    /// No callback, 30 seconds.
    fn default() -> Self {
        Self { callback_url: None, timeout: Duration::from_secs(30) }
    }
}

impl fmt::Debug for CallContext {
    /// Whoever knows the callback may write to it, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext")
            .field("callback_url", &self.callback_url.as_ref().map(|_| "[redacted]"))
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// What a vendor says when asked for an answer that was to come later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Polled {
    /// It is here.
    Ready(Vec<LateAnswer>),
    /// Not yet.
    NotYet {
        /// How long the vendor wants to be left alone, where it says.
        retry_after: Option<Duration>,
    },
    /// It never will be: the vendor does not know the request, or knows no polling.
    Never {
        /// Why.
        detail: String,
    },
}

/// One vendor. Stateless but for its connections: it neither retries nor waits nor counts money, which is for the
/// caller to do across all workers.
#[async_trait]
pub trait EnrichmentProvider: fmt::Debug + Send + Sync {
    /// Which one.
    fn id(&self) -> ProviderId;

    /// What it gives, takes and allows.
    fn capabilities(&self) -> Capabilities;

    /// Whether the subject tells enough to ask this vendor for that, so that no call is paid or refused for nothing.
    ///
    /// # Errors
    /// [`MissingInput`] says what is missing; also where the vendor can add nothing of what is wanted.
    fn requirements(&self, subject: &Subject, wanted: Wanted) -> Result<(), MissingInput>;

    /// What makes two requests the same: SHA-256 of everything that would be sent about the subject, in one form
    /// whatever its case and spacing. The subject's key is no part of it. Equal requests have equal hashes in every
    /// process and release.
    fn request_hash(&self, subject: &Subject, wanted: Wanted) -> [u8; 32];

    /// Asks, by one HTTP call at most. Every subject gets its verdict, in the order of `subjects`; those that
    /// [`requirements`](Self::requirements) refuses get [`Permanent`](super::Verdict::Permanent) and are not sent. More
    /// subjects than [`Capabilities::most_subjects`] are all refused so.
    async fn lookup(&self, subjects: &[Subject], wanted: Wanted, context: &CallContext) -> CallOutcome;

    /// Asks for an answer that was to come later, by the id in [`Pending`](super::Verdict::Pending). Free of charge.
    async fn poll(&self, request_id: &str, context: &CallContext) -> Polled {
        let _ = (request_id, context);
        Polled::Never { detail: format!("{} answers at once", self.id()) }
    }
}
