//! What every list source can do.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use domain::named_enum;

use super::batchdata;
use super::{ListPage, ListQuestion, QuestionError};
use crate::enrichment::{ProviderId, UsageHeaders, Verdict};

named_enum! {
    /// A list that can be pulled. Its word is what the database and the API know it by.
    ListSourceId {
        /// BatchData's property search.
        BatchData = "batchdata",
    }
}

impl ListSourceId {
    /// The vendor whose account pays for it.
    pub const fn provider(self) -> ProviderId {
        match self {
            Self::BatchData => ProviderId::BatchData,
        }
    }

    /// Whether the question can be asked, before anything is paid and wherever the key to the vendor is.
    ///
    /// # Errors
    /// [`QuestionError`], with the field that is wrong.
    pub fn check(self, question: &ListQuestion) -> Result<(), QuestionError> {
        match self {
            Self::BatchData => batchdata::check(question),
        }
    }
}

/// What is to be known of a list before asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCapabilities {
    /// The most records a page may ask for; never less than 1.
    pub most_records: u32,
    /// What one record costs, in micro-dollars, unless the team agreed on something else.
    pub price_micros: i64,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListWindow {
    /// Records before it.
    pub skip: u64,
    /// The most records in it. A vendor may give fewer although there are more.
    pub take: u32,
}

/// What came of asking for a page.
#[derive(Clone, PartialEq, Eq)]
pub struct ListOutcome {
    /// The page, or a verdict that is none: rate limited, transient, permanent, account stop or unknown.
    pub page: Result<ListPage, Verdict>,
    /// What the headers tell of the account's limits.
    pub usage: UsageHeaders,
    /// The body as it came; empty where none came. Personal data: to be stored encrypted.
    pub raw: Bytes,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
}

impl fmt::Debug for ListOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListOutcome")
            .field("page", &self.page)
            .field("usage", &self.usage)
            .field("raw", &format_args!("{} bytes", self.raw.len()))
            .field("status", &self.status)
            .finish()
    }
}

/// A vendor's list. The same question gives the same list, the newest record first: what is added shifts the rest down.
#[async_trait]
pub trait ListSource: fmt::Debug + Send + Sync {
    /// Which.
    fn id(&self) -> ListSourceId;

    /// What it gives and costs.
    fn capabilities(&self) -> ListCapabilities;

    /// Asks for a part of the list. One HTTP call that takes `timeout` at the most and is never repeated.
    async fn fetch(&self, question: &ListQuestion, window: ListWindow, timeout: Duration) -> ListOutcome;

    /// Reads a body again that an earlier [`fetch`](Self::fetch) brought.
    ///
    /// # Errors
    /// The [`Verdict`] of a body that holds no page; one that cannot be read is unknown and possibly charged.
    fn read(&self, body: &[u8]) -> Result<ListPage, Verdict>;
}
