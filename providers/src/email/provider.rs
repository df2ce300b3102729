//! What whoever carries e-mail can do.

use std::fmt;

use async_trait::async_trait;

use super::{OutgoingEmail, SendOutcome};

/// Whoever carries e-mail. It neither retries nor waits nor asks whether somebody may be written to.
#[async_trait]
pub trait EmailProvider: fmt::Debug + Send + Sync {
    /// Its word for the database, the API and task queues.
    fn name(&self) -> &'static str;

    /// Hands one message over. [`Accepted`](SendOutcome::Accepted) tells its `Message-ID`.
    /// [`Unknown`](SendOutcome::Unknown) cannot be looked up anywhere: sent again under the same key it has the same
    /// `Message-ID`, by which most mailboxes show it once \[K\]; whether to do so is the caller's to decide.
    async fn send(&self, email: &OutgoingEmail) -> SendOutcome;
}
