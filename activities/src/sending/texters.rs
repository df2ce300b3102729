//! The vendors that carry messages, and how an installation calls them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use providers::sms::SmsProvider;

/// How an installation sends.
#[derive(Debug, Clone)]
pub struct SendPolicy {
    /// Calls under way at once in one batch.
    pub concurrency: usize,
    /// How long one call may take; after that nobody knows what came of it.
    pub call_timeout: Duration,
    /// How long a batch holds what it has claimed. Longer than a call may take.
    pub lease: Duration,
    /// A wait up to this, for a slot or for what is due soon, is sat out within the batch.
    pub longest_wait: Duration,
    /// How long a vendor is left alone that wants to be and does not say how long.
    pub default_retry_after: Duration,
    /// Calls in a row that did not get through, after which the vendor is left alone for a while.
    pub most_trouble: u32,
    /// How long after a message its delivery report is asked for, where none has come.
    pub missed_after: Duration,
}

impl Default for SendPolicy {
    fn default() -> Self {
        Self {
            concurrency: 64,
            call_timeout: Duration::from_secs(20),
            lease: Duration::from_secs(60),
            longest_wait: Duration::from_secs(5),
            default_retry_after: Duration::from_secs(30),
            most_trouble: 10,
            missed_after: Duration::from_secs(60),
        }
    }
}

/// The vendors that carry messages, by their words.
#[derive(Clone, Default)]
pub struct Texters {
    all: Arc<BTreeMap<&'static str, Arc<dyn SmsProvider>>>,
    pub(crate) policy: Arc<SendPolicy>,
}

impl fmt::Debug for Texters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texters").field("all", &self.all.keys()).field("policy", &self.policy).finish()
    }
}

impl Texters {
    /// These vendors, called as `policy` says.
    pub fn new(providers: impl IntoIterator<Item = Arc<dyn SmsProvider>>, policy: SendPolicy) -> Self {
        let all = providers.into_iter().map(|provider| (provider.id().as_str(), provider)).collect();
        Self { all: Arc::new(all), policy: Arc::new(policy) }
    }

    /// The words of all of them: each has a task queue.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.all.keys().copied()
    }

    /// A vendor by its word; `None` where it is not configured.
    pub(crate) fn get(&self, word: &str) -> Option<&Arc<dyn SmsProvider>> {
        self.all.get(word)
    }
}
