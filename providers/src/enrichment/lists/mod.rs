//! Vendors that sell lists: pages of properties for a question, the newest record first.
//!
//! A [`ListSource`] is one vendor's list product. As with people, it is pure but for the sending: it retries, waits, caches
//! and counts nothing, and what a status means is the same table as for [`EnrichmentProvider`](super::EnrichmentProvider).

mod batchdata;
mod page;
mod question;
mod source;

use std::sync::Arc;

use self::batchdata::PropertySearch;
use super::{EnrichmentSettings, NoCertificates};
use crate::transport::Transport;

pub use page::{ListPage, ListedProperty};
pub use question::{ListQuestion, QuestionError};
pub use source::{ListCapabilities, ListOutcome, ListSource, ListSourceId, ListWindow};

/// The list sources that can be asked.
#[derive(Debug, Clone)]
pub struct ListSources {
    sources: Vec<Arc<dyn ListSource>>,
}

impl ListSources {
    /// Those whose vendor is configured, with connections of their own.
    ///
    /// # Errors
    /// [`NoCertificates`] where a vendor is called over HTTPS and this machine trusts nobody.
    pub fn connect(settings: &EnrichmentSettings) -> Result<Self, NoCertificates> {
        let mut sources: Vec<Arc<dyn ListSource>> = Vec::new();
        if let Some(access) = &settings.batchdata {
            let transport = Arc::new(Transport::new(access.base_url.starts_with("https://"))?);
            let search = PropertySearch::new(access.base_url.clone(), access.key.clone(), transport);
            sources.push(Arc::new(search));
        }
        Ok(Self { sources })
    }

    /// A source; `None` where its vendor is not configured.
    pub fn get(&self, id: ListSourceId) -> Option<&Arc<dyn ListSource>> {
        self.sources.iter().find(|source| source.id() == id)
    }
}
