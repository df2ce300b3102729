//! What every vendor of texts can do.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::named_enum;

use super::{
    Bought, Found, MissedEvents, NumberOffer, OutgoingText, OwnedNumber, SendOutcome, SmsFault, Sought,
    StatusReport,
};

named_enum! {
    /// A vendor. Its word is what the database, the API and task queues (`send.{word}`) know it by.
    SmsProviderId {
        /// SignalHouse, API version 2.
        SignalHouse = "signalhouse",
        /// Twilio Messages.
        Twilio = "twilio",
    }
}

/// One vendor. Stateless but for its connections: it neither retries nor waits nor asks whether somebody may be written to,
/// which is for the caller to do across all workers.
#[async_trait]
pub trait SmsProvider: fmt::Debug + Send + Sync {
    /// Which one.
    fn id(&self) -> SmsProviderId;

    /// Sends, by one HTTP call and no more. Every way in which that can end is an outcome, not an error: what is
    /// [`Unknown`](SendOutcome::Unknown) may have been sent.
    async fn send(&self, text: &OutgoingText) -> SendOutcome;

    /// Looks for a message whose fate is unknown in the vendor's own record. Free of charge.
    ///
    /// # Errors
    /// [`SmsFault`]: the vendor could not be asked, so nothing is known yet.
    async fn find(&self, sought: &Sought) -> Result<Found, SmsFault>;

    /// What the vendor knows of messages whose reports did not come, by its ids, at most 100. Those it does not know are left
    /// out. Free of charge.
    ///
    /// # Errors
    /// [`SmsFault`]: the vendor could not be asked.
    async fn reports(&self, external_ids: &[String]) -> Result<Vec<StatusReport>, SmsFault>;

    /// What happened since then by the vendor's own record, in case a webhook was lost; `page` is
    /// [`MissedEvents::next`] of the page before. Events that were delivered are among them: dedupe by
    /// [`SmsEvent::key`](super::SmsEvent::key).
    ///
    /// # Errors
    /// [`SmsFault`]: the vendor could not be asked.
    async fn events_since(&self, since: DateTime<Utc>, page: Option<&str>) -> Result<MissedEvents, SmsFault>;

    /// The numbers we have there.
    ///
    /// # Errors
    /// [`SmsFault`]: the vendor could not be asked.
    async fn numbers(&self) -> Result<Vec<OwnedNumber>, SmsFault>;

    /// Numbers with this area code (three digits) that can be bought, at most `most`. Free of charge.
    ///
    /// # Errors
    /// [`SmsFault`]: the vendor could not be asked.
    async fn offers(&self, area_code: &str, most: u16) -> Result<Vec<NumberOffer>, SmsFault>;

    /// Buys a number, which is charged at once and, as a rule, every month. `key` makes two calls the same purchase where the
    /// vendor knows of that. `hook` is the address of ours to which what is written to the number is posted, and calls below it at
    /// `/voice`, by vendors who know an address for each number (Twilio); SignalHouse reports to its group's webhook.
    ///
    /// # Errors
    /// [`SmsFault`]: it was surely not bought.
    async fn buy(&self, offer: &NumberOffer, key: &str, hook: Option<&str>) -> Result<Bought, SmsFault>;
}
